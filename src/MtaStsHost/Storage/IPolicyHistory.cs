namespace MtaStsHost.Storage;

/// <summary>
/// Every served policy, for as long as a sender may hold a copy. A policy is written when it becomes active and when it ends; a single
/// time says that all active ones are still served, so that 100,000 domains cost nothing while nothing changes.
/// </summary>
/// <remarks>Opens, fails and rounds times as <see cref="IStore"/> does.</remarks>
internal interface IPolicyHistory
{
    /// <inheritdoc cref="IStore.Replaced"/>
    event Action? Replaced;

    /// <summary>What was active at the last write.</summary>
    Task<StoredPolicies> ReadInForceAsync(CancellationToken cancellationToken);

    /// <summary>Gives a service the number under which it records what it serves.</summary>
    /// <param name="formerly">The number of the service that it was under another name; <c>null</c>: none.</param>
    Task<long> RegisterAsync(string name, long? formerly, CancellationToken cancellationToken);

    /// <summary>
    /// Records a change in one transaction. A policy that was served before keeps its first serving time and is active again.
    /// </summary>
    /// <param name="ended">Inactive since <paramref name="at"/>, or since they became active where that is later.</param>
    Task RecordAsync(IReadOnlyCollection<StoredPolicy> begun, IReadOnlyCollection<PolicyKey> ended,
        DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Records that active policies are still served, and what senders have fetched.</summary>
    Task NoteServedAsync(DateTimeOffset until, IReadOnlyCollection<LastFetch> fetched, CancellationToken cancellationToken);

    /// <summary>Records fetches from outside; those of domains without policies are forgotten with these.</summary>
    Task NoteOutsideAsync(IReadOnlyCollection<OutsideFetch> fetches, CancellationToken cancellationToken);

    Task<IReadOnlyList<OutsideFetch>> ListOutsideAsync(CancellationToken cancellationToken);

    /// <summary>Records since when policies are served whose domains are no longer configured.</summary>
    Task NoteRemovedAsync(IReadOnlyCollection<DomainRemoved> removed, CancellationToken cancellationToken);

    /// <summary>Records which ids of policies that ended have left DNS, and which may have come back. A policy that ends later counts as
    /// one whose id is in DNS.</summary>
    Task NoteLeftDnsAsync(IReadOnlyCollection<IdLeftDns> ids, CancellationToken cancellationToken);

    /// <summary>Domains whose senders may hold a policy that is no longer served; one in mode none binds no sender and isn't
    /// counted.</summary>
    Task<IReadOnlyList<CachedPolicies>> ListCachedAsync(DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>All policies of some domains, by domain, in the order in which they last became active.</summary>
    Task<IReadOnlyList<StoredPolicy>> ListPoliciesAsync(IReadOnlyCollection<string> domains, CancellationToken cancellationToken);

    /// <summary>Deletes the policies of some domains, active ones too, as if they had never been served. A running service notices by
    /// <see cref="ListForgottenAsync"/>.</summary>
    Task ForgetDomainsAsync(IReadOnlyCollection<string> domains, CancellationToken cancellationToken);

    /// <summary>Domains whose policies were deleted and that a running service may still serve.</summary>
    Task<IReadOnlyList<string>> ListForgottenAsync(CancellationToken cancellationToken);

    /// <summary>The running service serves these domains no more, or they are configured again.</summary>
    Task NoteForgottenAsync(IReadOnlyCollection<string> domains, CancellationToken cancellationToken);

    /// <summary>Deletes inactive policies whose last copy expired before a time.</summary>
    /// <returns>Their number.</returns>
    Task<int> ForgetPoliciesAsync(DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Corrects policies that ended in the future, by a clock that was ahead, to end now.</summary>
    /// <returns>Their number.</returns>
    Task<int> PullInPoliciesAsync(DateTimeOffset now, CancellationToken cancellationToken);
}
