using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>
/// When each policy was fetched last, since the last note. Statistics are of a domain, and live on when its policy changes: the fetches of
/// the one
/// that ended are told apart from those of the one that took its place.
/// </summary>
internal sealed class LastFetches
{
    /// <summary>By domain, when the policy before the one in force was fetched last.</summary>
    private readonly Dictionary<string, long> _before = [];

    /// <summary>Of policies that ended, not written down yet.</summary>
    private readonly Dictionary<PolicyKey, DateTimeOffset> _ended = [];

    private PolicySnapshot? _toldApart;
    private long _from;

    /// <summary>One snapshot takes another's place. Once: a store that fails now is tried again when the new policy has been
    /// fetched.</summary>
    public void TellApart(PolicySnapshot before, PolicySnapshot after, PolicyChanges changes)
    {
        if (ReferenceEquals(after, _toldApart)) return;
        foreach (var key in changes.Ended)
        {
            if (before.TryFind(ServedPolicy.HostPrefix + key.Domain, out var ended) && IsFetched(ended)) _ended.TryAdd(key, At(ended));
            _before.Remove(key.Domain);
        }

        foreach (var row in changes.Begun)
        {
            if (after.TryFind(ServedPolicy.HostPrefix + row.Key.Domain, out var begun)
                && begun.Statistics.LastServed > 0) _before[row.Key.Domain] = begun.Statistics.LastServed;
        }

        _toldApart = after;
    }

    /// <summary>To be written down: of what is in force, and of what has ended.</summary>
    public IReadOnlyCollection<FetchedPolicy> Of(PolicySnapshot inForce)
    {
        var rows = new PolicyRows();
        var fetched = new Dictionary<PolicyKey, DateTimeOffset>(_ended);
        foreach (var policy in inForce.All.Where(IsFetched)) fetched[rows.KeyOf(policy)] = At(policy);
        return [.. fetched.Select(fetch => new FetchedPolicy(fetch.Key, fetch.Value))];
    }

    /// <summary>They are written down.</summary>
    /// <param name="at">When that began.</param>
    public void Noted(DateTimeOffset at)
    {
        _ended.Clear();
        _from = at.ToUnixTimeSeconds();
    }

    private static DateTimeOffset At(ServedPolicy policy) => DateTimeOffset.FromUnixTimeSeconds(policy.Statistics.LastServed);

    /// <summary>Since the last note, and since it took another one's place.</summary>
    private bool IsFetched(ServedPolicy policy) =>
        policy.Statistics.LastServed is var at && at > 0 && at >= _from && at > _before.GetValueOrDefault(policy.Domain.Value);
}
