using MtaSts;

namespace MtaStsHost.Checks.Sts;

/// <summary>
/// A resolver with a cache tells the rest of a record's TTL, not the whole. The longest that was seen of a record while it was out of date comes near
/// to the whole: it is looked at again and again then, and a cache that has fetched it anew starts from the top. One for the process.
/// </summary>
internal sealed class StaleRecordTtls
{
    /// <summary>So many records are not out of date at once, unless it is for good, where nobody asks for the TTL.</summary>
    private const int MaxDomains = 10_000;

    private readonly Dictionary<DomainName, (PolicyId Published, TimeSpan Ttl)> _longest = [];

    private readonly Lock _lock = new();

    /// <param name="published">The old id, which the record still has.</param>
    /// <param name="ttl">As it was told this time.</param>
    public TimeSpan Longest(DomainName domain, PolicyId published, TimeSpan ttl)
    {
        lock (_lock)
        {
            if (_longest.TryGetValue(domain, out var known) && known.Published == published && known.Ttl >= ttl) return known.Ttl;
            if (_longest.Count == MaxDomains) _longest.Clear();
            _longest[domain] = (published, ttl);
            return ttl;
        }
    }

    /// <summary>Its record is up to date.</summary>
    public void Forget(DomainName domain)
    {
        lock (_lock) _longest.Remove(domain);
    }
}
