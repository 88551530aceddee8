namespace MtaStsHost.Storage;

/// <summary>
/// Whether the store works for one who uses it, for health and for the pause before it is tried again. Each user has a class of its own, so
/// that
/// one can't be given another's: the disk may take a certificate and not what was served, or the other way round.
/// </summary>
internal abstract class StoreHealth
{
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(30);

    private string? _error;
    private int _failures;

    /// <summary>What is wrong, in one line; <c>null</c>: it works, or isn't used.</summary>
    public string? Error => Volatile.Read(ref _error);

    /// <summary>1, 2, 4 … seconds, half a minute at most.</summary>
    public TimeSpan RetryAfter => TimeSpan.FromSeconds(Math.Min(s_longestRetry.TotalSeconds, Math.Pow(2, Math.Max(0, _failures - 1))));

    /// <returns>Whether that is news.</returns>
    public bool Fails(StoreException e)
    {
        Interlocked.Increment(ref _failures);
        return Interlocked.Exchange(ref _error, e.Message) != e.Message;
    }

    /// <returns>Whether that is news.</returns>
    public bool Works()
    {
        Interlocked.Exchange(ref _failures, 0);
        return Interlocked.Exchange(ref _error, null) is not null;
    }
}
