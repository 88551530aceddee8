using System.Runtime.CompilerServices;
using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>What is to be recorded in the ledger.</summary>
internal sealed record PolicyChanges(IReadOnlyList<StoredPolicy> Begun, IReadOnlyList<PolicyKey> Ended);

/// <summary>Compares what is served with the ledger. Pure, for one round: it remembers texts and hashes of policies that domains share.
/// </summary>
internal sealed class PolicyRows
{
    private readonly ConditionalWeakTable<Policy, Text> _texts = [];

    public PolicyKey KeyOf(ServedPolicy policy)
    {
        var digest = TextOf(policy).Digest;
        // One string where they are the same, which is so unless Id is configured.
        return new PolicyKey(policy.Domain.Value, policy.Id.Value == digest ? digest : policy.Id.Value, digest);
    }

    /// <summary>Since the snapshot that was recorded last.</summary>
    public PolicyChanges Compare(PolicySnapshot before, PolicySnapshot after, DateTimeOffset now)
    {
        var begun = after.All.Where(policy => !IsIn(before, policy)).Select(policy => Row(policy, now)).ToList();
        var ended = before.All.Where(policy => !IsIn(after, policy)).Select(KeyOf).ToList();
        return new PolicyChanges(begun, ended);
    }

    /// <summary>Since another process wrote.</summary>
    public PolicyChanges Compare(IReadOnlyList<PolicyInForce> before, PolicySnapshot after, DateTimeOffset now)
    {
        var known = before.Select(row => row.Key).ToHashSet();
        var begun = new List<StoredPolicy>();
        foreach (var policy in after.All)
        {
            if (!known.Remove(KeyOf(policy))) begun.Add(Row(policy, now));
        }

        return new PolicyChanges(begun, [.. known]);
    }

    /// <summary>Those of a snapshot's policies that have some keys.</summary>
    public static IReadOnlyList<StoredPolicy> Of(PolicySnapshot snapshot, IReadOnlySet<PolicyKey> keys, DateTimeOffset now)
    {
        var rows = new PolicyRows();
        return [.. snapshot.All.Where(policy => keys.Contains(rows.KeyOf(policy))).Select(policy => rows.Row(policy, now))];
    }

    /// <summary>Policies that are served still, and of which it has changed since when their domains are no longer configured.</summary>
    public IReadOnlyList<DomainRemoved> Removed(PolicySnapshot before, PolicySnapshot after) =>
    [
        .. after.All.Where(policy => before.TryFind(policy.Host, out var known) && Departure.SinceOf(known) != Departure.SinceOf(policy))
            .Select(policy => new DomainRemoved(KeyOf(policy), Departure.SinceOf(policy))),
    ];

    /// <summary>The same since another process wrote.</summary>
    public IReadOnlyList<DomainRemoved> Removed(IReadOnlyList<PolicyInForce> before, PolicySnapshot after)
    {
        var known = before.Where(row => row.RemovedAt is not null).ToDictionary(row => row.Key, row => row.RemovedAt);
        return [.. after.All.Where(policy => policy.Removal is not null || known.Count > 0)
            .Select(policy => new DomainRemoved(KeyOf(policy), Departure.SinceOf(policy)))
            .Where(removed => known.GetValueOrDefault(removed.Key) != removed.At)];
    }

    /// <summary>Whether a snapshot has this very policy of the domain, under the same id.</summary>
    public static bool IsIn(PolicySnapshot snapshot, ServedPolicy policy) =>
        snapshot.TryFind(policy.Host, out var other)
            && (ReferenceEquals(other, policy) || (other.Id == policy.Id && IsSame(other.Policy, policy.Policy)));

    /// <summary>The order of mx lines means nothing, and the hash ignores it.</summary>
    private static bool IsSame(Policy one, Policy other) =>
        one.Equals(other) || (one.Mode == other.Mode && one.MaxAge == other.MaxAge && one.Mx.ToHashSet().SetEquals(other.Mx));

    /// <summary>Of a policy that begins now.</summary>
    public StoredPolicy Row(ServedPolicy policy, DateTimeOffset now) =>
        new(KeyOf(policy), TextOf(policy).Body, PolicyModes.ToText(policy.Policy.Mode), policy.Policy.MaxAge, now, now, now, true, null);

    private Text TextOf(ServedPolicy policy) =>
        _texts.TryGetValue(policy.Policy, out var text) ? text
            : _texts.GetValue(policy.Policy, of => new Text(PolicyId.Compute(of).Value, Encoding.ASCII.GetString(policy.Body.Span)));

    private sealed record Text(string Digest, string Body);
}
