using System.Runtime.CompilerServices;
using MtaStsHost.Serving;

namespace MtaStsHost.Checks.Sts;

/// <summary>A caching resolver returns the rest of a record's TTL. The longest TTL seen of an outdated record comes close to the whole: the
/// record is checked repeatedly then, and a cache that has fetched it again starts from the top. One per process.</summary>
internal sealed class StaleRecordTtls
{
    /// <summary>A domain's statistics live as long as it is served, and so does this.</summary>
    private readonly ConditionalWeakTable<HostStatistics, Stale> _longest = [];

    private sealed record Stale(PolicyId Published, TimeSpan Ttl);

    /// <param name="published">The old id, which the record still has.</param>
    /// <param name="ttl">As it was told this time.</param>
    public TimeSpan Longest(HostStatistics domain, PolicyId published, TimeSpan ttl)
    {
        if (_longest.TryGetValue(domain, out var known) && known.Published == published && known.Ttl >= ttl) return known.Ttl;
        _longest.AddOrUpdate(domain, new Stale(published, ttl));
        return ttl;
    }

    /// <summary>Its record is up to date.</summary>
    public void Forget(HostStatistics domain) => _longest.Remove(domain);
}
