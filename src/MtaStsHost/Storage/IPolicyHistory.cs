namespace MtaStsHost.Storage;

/// <summary>
/// Every policy that was served, for as long as a sender may hold a copy. A policy in force is written when that begins and when it ends;
/// that
/// it is still served is one time for all of them, so that 100,000 domains cost nothing while nothing changes.
/// </summary>
/// <remarks>It opens, fails and keeps times as <see cref="IStore"/> does.</remarks>
internal interface IPolicyHistory
{
    /// <summary>What was in force when a host last wrote.</summary>
    Task<StoredPolicies> ReadInForceAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Notes a change, all of it in one transaction. A policy that was served before keeps its first serving and is in force again.
    /// </summary>
    /// <param name="ended">Not in force since <paramref name="at"/>, or since they came into force where that is later.</param>
    Task RecordAsync(IReadOnlyCollection<StoredPolicy> begun, IReadOnlyCollection<PolicyKey> ended,
        DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Notes that what is in force is still served, and what senders have fetched.</summary>
    Task NoteServedAsync(DateTimeOffset until, IReadOnlyCollection<FetchedPolicy> fetched, CancellationToken cancellationToken);

    /// <summary>Domains of which senders may hold a copy of a policy that is served no more; one in mode none binds nobody and isn't
    /// counted.</summary>
    Task<IReadOnlyList<CachedPolicies>> ListCachedAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>All policies of some domains, by domain, in the order in which they came into force the last time.</summary>
    Task<IReadOnlyList<StoredPolicy>> ListPoliciesAsync(IReadOnlyCollection<string> domains, CancellationToken cancellationToken);

    /// <summary>Takes out policies that are not in force and whose last copy ran out before a time.</summary>
    /// <returns>How many.</returns>
    Task<int> ForgetPoliciesAsync(DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Puts policies that ended in the future, by a clock that was ahead, to the end that they have at the latest.</summary>
    /// <returns>How many.</returns>
    Task<int> PullInPoliciesAsync(DateTimeOffset now, CancellationToken cancellationToken);
}
