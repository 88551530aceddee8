using System.Collections.Concurrent;
using MtaStsHost.Storage;

namespace MtaStsHost.Tests.Certificates;

/// <summary>A store of rows and challenges that counts who reads, waits when it is told to, and fails when it is told to. Nothing
/// writes.</summary>
internal sealed class ScriptedStore : IStore
{
    private int _finds;
    private int _lists;

    public ConcurrentDictionary<string, CertificateRecord> Rows { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<StoredChallenge> Challenges { get; set; } = [];

    public bool Fails { get; set; }

    /// <summary>What every read waits for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public int Finds => Volatile.Read(ref _finds);

    public int Lists => Volatile.Read(ref _lists);

    public async Task<CertificateRecord?> FindAsync(string host, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _finds);
        await Gate;
        if (Fails) throw new StoreException("the store fails", "fix it");
        return Rows.GetValueOrDefault(host);
    }

    public async Task<IReadOnlyList<CertificateRecord>> ListAsync(IReadOnlyCollection<string>? hosts, CancellationToken cancellationToken)
    {
        await Gate;
        if (Fails) throw new StoreException("the store fails", "fix it");
        return [.. Rows.Values.Where(row => hosts is null || hosts.Contains(row.Host))];
    }

    public async Task<IReadOnlyList<StoredChallenge>> ListChallengesAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _lists);
        var challenges = Challenges;
        await Gate;
        return Fails ? throw new StoreException("the store fails", "fix it") : challenges;
    }

    public event Action? Replaced
    {
        add => throw new NotSupportedException();
        remove => throw new NotSupportedException();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public Task OpenAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> GetRevisionAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<StoredAccount?> FindAccountAsync(string directoryUrl, string eabKeyId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task SaveAccountAsync(StoredAccount account, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<int> EnqueueAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task ParkAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<CertificateRecord>> ClaimDueAsync(string owner,
        int most, bool firstOrders, TimeSpan lease, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<CertificateRecord?> ClaimAsync(string host, string owner, TimeSpan lease, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SaveAsync(CertificateRecord record, IReadOnlyList<StoredChallenge> challenges,
        string owner, bool release, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<CertificateSummary>> ListChangesAsync(long afterRevision, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<bool> RequestRenewalAsync(string host, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<int> PullInAsync(TimeSpan longestWait, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Retries> RetryChangedAsync(
        IReadOnlyCollection<string> directoryUrls, IReadOnlyCollection<string> bases, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<bool> RetrySoonAsync(
        string host, IReadOnlyCollection<string> kinds, TimeSpan pause, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<QueueLength> GetQueueLengthAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<DateTimeOffset?> CountOrderAsync(string directoryUrl, int limit, TimeSpan window, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<bool> TryLeaseAsync(string name, string owner, TimeSpan lease, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task ExtendLeasesAsync(string owner, TimeSpan lease, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReleaseLeasesAsync(string owner, string? name, CancellationToken cancellationToken) => throw new NotSupportedException();
}
