using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>
/// Brings into memory what changes in the store, whoever changes it: this host, another one that shares the store, or an operator's
/// command.
/// </summary>
internal sealed class StoreWatch(
    IStore store, CertificateIndex index, CertificateCache cache, OpenChallenges challenges,
        Live<AcmeSettings?> settings, CertificateStoreHealth state, TimeProvider time)
    : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>How long the listeners wait for the store; what it has comes a moment later then.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private long _revision = -1;

    /// <summary>Raised after something has changed; handlers are quick.</summary>
    public event Action? Changed;

    public CertificateIndex Index => index;

    /// <summary>Looks now. Nothing is read where nothing has changed.</summary>
    /// <exception cref="StoreException">The store can't be read; what is in memory stays.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            var revision = await store.GetRevisionAsync(cancellationToken);
            if (revision == _revision) return;
            // A store that was restored from a backup has a smaller revision than the one in memory.
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

    /// <summary>Looks before the listeners open: a handshake for a host whose certificate is not known of would end.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (settings.Current is not null) await RefreshAsync(cancellationToken).WaitAsync(s_patience, time, cancellationToken);
        }
#pragma warning disable CA1031 // As in the loop: nothing that the store does keeps the host from serving.
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            // CertificateManager meets the same, says so, and tries the store again; the loop below looks again too.
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
#pragma warning disable CA1031 // The edge of the loop: the framework would end the whole host, which serves well from memory.
            catch (Exception)
#pragma warning restore CA1031
            {
                // CertificateManager meets the same, says so, and tries the store again; here the next look follows in its own time.
                await Task.Delay(state.RetryAfter, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
