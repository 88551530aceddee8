using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>A policy that is no longer served and that senders may hold.</summary>
internal readonly record struct CachedPolicy(Policy Policy, string Id, DateTimeOffset Until);

/// <summary>How far the removal of a domain has come. RFC 8461 §8.3.</summary>
internal enum RetirementState
{
    /// <summary>It has a binding policy, or has never had one.</summary>
    Active,

    /// <summary>Configured in mode none, while senders may hold an earlier policy or fetch it still.</summary>
    Retiring,

    /// <summary>No longer configured, while senders may hold an earlier policy.</summary>
    Removed,

    /// <summary>No sender holds a binding policy.</summary>
    SafeToRemove,
}

/// <summary>The policies of one domain from the ledger, and what follows from them at this moment. Pure.</summary>
internal sealed class DomainHistory
{
    /// <summary>A shorter gap between two policies is a restart, or services that share a store and change one by one.</summary>
    private static readonly TimeSpan s_gap = TimeSpan.FromHours(1);

    private readonly DateTimeOffset _now;

    /// <param name="policies">Of one domain.</param>
    public DomainHistory(IEnumerable<StoredPolicy> policies, DateTimeOffset now)
    {
        _now = now;
        Policies = [.. policies.OrderBy(policy => policy.IsInForce).ThenBy(policy => policy.Since)];
        InForce = Policies.LastOrDefault(policy => policy.IsInForce);
        Cached =
        [
            .. Policies.Where(policy => !policy.IsInForce && Retirement.IsBinding(policy) && Retirement.Expires(policy, now) > now)
                .Select(policy => (Row: policy, Parsed: Retirement.Parse(policy)))
                .Where(policy => policy.Parsed is not null)
                .Select(policy => new CachedPolicy(policy.Parsed!, policy.Row.Key.Id, Retirement.Expires(policy.Row, now)))
                .OrderByDescending(policy => policy.Until),
        ];
    }

    /// <summary>In the order in which they began; the one that is served is the last.</summary>
    public IReadOnlyList<StoredPolicy> Policies { get; }

    /// <summary>The policy that is served; <c>null</c>: none.</summary>
    public StoredPolicy? InForce { get; }

    public string? IdInForce => InForce?.Key.Id;

    /// <summary>No longer served, but senders may hold them; the one that expires last comes first.</summary>
    public IReadOnlyList<CachedPolicy> Cached { get; }

    /// <summary>Since when the current policy is served.</summary>
    public DateTimeOffset? ServedSince => InForce?.Since;

    /// <summary>When the current policy replaced another; <c>null</c>: none is known.</summary>
    public DateTimeOffset? ChangedAt => Policies.Count > 1 ? ServedSince : null;

    /// <summary>Since when the domain has been in its mode without a gap.</summary>
    public DateTimeOffset? ModeSince => InForce is null ? null
        : Policies.Reverse().Where(policy => policy.Mode == InForce.Mode).Aggregate(InForce.Since, (since, policy) =>
            policy.Since < since && (policy.IsInForce || policy.LastServed >= since - s_gap) ? policy.Since : since);

    /// <summary>When the last copy of a binding policy would expire if mode <c>none</c> were served from now on; <c>null</c>: none.
    /// </summary>
    public DateTimeOffset? BoundUntil => Retirement.Until(Policies, _now);

    /// <summary>The same without the policy that is served, which may be in mode none.</summary>
    public DateTimeOffset? CopiesUntil => Cached.Count > 0 ? Cached[0].Until : null;

    /// <summary>Since when no sender holds a binding policy; <c>null</c>: one may, or there never was a binding policy here.</summary>
    public DateTimeOffset? FreeSince => BoundUntil is not null ? null
        : Policies.Where(Retirement.IsBinding).Max(policy => (DateTimeOffset?)Retirement.Expires(policy, _now));

    /// <summary>Until when senders may hold another text under the id that is served: they see no change and keep to that text.
    /// <c>null</c>: each text has an id of its own.</summary>
    public DateTimeOffset? IdUnchangedUntil => InForce is not { Key: var key } ? null
        : Retirement.LastExpiry(Policies.Where(policy => policy.Key.Id == key.Id && policy.Key.Digest != key.Digest), _now);

    /// <summary>Whether this text is served under this id, according to the ledger.</summary>
    public bool IsInForce(ServedPolicy policy) => InForce is { Key: var key }
        && key.Id == policy.Id.Value && key.Digest == PolicyId.Compute(policy.Policy).Value;

    /// <summary>Whether a sender outside this network has fetched this policy since it is served, and may hold it still.</summary>
    public bool IsHeld(ServedPolicy policy, HostStatistics statistics) =>
        IsInForce(policy) && statistics.FetchedFromOutside is { } fetched
            && fetched >= InForce!.Since && fetched + TimeSpan.FromSeconds(policy.Policy.MaxAge) > _now;

    /// <summary>Whether the last binding policy is in <c>enforce</c>; the gate leaves such a domain there.</summary>
    public bool IsEnforced =>
        Policies.Where(policy => Retirement.IsBinding(policy) && Retirement.Expires(policy, _now) > _now)
            .OrderByDescending(policy => policy.IsInForce).ThenByDescending(policy => policy.LastServed)
                .ThenByDescending(policy => policy.Since).FirstOrDefault()?.Mode == "enforce";

    /// <summary>Whether DNS may still have an id under which senders hold a policy that is no longer served: for how long they hold it is
    /// not known then.</summary>
    public bool IsOldIdInDns => Policies.Any(policy => !policy.IsInForce && Retirement.IsBinding(policy)
        && policy is { MaxAge: > 0, LeftDns: null });

    /// <summary>The history with what a look-up of the record has shown; if it failed, any id may be in DNS.</summary>
    public DomainHistory Seeing(RecordSighting sighting) => new(Policies.Select(policy => policy.IsInForce ? policy
        : policy with { LeftDns = sighting.Record == SeenRecord.Unknown ? null : sighting.LeftDns(policy.Key.Id, policy.LeftDns) }), _now);

    /// <summary>The history as it would be if a policy were served from now on.</summary>
    public DomainHistory With(ServedPolicy planned)
    {
        if (IsInForce(planned)) return this;
        var row = new PolicyRows().Row(planned, _now);
        var past = Policies.Where(policy => policy.Key != row.Key)
            .Select(policy => policy.IsInForce ? policy with { IsInForce = false, LastServed = _now } : policy);
        return new DomainHistory([.. past, row], _now);
    }

    /// <param name="served">The policy that is served or configured here; <c>null</c>: none.</param>
    public RetirementState StateOf(ServedPolicy? served) => served switch
    {
        { Removal: not null } => RetirementState.Removed,
        // While something else is served, senders fetch that.
        { Policy.Mode: PolicyMode.None } none => IsInForce(none) && BoundUntil is null
            ? RetirementState.SafeToRemove : RetirementState.Retiring,
        null when BoundUntil is null && Policies.Count > 0 => RetirementState.SafeToRemove,
        null when Policies.Count > 0 => RetirementState.Removed,
        _ => RetirementState.Active,
    };
}
