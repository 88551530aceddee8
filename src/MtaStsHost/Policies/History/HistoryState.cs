using MtaStsHost.Storage;

namespace MtaStsHost.Policies.History;

/// <summary>Whether what is served can be written down, for health and for the pause before it is tried again.</summary>
internal sealed class HistoryState
{
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(30);

    private string? _error;
    private int _failures;

    /// <summary>What is wrong with the store, in one line; <c>null</c>: nothing.</summary>
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
