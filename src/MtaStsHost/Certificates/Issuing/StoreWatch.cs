using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Configuration;
using MtaStsHost.Runtime;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>Copies changes in the store into memory, from this process, other replicas, and operators' commands.</summary>
internal sealed partial class StoreWatch(
    IStore store, CertificateIndex index, CertificateCache cache, OpenChallenges challenges,
    Live<IReadOnlyList<EndpointSettings>> endpoints, StoreHealth health, BackgroundLoops loops,
    TimeProvider time, ILogger<StoreWatch> log) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly StoreUse _store = health.Certificates;
    private readonly BackgroundLoop _loop = loops.Add("store", "changes in the store are not seen");
    private readonly SemaphoreSlim _refreshing = new(1, 1);

    /// <summary>The fault of the last round; <c>null</c>: none that this class logs.</summary>
    private readonly LastValue<string?> _fault = new(null);

    private long _revision = -1;
    private volatile bool _isReplaced;

    /// <summary>Raised after something has changed; handlers are quick.</summary>
    public event Action? Changed;

    public CertificateIndex Index => index;

    /// <summary>Issued certificates are served also while none are ordered.</summary>
    private bool IsWanted => HostSettings.HasHttpsAmong(endpoints.Current);

    /// <summary>Reads the changes, if there are any.</summary>
    /// <exception cref="StoreException">The store can't be read; memory stays as it is.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            var revision = await store.GetRevisionAsync(cancellationToken);
            // A store restored from a backup has a smaller revision than the one in memory, or the same by chance.
            if (_isReplaced || revision < _revision) (_isReplaced, _revision) = (false, -1);
            if (revision == _revision) return;
            var changes = await store.ListChangesAsync(_revision, cancellationToken);
            index.Apply(changes, isAll: _revision < 0);
            await cache.ApplyAsync(changes, cancellationToken);
            challenges.ReplaceStored(await store.ListChallengesAsync(cancellationToken));
            _revision = revision;
        }
        finally
        {
            _refreshing.Release();
        }

        Changed?.Invoke();
    }

    /// <summary>Before the listeners open: handshakes for unknown certificates would be aborted.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        store.Replaced += StoreReplaced;
        try
        {
            if (IsWanted) await RefreshAsync(cancellationToken).WaitAsync(health.StartPatience(time), time, cancellationToken);
        }
        catch (TimeoutException)
        {
            Slow((int)StoreHealth.LongestStart.TotalSeconds);
        }
#pragma warning disable CA1031 // As in the loop: a store failure never keeps the service from starting.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Report(e);
        }

        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        store.Replaced -= StoreReplaced;
        _refreshing.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                _loop.Begin();
                if (IsWanted) await RefreshAsync(stoppingToken);
                _fault.Set(null);
                _loop.End();
                await Task.Delay(s_interval, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The edge of the loop: the framework would stop the service, which serves well from memory.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Report(e);
                _loop.End(e is StoreException ? null : e); // the store's own faults are in its health
                await Task.Delay(_store.RetryAfter, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void StoreReplaced() => _isReplaced = true;

    /// <summary>Once, while it stays the same.</summary>
    private void Report(Exception e)
    {
        if (!_fault.Set(e.Message)) return;
        if (e is StoreException) NotRead(e.Message);
        else Failed(e);
    }

    [LoggerMessage(1443, LogLevel.Warning, "The store has not answered for {Seconds} s; the listeners open without its certificates")]
    private partial void Slow(int seconds);

    [LoggerMessage(1444, LogLevel.Warning, "Certificates can't be read from the store; those in memory are served: {Error}")]
    private partial void NotRead(string error);

    [LoggerMessage(1445, LogLevel.Error, "Reading the changes in the store failed; the next attempt follows")]
    private partial void Failed(Exception exception);
}
