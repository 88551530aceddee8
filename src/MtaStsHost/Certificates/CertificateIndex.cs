using System.Collections.Concurrent;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates;

/// <summary>The part of each stored row that stays in memory: enough for health, and to know that there is something to load. Rows that
/// the store can't keep are here as a whole.</summary>
internal sealed class CertificateIndex
{
    private readonly ConcurrentDictionary<string, CertificateSummary> _byHost = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, CertificateSummary>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly ConcurrentDictionary<string, CertificateSummary> _unreadable = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, CertificateRecord> _kept = new(StringComparer.OrdinalIgnoreCase);

    public CertificateIndex() => _lookup = _byHost.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Raised after a certificate turned out to be unreadable; handlers are quick.</summary>
    public event Action? UnreadableFound;

    public IEnumerable<CertificateSummary> All => _byHost.Select(entry => entry.Value);

    /// <summary>Hosts whose row or certificate can't be read: a new one is to be ordered.</summary>
    public IEnumerable<CertificateSummary> Unreadable => _unreadable.Select(entry => entry.Value);

    /// <summary>Rows that can't be written, since their place in the store is damaged.</summary>
    public IEnumerable<CertificateRecord> Kept => _kept.Select(entry => entry.Value);

    /// <summary>Case-insensitive; allocates nothing.</summary>
    public CertificateSummary? Find(ReadOnlySpan<char> host) => _lookup.TryGetValue(host, out var summary) ? summary : null;

    public CertificateRecord? FindKept(string host) => _kept.GetValueOrDefault(host);

    /// <param name="isAll">All rows of the store: others are gone.</param>
    public void Apply(IReadOnlyList<CertificateSummary> changes, bool isAll = false)
    {
        if (isAll)
        {
            var known = changes.Select(summary => summary.Host).ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var host in _byHost.Keys.Where(host => !known.Contains(host) && !_kept.ContainsKey(host)))
                _byHost.TryRemove(host, out _);
        }

        foreach (var summary in changes)
        {
            _byHost[summary.Host] = summary;
            if (summary.IsDamaged) NoteUnreadable(summary);
            else _unreadable.TryRemove(summary.Host, out _);
        }
    }

    /// <summary>There is nothing to load until the row changes, which spares the store for each handshake.</summary>
    /// <param name="summary">As it was when reading the row failed; a later one is another row.</param>
    public void NoteUnreadable(CertificateSummary summary)
    {
        if (!_byHost.TryUpdate(summary.Host, summary with { NotBefore = null, NotAfter = null }, summary)) return;
        _unreadable[summary.Host] = summary;
        UnreadableFound?.Invoke();
    }

    /// <summary>It is due for a new certificate.</summary>
    public void TakeUnreadable(string host) => _unreadable.TryRemove(host, out _);

    /// <summary>The store can't keep this row, so it is kept here, until the store can or the process ends.</summary>
    public void Keep(CertificateRecord record)
    {
        _kept[record.Host] = record;
        _byHost[record.Host] = new CertificateSummary(record.Host, record.Certificate?.NotBefore, record.Certificate?.NotAfter,
            record.Failure?.Kind, record.DueAt, record.Revision)
        {
            RenewAt = record.RenewAt, DirectoryUrl = record.Certificate?.DirectoryUrl,
        };
    }

    /// <summary>The store has the row again.</summary>
    public void Release(string host) => _kept.TryRemove(host, out _);
}
