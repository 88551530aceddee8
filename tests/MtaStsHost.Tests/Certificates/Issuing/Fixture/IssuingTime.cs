using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace MtaStsHost.Tests.Certificates.Issuing.Fixture;

/// <summary>A clock that a test turns, and can set wrong; it knows whether anybody waits for it.</summary>
internal sealed class IssuingTime(FakeTimeProvider right) : TimeProvider
{
    private readonly ConcurrentDictionary<Timer, DateTimeOffset> _waiting = new();
    private long _timers;

    /// <summary>By how much the machine's clock is wrong. Timers don't notice, as on a real machine.</summary>
    public TimeSpan WrongBy { get; set; }

    /// <summary>Timers that have not fired yet.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Delays that are not over yet. The time limit of a request, a timer too, shows only that work is going on.</summary>
    public int Sleeping => _waiting.Keys.Count(timer => timer.IsDelay);

    /// <summary>How long until the next of them does.</summary>
    public TimeSpan UntilNext
    {
        get
        {
            var wait = _waiting.Values.DefaultIfEmpty(DateTimeOffset.MaxValue).Min() - right.GetUtcNow();
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }

    private FakeTimeProvider Right => right;

    /// <summary>Timers that were ever made.</summary>
    public long Timers => Interlocked.Read(ref _timers);

    public override long TimestampFrequency => right.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => right.GetUtcNow() + WrongBy;

    public override long GetTimestamp() => right.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref _timers);
        var timer = new Timer(this, isDelay: state is Task);
        if (dueTime >= TimeSpan.Zero) _waiting[timer] = right.GetUtcNow() + dueTime;
        timer.Inner = right.CreateTimer(
            value =>
            {
                _waiting.TryRemove(timer, out _);
                callback(value);
            },
            state, dueTime, period);
        return timer;
    }

    private sealed class Timer(IssuingTime time, bool isDelay) : ITimer
    {
        public bool IsDelay => isDelay;

        public ITimer? Inner { get; set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime >= TimeSpan.Zero) time._waiting[this] = time.Right.GetUtcNow() + dueTime;
            else time._waiting.TryRemove(this, out _);
            return Inner!.Change(dueTime, period);
        }

        public void Dispose()
        {
            time._waiting.TryRemove(this, out _);
            Inner?.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
