using MtaStsHost.Configuration;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Challenges;

/// <summary>
/// Looks in the store for a challenge that another host may have opened a moment ago, so that any of them can answer the CA. A few times a
/// second at most: strangers ask too. Who asks in between waits for the next look and is not sent away: a CA asks from several places at
/// once, and one wrong answer costs an authorization.
/// </summary>
internal sealed class StoredChallenges(OpenChallenges open, IStore store, Live<AcmeSettings?> settings, TimeProvider time)
{
    private static readonly TimeSpan s_atMostEvery = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private Task<bool>? _next;
    private long? _looked;

    /// <returns>Whether the store was looked at after this was called.</returns>
    public Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        if (settings.Current is null) return Task.FromResult(false);
        lock (_lock)
        {
            var pause = _looked is { } looked ? s_atMostEvery - time.GetElapsedTime(looked) : TimeSpan.Zero;
            return (_next ??= NextAsync(pause)).WaitAsync(cancellationToken);
        }
    }

    private async Task<bool> NextAsync(TimeSpan pause)
    {
        await Task.Yield(); // out of the lock of who asked first
        if (pause > TimeSpan.Zero) await Task.Delay(pause, time);
        lock (_lock)
        {
            // Who comes from now on may know of a challenge that this look no longer sees.
            _next = null;
            _looked = time.GetTimestamp();
        }

        try
        {
            open.ReplaceStored(await store.ListChallengesAsync(CancellationToken.None));
            return true;
        }
        catch (StoreException)
        {
            // That the store fails is said elsewhere; here nothing is known of a challenge.
            return false;
        }
    }
}
