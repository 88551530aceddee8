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
    private Pause? _pause;

    /// <summary>Whether saving has failed, and nothing was saved since.</summary>
    public bool HasFailed => Volatile.Read(ref _pause) is not null;

    /// <summary>Zero or less when the pause is over.</summary>
    public TimeSpan Left => Volatile.Read(ref _pause) is { } pause ? pause.Length - time.GetElapsedTime(pause.Began) : TimeSpan.Zero;

    public void Begin()
    {
        lock (_gate)
        {
            // Hosts that are worked on together fail together, which counts as one failure.
            if (Left > TimeSpan.Zero) return;
            var length = _pause is null ? s_first : _pause.Length * 2 < s_longest ? _pause.Length * 2 : s_longest;
            Volatile.Write(ref _pause, new Pause(length, time.GetTimestamp()));
        }
    }

    public void End()
    {
        lock (_gate) Volatile.Write(ref _pause, null);
    }

    private sealed record Pause(TimeSpan Length, long Began);
}
