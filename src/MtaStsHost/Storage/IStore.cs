namespace MtaStsHost.Storage;

/// <summary>
/// What outlives the process: ACME accounts, certificates with their schedule, open challenges, leases. Several replicas may share one
/// store. The store is the queue: which host is due next is a query, so that memory doesn't grow with the number of names.
/// </summary>
/// <remarks>
/// Every method opens the store unless it is open, so the next call retries a failed store. Every failure is a
/// <see cref="StoreException"/>; then the call wrote nothing, or everything if only the answer was lost. When a writing call returns, its
/// writes survive a power cut. Times have milliseconds.
/// </remarks>
internal interface IStore : IAsyncDisposable
{
    /// <summary>Raised after another database has taken the place of the one that was open, such as a restored backup: what was written is
    /// not in it. Handlers are quick.</summary>
    event Action? Replaced;

    /// <summary>Opens the store, creates what is missing, and migrates an older schema.</summary>
    /// <exception cref="StoreException">It can't be opened or written, others may read it, or a newer version created it.</exception>
    Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Grows with every change of a certificate's row or a challenge, by any process. 0 in a new store.</summary>
    Task<long> GetRevisionAsync(CancellationToken cancellationToken);

    /// <summary>The account at a CA; <c>null</c> when there is none.</summary>
    /// <param name="eabKeyId">Its external binding, or empty: another binding is another account.</param>
    Task<StoredAccount?> FindAccountAsync(string directoryUrl, string eabKeyId, CancellationToken cancellationToken);

    /// <summary>Adds or replaces the account of the same CA and binding.</summary>
    Task SaveAccountAsync(StoredAccount account, CancellationToken cancellationToken);

    /// <summary>
    /// Puts hosts into the queue: a host without a row is due at once, and so is a parked one without a certificate or with a requested
    /// renewal; another parked one is due when its certificate is. The others stay unchanged.
    /// </summary>
    /// <returns>How many were added or put back.</returns>
    Task<int> EnqueueAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellationToken);

    /// <summary>Removes hosts from the queue. Their certificates stay: a host may come back.</summary>
    Task ParkAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellationToken);

    /// <summary>
    /// Leases due hosts, and reads their rows under the lease: renewals and operators' requests first, then first orders, then failed first
    /// orders; the longest due first among equals. Leased hosts are skipped.
    /// </summary>
    /// <param name="most">The maximum number.</param>
    /// <param name="firstOrders">Whether to include hosts without a certificate; operators' requests always are.</param>
    Task<IReadOnlyList<CertificateRecord>> ClaimDueAsync(string owner,
        int most, bool firstOrders, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Leases one host whether it is due or not, and reads its row.</summary>
    /// <returns><c>null</c> when there is no such host, or another replica has leased it.</returns>
    Task<CertificateRecord?> ClaimAsync(string host, string owner, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>When the next host without a lease is due; <c>null</c>: never.</summary>
    Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Writes a host's row and its open challenges in one transaction, which also ends the lease with <paramref name="release"/>. The
    /// caller must hold the lease; an expired one is accepted until another replica takes it, and none is required if the row is missing
    /// because the store was replaced. What others wrote to the row stays: that it was parked, and a renewal that is still requested.
    /// </summary>
    /// <param name="challenges">All challenges that are open for this host from now on.</param>
    Task SaveAsync(CertificateRecord record, IReadOnlyList<StoredChallenge> challenges,
        string owner, bool release, CancellationToken cancellationToken);

    /// <summary>The row of a host; <c>null</c> when there is none.</summary>
    Task<CertificateRecord?> FindAsync(string host, CancellationToken cancellationToken);

    /// <summary>All rows, or those of <paramref name="hosts"/>, by host name.</summary>
    Task<IReadOnlyList<CertificateRecord>> ListAsync(IReadOnlyCollection<string>? hosts, CancellationToken cancellationToken);

    /// <summary>The rows that changed after a revision, in the order of the changes.</summary>
    Task<IReadOnlyList<CertificateSummary>> ListChangesAsync(long afterRevision, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a host due for a new certificate; a running service notices by the revision. A parked host stays parked, and is due when it is
    /// in the queue again.
    /// </summary>
    /// <returns>False when there is no such host.</returns>
    Task<bool> RequestRenewalAsync(string host, CancellationToken cancellationToken);

    /// <summary>
    /// Moves up hosts whose next attempt is later than any schedule allows, since the clock was ahead. Hosts with a certificate and no
    /// failure stay unchanged: their times follow from the certificate.
    /// </summary>
    /// <returns>The number of changed hosts.</returns>
    Task<int> PullInAsync(TimeSpan longestWait, CancellationToken cancellationToken);

    /// <summary>
    /// Makes hosts due now that wait for something that other settings have changed: paced first orders; hosts whose last attempt failed
    /// under other settings, whose failures are forgotten; and, unless their renewal has failed, certificates of other CAs.
    /// </summary>
    /// <param name="directoryUrls">Of the configured CAs.</param>
    /// <param name="bases">Of failures under the current settings (<see cref="StoredFailure.Basis"/>).</param>
    Task<Retries> RetryChangedAsync(
        IReadOnlyCollection<string> directoryUrls, IReadOnlyCollection<string> bases, CancellationToken cancellationToken);

    /// <summary>Makes a failed host due now, or, if the CA was asked recently, that long after. Never later than it is.</summary>
    /// <param name="kinds">The kinds of failures that may be over; a host with another one stays unchanged.</param>
    /// <returns>Whether it was changed.</returns>
    Task<bool> RetrySoonAsync(string host, IReadOnlyCollection<string> kinds, TimeSpan pause, CancellationToken cancellationToken);

    /// <summary>Waiting hosts, and open challenges.</summary>
    Task<QueueLength> GetQueueLengthAsync(CancellationToken cancellationToken);

    /// <summary>All open challenges that have not expired.</summary>
    Task<IReadOnlyList<StoredChallenge>> ListChallengesAsync(CancellationToken cancellationToken);

    /// <summary>Counts an order against a CA's limit, over all replicas that share this store.</summary>
    /// <returns><c>null</c> when it is allowed, and counted; otherwise when the next one is allowed.</returns>
    Task<DateTimeOffset?> CountOrderAsync(string directoryUrl, int limit, TimeSpan window, CancellationToken cancellationToken);

    /// <summary>Takes a lease, or extends one's own. An expired lease is free, and so is one that ends later than any can.</summary>
    Task<bool> TryLeaseAsync(string name, string owner, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Extends all leases of an owner.</summary>
    Task ExtendLeasesAsync(string owner, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Releases one lease of an owner, or all without a name.</summary>
    Task ReleaseLeasesAsync(string owner, string? name, CancellationToken cancellationToken);
}
