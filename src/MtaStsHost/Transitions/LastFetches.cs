using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>When each policy was last fetched, since the last note. Statistics belong to a host and outlive its policies, so the fetches of
/// a policy that ended are told apart here from those of the policy that replaced it.</summary>
internal sealed class LastFetches
{
    /// <summary>By domain: when the previous policy was last fetched.</summary>
    private readonly Dictionary<string, long> _before = [];

    /// <summary>Of policies that ended, not written down yet.</summary>
    private readonly Dictionary<PolicyKey, DateTimeOffset> _ended = [];

    private ServedSnapshot? _toldApart;
    private long _from;

    /// <summary>One snapshot replaces another. Does nothing the second time, since a store that failed is tried again later.</summary>
    public void TellApart(ServedSnapshot before, ServedSnapshot after, PolicyChanges changes)
    {
        if (ReferenceEquals(after, _toldApart)) return;
        foreach (var key in changes.Ended)
        {
            if (before.TryFind(MtaSts.PolicyFetcher.HostPrefix + key.Domain, out var ended) && IsFetched(ended))
                _ended.TryAdd(key, At(ended));
            _before.Remove(key.Domain);
        }

        foreach (var row in changes.Begun)
        {
            if (after.TryFind(MtaSts.PolicyFetcher.HostPrefix + row.Key.Domain, out var begun) && begun.Statistics.LastServed > 0)
                _before[row.Key.Domain] = begun.Statistics.LastServed;
        }

        _toldApart = after;
    }

    /// <summary>To be written down: the fetches of policies that are served, and of those that have ended.</summary>
    public IReadOnlyCollection<LastFetch> Of(ServedSnapshot served)
    {
        var rows = new PolicyRows();
        var fetched = new Dictionary<PolicyKey, DateTimeOffset>(_ended);
        foreach (var host in served.All.Where(IsFetched)) fetched[rows.KeyOf(host.Policy)] = At(host);
        return [.. fetched.Select(fetch => new LastFetch(fetch.Key, fetch.Value))];
    }

    /// <summary>They are written down.</summary>
    /// <param name="at">When that began.</param>
    public void Noted(DateTimeOffset at)
    {
        _ended.Clear();
        _from = at.ToUnixTimeSeconds();
    }

    private static DateTimeOffset At(ServedHost host) => DateTimeOffset.FromUnixTimeSeconds(host.Statistics.LastServed);

    /// <summary>Since the last note, and since its policy began.</summary>
    private bool IsFetched(ServedHost host) =>
        host.Statistics.LastServed is var at && at > 0 && at >= _from && at > _before.GetValueOrDefault(host.Policy.Domain.Value);
}
