using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>Copies changes in the store into memory, from this process, other replicas, and operators' commands.</summary>
internal sealed class StoreWatch(
    IStore store, CertificateIndex index, CertificateCache cache, OpenChallenges challenges,
    CurrentAcmeSettings settings, StoreHealth health, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>How long the listeners wait for the store before they open without its certificates.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly StoreUse _store = health.Certificates;
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private long _revision = -1;

    /// <summary>Raised after something has changed; handlers are quick.</summary>
    public event Action? Changed;

    public CertificateIndex Index => index;

    /// <summary>Reads the changes, if there are any.</summary>
    /// <exception cref="StoreException">The store can't be read; memory stays as it is.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            var revision = await store.GetRevisionAsync(cancellationToken);
            if (revision == _revision) return;
            // A store restored from a backup has a smaller revision than the one in memory.
            var changes = await store.ListChangesAsync(revision < _revision ? -1 : _revision, cancellationToken);
            index.Apply(changes);
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
        try
        {
            if (settings.Current is not null) await RefreshAsync(cancellationToken).WaitAsync(s_patience, time, cancellationToken);
        }
#pragma warning disable CA1031 // As in the loop: a store failure never keeps the service from starting.
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            // CertificateManager logs it, and the loop below tries again.
        }

        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _refreshing.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (settings.Current is not null) await RefreshAsync(stoppingToken);
                await Task.Delay(s_interval, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The edge of the loop: the framework would stop the service, which serves well from memory.
            catch (Exception)
#pragma warning restore CA1031
            {
                // CertificateManager logs it.
                await Task.Delay(_store.RetryAfter, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
