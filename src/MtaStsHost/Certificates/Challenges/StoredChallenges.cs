using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Challenges;

/// <summary>
/// Reads the challenges that other replicas have just opened, so that each replica can answer the CA. A few times a second at most, since
/// unknown clients cause it too. Requests in between wait for the next read and are not refused: a CA validates from several places at
/// once, and one wrong answer costs an authorization.
/// </summary>
internal sealed class StoredChallenges(OpenChallenges open, IStore store, CurrentAcmeSettings settings, TimeProvider time)
{
    private static readonly TimeSpan s_atMostEvery = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private Task<bool>? _next;
    private long? _read;

    /// <returns>Whether the store was read after this call.</returns>
    public Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        if (settings.Current is null) return Task.FromResult(false);
        lock (_lock)
        {
            var pause = _read is { } read ? s_atMostEvery - time.GetElapsedTime(read) : TimeSpan.Zero;
            return (_next ??= NextAsync(pause)).WaitAsync(cancellationToken);
        }
    }

    private async Task<bool> NextAsync(TimeSpan pause)
    {
        await Task.Yield(); // outside the first caller's lock
        if (pause > TimeSpan.Zero) await Task.Delay(pause, time);
        lock (_lock)
        {
            // A later caller may expect a challenge that this read misses.
            _next = null;
            _read = time.GetTimestamp();
        }

        try
        {
            open.ReplaceStored(await store.ListChallengesAsync(CancellationToken.None));
            return true;
        }
        catch (StoreException)
        {
            // CertificateManager logs it.
            return false;
        }
    }
}
