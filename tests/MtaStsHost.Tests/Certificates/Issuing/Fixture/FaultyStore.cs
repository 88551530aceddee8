using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MtaStsHost.Storage;

namespace MtaStsHost.Tests.Certificates.Issuing.Fixture;

/// <summary>The real store, which fails when a test wants it.</summary>
internal sealed class FaultyStore(IStore inner) : IStore
{
    private int _underWay;
    private long _calls;

    /// <summary>Says whether a call fails before anything is done, by the method's name without <c>Async</c>.</summary>
    public Func<string, bool> Fails { get; set; } = static _ => false;

    /// <summary>Says whether the answer of a call is lost after everything was done.</summary>
    public Func<string, bool> LosesAnswer { get; set; } = static _ => false;

    /// <summary>What a call waits for before anything is done.</summary>
    public Func<string, Task> Holds { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Called with each row before it is saved.</summary>
    public Action<CertificateRecord, IReadOnlyList<StoredChallenge>>? Saving { get; set; }

    /// <summary>All calls in order, those that failed too.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    public int UnderWay => Volatile.Read(ref _underWay);

    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Past all faults, for a test's own looks.</summary>
    public IStore Inner => inner;

    public event Action? Replaced
    {
        add => inner.Replaced += value;
        remove => inner.Replaced -= value;
    }

    public Task OpenAsync(CancellationToken cancellationToken) => CallAsync(() => inner.OpenAsync(cancellationToken));

    public Task<long> GetRevisionAsync(CancellationToken cancellationToken) => CallAsync(() => inner.GetRevisionAsync(cancellationToken));

    public Task<StoredAccount?> FindAccountAsync(string directoryUrl, string eabKeyId, CancellationToken cancellationToken) =>
        CallAsync(() => inner.FindAccountAsync(directoryUrl, eabKeyId, cancellationToken));

    public Task SaveAccountAsync(StoredAccount account, CancellationToken cancellationToken) =>
        CallAsync(() => inner.SaveAccountAsync(account, cancellationToken));

    public Task<int> EnqueueAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellationToken) =>
        CallAsync(() => inner.EnqueueAsync(hosts, cancellationToken));

    public Task ParkAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellationToken) =>
        CallAsync(() => inner.ParkAsync(hosts, cancellationToken));

    public Task<IReadOnlyList<CertificateRecord>> ClaimDueAsync(string owner,
        int most, bool firstOrders, TimeSpan lease, CancellationToken cancellationToken) =>
        CallAsync(() => inner.ClaimDueAsync(owner, most, firstOrders, lease, cancellationToken));

    public Task<CertificateRecord?> ClaimAsync(string host, string owner, TimeSpan lease, CancellationToken cancellationToken) =>
        CallAsync(() => inner.ClaimAsync(host, owner, lease, cancellationToken));

    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken) =>
        CallAsync(() => inner.NextDueAsync(cancellationToken));

    public Task SaveAsync(CertificateRecord record, IReadOnlyList<StoredChallenge> challenges,
        string owner, bool release, CancellationToken cancellationToken)
    {
        Saving?.Invoke(record, challenges);
        return CallAsync(() => inner.SaveAsync(record, challenges, owner, release, cancellationToken));
    }

    public Task<CertificateRecord?> FindAsync(string host, CancellationToken cancellationToken) =>
        CallAsync(() => inner.FindAsync(host, cancellationToken));

    public Task<IReadOnlyList<CertificateRecord>> ListAsync(IReadOnlyCollection<string>? hosts, CancellationToken cancellationToken) =>
        CallAsync(() => inner.ListAsync(hosts, cancellationToken));

    public Task<IReadOnlyList<CertificateSummary>> ListChangesAsync(long afterRevision, CancellationToken cancellationToken) =>
        CallAsync(() => inner.ListChangesAsync(afterRevision, cancellationToken));

    public Task<bool> RequestRenewalAsync(string host, CancellationToken cancellationToken) =>
        CallAsync(() => inner.RequestRenewalAsync(host, cancellationToken));

    public Task<int> PullInAsync(TimeSpan longestWait, CancellationToken cancellationToken) =>
        CallAsync(() => inner.PullInAsync(longestWait, cancellationToken));

    public Task<Retries> RetryChangedAsync(
        IReadOnlyCollection<string> directoryUrls, IReadOnlyCollection<string> bases, CancellationToken cancellationToken) =>
        CallAsync(() => inner.RetryChangedAsync(directoryUrls, bases, cancellationToken));

    public Task<bool> RetrySoonAsync(
        string host, IReadOnlyCollection<string> kinds, TimeSpan pause, CancellationToken cancellationToken) =>
        CallAsync(() => inner.RetrySoonAsync(host, kinds, pause, cancellationToken));

    public Task<QueueLength> GetQueueLengthAsync(CancellationToken cancellationToken) =>
        CallAsync(() => inner.GetQueueLengthAsync(cancellationToken));

    public Task<IReadOnlyList<StoredChallenge>> ListChallengesAsync(CancellationToken cancellationToken) =>
        CallAsync(() => inner.ListChallengesAsync(cancellationToken));

    public Task<DateTimeOffset?> CountOrderAsync(string directoryUrl, int limit, TimeSpan window, CancellationToken cancellationToken) =>
        CallAsync(() => inner.CountOrderAsync(directoryUrl, limit, window, cancellationToken));

    public Task<bool> TryLeaseAsync(string name, string owner, TimeSpan lease, CancellationToken cancellationToken) =>
        CallAsync(() => inner.TryLeaseAsync(name, owner, lease, cancellationToken));

    public Task ExtendLeasesAsync(string owner, TimeSpan lease, CancellationToken cancellationToken) =>
        CallAsync(() => inner.ExtendLeasesAsync(owner, lease, cancellationToken));

    public Task ReleaseLeasesAsync(string owner, string? name, CancellationToken cancellationToken) =>
        CallAsync(() => inner.ReleaseLeasesAsync(owner, name, cancellationToken));

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async Task<T> CallAsync<T>(Func<Task<T>> call, [CallerMemberName] string method = "")
    {
        var name = method[..^"Async".Length];
        Log.Enqueue(name);
        Interlocked.Increment(ref _calls);
        Interlocked.Increment(ref _underWay);
        try
        {
            await Holds(name);
            if (Fails(name)) throw new StoreException($"the test lets {name} fail", "let it work again");
            var answer = await call();
            return LosesAnswer(name) ? throw new StoreException($"the test loses the answer of {name}", "let it work again") : answer;
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private Task<bool> CallAsync(Func<Task> call, [CallerMemberName] string method = "") => CallAsync(
        async () =>
        {
            await call();
            return true;
        },
        method);
}
