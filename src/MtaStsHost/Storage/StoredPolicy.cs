namespace MtaStsHost.Storage;

/// <summary>Identifies one policy of a domain.</summary>
/// <param name="Domain">The policy domain, as <see cref="MtaSts.DomainName"/> spells it.</param>
/// <param name="Id">As senders see it in the TXT record.</param>
/// <param name="Digest">A hash of the policy: a different one under the same id is a change that senders don't see.</param>
internal readonly record struct PolicyKey(string Domain, string Id, string Digest);

/// <summary>A policy that is or was served. A row of the store; immutable.</summary>
/// <param name="Body">As it was served.</param>
/// <param name="Mode">As in the body.</param>
/// <param name="MaxAge">Seconds.</param>
/// <param name="Since">When it became active the last time: a policy may come back.</param>
/// <param name="LastServed">For an active one, as far as recorded.</param>
/// <param name="IsInForce">Not replaced, as far as the store knows.</param>
/// <param name="LastFetched">By a sender; <c>null</c>: never, as far as recorded.</param>
internal sealed record StoredPolicy(
    PolicyKey Key, string Body, string Mode, int MaxAge, DateTimeOffset FirstServed,
        DateTimeOffset Since, DateTimeOffset LastServed, bool IsInForce, DateTimeOffset? LastFetched)
{
    /// <summary>The number of the service that serves it; <c>null</c>: unknown.</summary>
    public long? ServedBy { get; init; }

    /// <summary>Of one that ended: when no resolver had a TXT record with its id any more. <c>null</c>: it may be in DNS still.</summary>
    public DateTimeOffset? LeftDns { get; init; }

    public override string ToString() => $"{Key.Domain} {Key.Id}";
}

/// <summary>All active policies, as far as the store knows.</summary>
/// <param name="ServedUntil">When a replica last recorded that it was serving; <c>null</c>: never.</param>
internal sealed record StoredPolicies(IReadOnlyList<PolicyInForce> InForce, DateTimeOffset? ServedUntil)
{
    /// <summary>The names of the services that have used this store, by their numbers.</summary>
    public IReadOnlyDictionary<long, string> Services { get; init; } = ImmutableDictionary<long, string>.Empty;
}

/// <param name="ServedBy">As in <see cref="StoredPolicy.ServedBy"/>.</param>
/// <param name="RemovedAt">Since when its domain is no longer configured; <c>null</c>: it is, as far as recorded.</param>
internal readonly record struct PolicyInForce(PolicyKey Key, string Mode, long? ServedBy = null, DateTimeOffset? RemovedAt = null);

/// <summary>A domain of which senders may hold policies that ended.</summary>
/// <param name="ServedBy">As in <see cref="StoredPolicy.ServedBy"/>, of one of them.</param>
internal readonly record struct CachedPolicies(string Domain, long? ServedBy = null);

/// <summary>Of policies that ended.</summary>
/// <param name="At"><c>null</c>: its id may be in DNS still.</param>
internal readonly record struct IdLeftDns(string Domain, string Id, DateTimeOffset? At);

/// <summary>Of a policy that is active.</summary>
/// <param name="At"><c>null</c>: it is configured.</param>
internal readonly record struct DomainRemoved(PolicyKey Key, DateTimeOffset? At);

/// <param name="At">When a client last fetched it.</param>
internal readonly record struct LastFetch(PolicyKey Key, DateTimeOffset At);

/// <summary>When a client outside this network last fetched a domain's policy over TLS, by the family of its address; <c>null</c>: never.
/// </summary>
internal readonly record struct OutsideFetch(string Domain, DateTimeOffset? V4, DateTimeOffset? V6);
