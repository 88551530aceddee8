using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Challenges;

/// <summary>
/// Looks in the store for a challenge that another host may have opened a moment ago, so that any of them can answer the CA. A few times a
/// second at most: strangers ask too.
/// </summary>
internal sealed class StoredChallenges(OpenChallenges open, IStore store, Issuing.CurrentAcmeSettings settings, TimeProvider time)
{
    private static readonly TimeSpan s_atMostEvery = TimeSpan.FromMilliseconds(200);

    private long _looked;

    /// <returns>Whether there may be something new.</returns>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        if (settings.Current is null) return false;
        var before = Interlocked.Read(ref _looked);
        if ((before != 0 && time.GetElapsedTime(before) < s_atMostEvery) || Interlocked.CompareExchange(ref _looked, time.GetTimestamp(), before) != before) return false;
        try
        {
            open.ReplaceStored(await store.ListChallengesAsync(cancellationToken));
            return true;
        }
        catch (StoreException)
        {
            // That the store fails is said elsewhere; here nothing is known of a challenge.
            return false;
        }
    }
}
