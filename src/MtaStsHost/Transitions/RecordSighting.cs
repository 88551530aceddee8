using System.Collections.Concurrent;
using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>What a look-up of a domain's TXT record showed.</summary>
internal enum SeenRecord
{
    /// <summary>The look-up failed.</summary>
    Unknown,

    /// <summary>No MTA-STS record.</summary>
    None,

    /// <summary>The record of the policy that is served.</summary>
    Current,

    /// <summary>The record of another server, which serves its own policy.</summary>
    Elsewhere,

    /// <summary>Any other: senders may have fetched any policy of the domain while they saw it.</summary>
    Other,
}

/// <param name="ServedId">Of the policy that is served.</param>
/// <param name="Ttl">Of the answer. The record that it replaced may have had another.</param>
internal sealed record RecordSighting(DomainName Domain, SeenRecord Record, string? ServedId, DateTimeOffset At, TimeSpan Ttl)
{
    /// <summary>A week: what BIND allows at most; others keep a record for less.</summary>
    public static readonly TimeSpan LongestTtl = SqlStore.LongestTtl;

    /// <summary>For how long other resolvers may still have what is no longer there.</summary>
    private TimeSpan RestOfTtl => TimeSpan.FromTicks(
        Math.Clamp(Ttl.Ticks, TimeSpan.FromSeconds(ServedPolicy.TxtTtl).Ticks, LongestTtl.Ticks));

    /// <summary>When no sender saw the id any more under which it holds a policy that is no longer served; <c>null</c>: one may.</summary>
    /// <param name="id">Of that policy.</param>
    /// <param name="known">The same before this look-up.</param>
    public DateTimeOffset? LeftDns(string id, DateTimeOffset? known) => Record switch
    {
        SeenRecord.Unknown => known,
        SeenRecord.Other => null,
        // A fixed Id stays the same when the policy changes.
        SeenRecord.Current when ServedId == id => null,
        _ => known ?? At + RestOfTtl,
    };
}

/// <summary>The latest look-up of each domain, from the checks to the ledger.</summary>
internal sealed class RecordSightings
{
    private readonly ConcurrentDictionary<DomainName, RecordSighting> _latest = [];

    public void Note(RecordSighting sighting) => _latest[sighting.Domain] = sighting;

    /// <returns>Those since the last call.</returns>
    public IReadOnlyList<RecordSighting> Take()
    {
        var all = new List<RecordSighting>();
        foreach (var domain in _latest.Keys)
            if (_latest.TryRemove(domain, out var sighting)) all.Add(sighting);
        return all;
    }
}
