namespace MtaStsHost.Configuration;

/// <summary>Notices that reading files takes very long: a mount whose server is gone blocks every access to it until it is back.</summary>
internal sealed class SlowReading : IDisposable
{
    /// <summary>A hundred thousand domains are read in a second.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Action _isSlow;
    private readonly ITimer _timer;
    private bool _isReading;

    /// <param name="isSlow">Called each time that the limit is exceeded, while the reading goes on.</param>
    public SlowReading(TimeProvider time, Action isSlow)
    {
        _isSlow = isSlow;
        _timer = time.CreateTimer(_ => OnLimit(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public T Watch<T>(Func<T> read)
    {
        Set(isReading: true, Limit);
        try
        {
            return read();
        }
        finally
        {
            Set(isReading: false, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Set(bool isReading, TimeSpan dueTime)
    {
        lock (_lock)
        {
            _isReading = isReading;
            _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnLimit()
    {
        // Under the lock, so that what the caller does after the reading comes after it.
        lock (_lock)
        {
            if (_isReading) _isSlow();
        }
    }
}
