namespace MtaStsHost.Certificates.Issuing;

/// <summary>
/// The pause after a host's outcome couldn't be saved: the host is still due, and each attempt may cost an order at the CA. It grows
/// until something is saved.
/// </summary>
internal sealed class SaveBackoff(TimeProvider time)
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private TimeSpan _length;
    private long _began;

    /// <summary>Whether saving has failed, and nothing was saved since.</summary>
    public bool HasFailed
    {
        get
        {
            lock (_gate) return _length > TimeSpan.Zero;
        }
    }

    /// <summary>Zero or less when the pause is over.</summary>
    public TimeSpan Left
    {
        get
        {
            lock (_gate) return LeftNow;
        }
    }

    private TimeSpan LeftNow => _length == TimeSpan.Zero ? TimeSpan.Zero : _length - time.GetElapsedTime(_began);

    public void Begin()
    {
        lock (_gate)
        {
            // Hosts that are worked on together fail together, which counts as one failure.
            if (LeftNow > TimeSpan.Zero) return;
            _length = _length == TimeSpan.Zero ? s_first : _length * 2 < s_longest ? _length * 2 : s_longest;
            _began = time.GetTimestamp();
        }
    }

    public void End()
    {
        lock (_gate) _length = TimeSpan.Zero;
    }
}
