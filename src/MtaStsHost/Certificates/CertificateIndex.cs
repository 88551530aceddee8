using System.Collections.Concurrent;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates;

/// <summary>The part of each stored row that stays in memory: enough for health, and to know that there is something to load.</summary>
internal sealed class CertificateIndex
{
    private readonly ConcurrentDictionary<string, CertificateSummary> _byHost = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, CertificateSummary>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public CertificateIndex() => _lookup = _byHost.GetAlternateLookup<ReadOnlySpan<char>>();

    public IEnumerable<CertificateSummary> All => _byHost.Select(entry => entry.Value);

    /// <summary>Case-insensitive; allocates nothing.</summary>
    public CertificateSummary? Find(ReadOnlySpan<char> host) => _lookup.TryGetValue(host, out var summary) ? summary : null;

    public void Apply(IReadOnlyList<CertificateSummary> changes)
    {
        foreach (var summary in changes) _byHost[summary.Host] = summary;
    }
}
