namespace MtaStsHost.Transitions;

/// <summary>
/// Whether the wall clock can be trusted: one that was set a moment ago may be set again. The time of a wrong clock may be recorded, but it
/// must not end anything, nor shorten what was recorded before.
/// </summary>
internal sealed class SteadyClock(TimeProvider time)
{
    private static readonly TimeSpan s_jump = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_trusted = TimeSpan.FromHours(1);

    private (DateTimeOffset Wall, long Monotonic) _since = (time.GetUtcNow(), time.GetTimestamp());

    /// <summary>It has agreed with the monotonic clock for an hour.</summary>
    public bool IsTrusted => Jump.Duration() <= s_jump && time.GetElapsedTime(_since.Monotonic) >= s_trusted;

    private TimeSpan Jump => time.GetUtcNow() - _since.Wall - time.GetElapsedTime(_since.Monotonic);

    /// <returns>Whether it was set since the last call.</returns>
    public bool TakeJump()
    {
        if (Jump.Duration() <= s_jump) return false;
        _since = (time.GetUtcNow(), time.GetTimestamp());
        return true;
    }
}
