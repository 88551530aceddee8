using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Acme.Tests;

/// <summary>A clock that knows when the client pauses, so that a test can turn it just then.</summary>
public sealed class PausingTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    // The client's time-out of each request is a timer too; it does not count as a pause.
    private static readonly TimeSpan s_requestTimeout = new AcmeClientOptions().Timeout;

    private readonly Channel<TimeSpan> _pauses = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && dueTime != s_requestTimeout) _pauses.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Waits for a pause and turns the clock to its end.</summary>
    /// <returns>False when the task ended without one.</returns>
    public async Task<bool> WaitForPauseAsync(Task task)
    {
        await Task.WhenAny(task, _pauses.Reader.WaitToReadAsync().AsTask());
        if (task.IsCompleted || !_pauses.Reader.TryRead(out var pause)) return false;
        Advance(pause);
        return true;
    }
}
