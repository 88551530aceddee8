namespace MtaStsHost.Storage;

/// <summary>
/// What outlives the process: ACME accounts, certificates with their schedule, open challenges, leases. Several hosts may share one store.
/// The store is the queue: who is due next is a query, so that memory doesn't grow with the number of names.
/// </summary>
/// <remarks>
/// Every method opens the store when it isn't open, so a store that failed is tried again by the next call. Every failure is a
/// <see cref="StoreException"/>; then nothing of that call was written, or all of it where the answer alone was lost. When a writing
/// call returns, what it wrote survives a power cut. Times are kept to the millisecond.
/// </remarks>
internal interface IStore : IAsyncDisposable
{
    /// <summary>Opens the store, makes what is missing, and brings an older schema up to date.</summary>
    /// <exception cref="StoreException">It can't be opened or written, others may read it, or a newer version wrote it.</exception>
    Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>A number that grows with every change of a certificate's row or a challenge, whoever makes it. 0 in a new store.</summary>
    Task<long> GetRevisionAsync(CancellationToken cancellationToken);

    /// <summary>The account at a CA; <c>null</c> when there is none.</summary>
    /// <param name="eabKeyId">The external binding that it was made with, or empty: another one is another account.</param>
    Task<StoredAccount?> FindAccountAsync(string directoryUrl, string eabKeyId, CancellationToken cancellationToken);

    /// <summary>Writes an account, over the one of the same CA and binding.</summary>
    Task SaveAccountAsync(StoredAccount account, CancellationToken cancellationToken);

    /// <summary>
    /// Makes sure that each host is in the queue: one without a row gets one that is due at once, one that was parked is due at once
    /// when it has no certificate or a renewal was requested, else when its certificate is to be looked at. The others stay as they are.
    /// </summary>
    /// <returns>How many were added or put back.</returns>
    Task<int> EnqueueAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellationToken);

    /// <summary>Takes hosts out of the queue. Their certificates stay: a host may come back.</summary>
    Task ParkAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellationToken);

    /// <summary>
    /// Leases hosts that are due, and reads their rows under the lease: renewals and what an operator asked for first, then first orders,
    /// then hosts whose first orders failed; the longest due first among equals. Hosts that are leased are left out.
    /// </summary>
    /// <param name="most">At most so many.</param>
    /// <param name="firstOrders">Whether hosts without a certificate are wanted at all, those that an operator asked for aside.</param>
    Task<IReadOnlyList<CertificateRecord>> ClaimDueAsync(string owner,
        int most, bool firstOrders, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Leases one host whether it is due or not, and reads its row.</summary>
    /// <returns><c>null</c> when there is no such host, or somebody else has leased it.</returns>
    Task<CertificateRecord?> ClaimAsync(string host, string owner, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>When the next host that nobody has leased is due; <c>null</c> when none ever is.</summary>
    Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Writes a host's row as a whole and sets its open challenges, in one transaction. With <paramref name="release"/> the lease is given
    /// up in the same transaction. Only who leases the host may call it; a lease that has run out will do as long as nobody else has taken
    /// it,
    /// and where there is no such row, since the store was replaced, none is wanted.
    /// What others wrote to the row meanwhile stays: that it was parked, and a renewal that was requested and not met since.
    /// </summary>
    /// <param name="challenges">All that are to be open for this host from now on.</param>
    Task SaveAsync(CertificateRecord record, IReadOnlyList<StoredChallenge> challenges,
        string owner, bool release, CancellationToken cancellationToken);

    /// <summary>The row of a host; <c>null</c> when there is none.</summary>
    Task<CertificateRecord?> FindAsync(string host, CancellationToken cancellationToken);

    /// <summary>All rows by host name, those of <paramref name="hosts"/> alone when given.</summary>
    Task<IReadOnlyList<CertificateRecord>> ListAsync(IReadOnlyCollection<string>? hosts, CancellationToken cancellationToken);

    /// <summary>What is to be kept in memory of each row that changed after a revision, in the order of the changes.</summary>
    Task<IReadOnlyList<CertificateSummary>> ListChangesAsync(long afterRevision, CancellationToken cancellationToken);

    /// <summary>
    /// An operator wants a new certificate now. The host that serves sees it by the revision. A parked host stays parked, and is due when
    /// it is in the queue again.
    /// </summary>
    /// <returns>False when there is no such host.</returns>
    Task<bool> RequestRenewalAsync(string host, CancellationToken cancellationToken);

    /// <summary>
    /// Puts a sane time on hosts whose next attempt lies further ahead than any schedule puts one: the clock was ahead when it was set.
    /// Hosts that have a certificate and no failure are left alone, their times follow from the certificate.
    /// </summary>
    /// <returns>How many were changed.</returns>
    Task<int> PullInAsync(TimeSpan longestWait, CancellationToken cancellationToken);

    /// <summary>Hosts that wait, and open challenges.</summary>
    Task<QueueLength> GetQueueLengthAsync(CancellationToken cancellationToken);

    /// <summary>All open challenges that are not past their end.</summary>
    Task<IReadOnlyList<StoredChallenge>> ListChallengesAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Counts an order against a CA's limit, over all hosts that share this store.
    /// </summary>
    /// <returns><c>null</c> when it may be made, and it is counted; else the time at which the next one may.</returns>
    Task<DateTimeOffset?> CountOrderAsync(string directoryUrl, int limit, TimeSpan window, CancellationToken cancellationToken);

    /// <summary>Takes a lease, or extends one's own. A lease that has run out is free, and so is one that ends later than any
    /// can.</summary>
    Task<bool> TryLeaseAsync(string name, string owner, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Extends all leases of an owner.</summary>
    Task ExtendLeasesAsync(string owner, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Gives up one lease of an owner, or all when no name is given.</summary>
    Task ReleaseLeasesAsync(string owner, string? name, CancellationToken cancellationToken);
}
