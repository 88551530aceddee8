using MtaSts;
using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>A policy that is served no more, and of which senders may hold copies.</summary>
internal readonly record struct CachedPolicy(Policy Policy, string Id, DateTimeOffset Until);

/// <summary>Where a domain stands on its way to be removed. RFC 8461 §8.3.</summary>
internal enum RetirementState
{
    /// <summary>It has a policy that binds senders, or has never had one.</summary>
    Active,

    /// <summary>In mode none by configuration, while senders may hold an earlier policy, or may still fetch one.</summary>
    Retiring,

    /// <summary>Not configured any more, while senders may hold an earlier policy.</summary>
    Removed,

    /// <summary>Nobody holds a policy that binds.</summary>
    SafeToRemove,
}

/// <summary>What one domain was served with, and what follows from it at this moment. Pure.</summary>
internal sealed class DomainHistory
{
    /// <summary>Between two policies of a host that is restarted, or of hosts that change one after the other, nobody looks.</summary>
    private static readonly TimeSpan s_break = TimeSpan.FromHours(1);

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

    /// <summary>In the order in which they came into force, the one in force last.</summary>
    public IReadOnlyList<StoredPolicy> Policies { get; }

    /// <summary><c>null</c>: the domain is not served.</summary>
    public StoredPolicy? InForce { get; }

    public string? IdInForce => InForce?.Key.Id;

    /// <summary>Served no more, and senders may hold them; the one that is held longest first.</summary>
    public IReadOnlyList<CachedPolicy> Cached { get; }

    /// <summary>Since when senders are served the policy in force.</summary>
    public DateTimeOffset? ServedSince => InForce?.Since;

    /// <summary>When the policy in force took another one's place; <c>null</c>: none that is known.</summary>
    public DateTimeOffset? ChangedAt => Policies.Count > 1 ? ServedSince : null;

    /// <summary>Since when the domain has been in its mode without a break.</summary>
    public DateTimeOffset? ModeSince
    {
        get
        {
            if (InForce is null) return null;
            var since = InForce.Since;
            foreach (var policy in Policies.Reverse().Where(policy => policy.Mode == InForce.Mode))
            {
                if (policy.IsInForce || policy.LastServed >= since - s_break) since = policy.Since < since ? policy.Since : since;
            }

            return since;
        }
    }

    /// <summary>When the last copy of a policy that binds runs out, were the domain served with none from now on; <c>null</c>: there is
    /// none.</summary>
    public DateTimeOffset? BoundUntil => Retirement.Until(Policies, _now);

    /// <summary>The same without the policy in force, which may be in mode none.</summary>
    public DateTimeOffset? CopiesUntil => Cached.Count > 0 ? Cached[0].Until : null;

    /// <summary>Since when nobody holds a policy that binds; <c>null</c>: somebody may, or there was never one here.</summary>
    public DateTimeOffset? FreeSince =>
        BoundUntil is null && Policies.Where(Retirement.IsBinding).ToList() is { Count: > 0 } binding
            ? binding.Max(policy => Retirement.Expires(policy, _now)) : null;

    /// <summary>
    /// Until when senders may hold another text under the id in force: they see no change, and keep to it. <c>null</c>: each text has its
    /// own id.
    /// </summary>
    public DateTimeOffset? IdUnchangedUntil
    {
        get
        {
            DateTimeOffset? until = null;
            foreach (var policy in Policies)
            {
                if (InForce is null || policy.Key.Id != InForce.Key.Id || policy.Key.Digest == InForce.Key.Digest) continue;
                if (Retirement.Expires(policy, _now) is var expires && expires > _now && expires > (until ?? _now)) until = expires;
            }

            return until;
        }
    }

    /// <summary>Whether the store knows that this very text is served, under this id.</summary>
    public bool IsInForce(ServedPolicy policy) => InForce is { Key: var key }
        && key.Id == policy.Id.Value && key.Digest == PolicyId.Compute(policy.Policy).Value;

    /// <summary>Whether a sender that fetched this policy since it is in force may keep to it, seen or not.</summary>
    public bool IsHeld(ServedPolicy policy, HostStatistics statistics) =>
        IsInForce(policy) && statistics.FetchedFromOutside is { } fetched
            && fetched >= InForce!.Since && fetched + TimeSpan.FromSeconds(policy.Policy.MaxAge) > _now;

    /// <summary>Whether the last policy that binds senders is in <c>enforce</c>; the gate leaves such a domain there.</summary>
    public bool IsEnforced =>
        Policies.Where(policy => Retirement.IsBinding(policy) && Retirement.Expires(policy, _now) > _now)
            .OrderByDescending(policy => policy.IsInForce).ThenByDescending(policy => policy.LastServed)
                .ThenByDescending(policy => policy.Since).FirstOrDefault()?.Mode == "enforce";

    /// <summary>The history as it will be once a policy is served, were that now.</summary>
    public DomainHistory With(ServedPolicy planned)
    {
        if (IsInForce(planned)) return this;
        var row = new PolicyRows().Row(planned, _now);
        var past = Policies.Where(policy => policy.Key != row.Key)
            .Select(policy => policy.IsInForce ? policy with { IsInForce = false, LastServed = _now } : policy);
        return new DomainHistory([.. past, row], _now);
    }

    /// <param name="served">As this host serves the domain, or is configured to; <c>null</c>: it doesn't.</param>
    public RetirementState StateOf(ServedPolicy? served) => served switch
    {
        { RetiredUntil: not null } => RetirementState.Removed,
        // As long as something else is served, senders fetch that.
        { Policy.Mode: PolicyMode.None } none => IsInForce(none) && BoundUntil is null
            ? RetirementState.SafeToRemove : RetirementState.Retiring,
        null when BoundUntil is null && Policies.Count > 0 => RetirementState.SafeToRemove,
        null when Policies.Count > 0 => RetirementState.Removed,
        _ => RetirementState.Active,
    };
}
