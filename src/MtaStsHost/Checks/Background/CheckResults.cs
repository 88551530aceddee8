using System.Collections.Concurrent;

namespace MtaStsHost.Checks.Background;

/// <summary>What the last checks in the background found: warnings and errors, of the domains that are served.</summary>
internal sealed class CheckResults
{
    private readonly ConcurrentDictionary<DomainName, DomainFindings> _results = [];
    private long _checks;

    /// <summary>Checks that came to an end since the start.</summary>
    public long Checks => Interlocked.Read(ref _checks);

    public IEnumerable<KeyValuePair<DomainName, DomainFindings>> All => _results;

    /// <returns><c>null</c>: it has not been checked yet.</returns>
    public DomainFindings? Find(DomainName domain) => _results.GetValueOrDefault(domain);

    public void Set(DomainName domain, DomainFindings findings)
    {
        _results[domain] = findings;
        Interlocked.Increment(ref _checks);
    }

    public void Remove(DomainName domain) => _results.TryRemove(domain, out _);

    public void Clear() => _results.Clear();
}
