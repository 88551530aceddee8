namespace MtaStsHost.Runtime;

/// <summary>Detects repetitions, so that a state is logged when it changes and not each time it is met. Thread-safe.</summary>
internal sealed class LastValue<T>(T initial)
{
    private readonly Lock _lock = new();
    private T _value = initial;

    public T Value
    {
        get
        {
            lock (_lock) return _value;
        }
    }

    /// <returns>Whether the value differs from the last one.</returns>
    public bool Set(T value)
    {
        lock (_lock)
        {
            if (EqualityComparer<T>.Default.Equals(_value, value)) return false;
            _value = value;
            return true;
        }
    }
}
