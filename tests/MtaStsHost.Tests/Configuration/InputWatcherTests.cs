using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

public sealed class InputWatcherTests : IDisposable
{
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(50);

    private readonly TempFolder _folder = new();
    private readonly SteppedTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly InputWatcher _polling;
    private readonly InputWatcher _watching;

    public InputWatcherTests()
    {
        _folder.Write("a.json", "1");
        _polling = new InputWatcher(_time, useEvents: false);
        _watching = new InputWatcher(_time);
    }

    public void Dispose()
    {
        _polling.Dispose();
        _watching.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task WaitForChangeAsync_WithoutEvents_SeesAChangeWithinTwoSeconds()
    {
        var wait = Wait(_polling);
        for (var i = 0; i < 100; i++) await StepAsync(wait);
        Assert.False(wait.IsCompleted);

        _folder.Write("a.json", "22");

        Assert.InRange(await StepsToEndAsync(wait), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));
        Assert.False(_polling.EventsWork);
    }

    [Fact]
    public async Task WaitForChangeAsync_ChangeBeforeTheCall_IsSeenAtOnce()
    {
        var inputs = Inputs();
        var before = inputs.Fingerprint();
        _folder.Write("a.json", "22");

        Assert.InRange(await StepsToEndAsync(_polling.WaitForChangeAsync([(inputs, before)], null, _stop.Token)),
            TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(150));
    }

    [Fact]
    public async Task WaitForChangeAsync_FileStillBeingWritten_IsWaitedFor()
    {
        var wait = Wait(_polling);
        _folder.Write("a.json", "");
        for (var i = 0; i < 20; i++)
        {
            if (i >= 10) _folder.Write("a.json", new string('x', i));
            await StepAsync(wait);
        }

        Assert.False(wait.IsCompleted);
        Assert.InRange(await StepsToEndAsync(wait), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task WaitForChangeAsync_FileThatNeverRests_IsTakenAtLast()
    {
        var wait = Wait(_polling);

        for (var i = 0; i < 60 && !wait.IsCompleted; i++)
        {
            _folder.Write("a.json", new string('x', i + 2));
            await StepAsync(wait);
        }

        await wait.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        Assert.True(_time.GetUtcNow() - _time.Start <= TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task WaitForChangeAsync_Events_MakeItQuickerThanThePoll()
    {
        var wait = Wait(_watching);
        Assert.True(_watching.EventsWork);
        await StepAsync(wait);

        _folder.Write("a.json", "22");
        // The clock stands while the event is under way: the watcher then waits a shorter time than that to the next poll.
        await Eventually.IsTrueAsync(() => _time.Shortest < TimeSpan.FromMilliseconds(200), "the event wakes the watcher");

        Assert.InRange(await StepsToEndAsync(wait), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(250));
    }

    [Fact]
    public async Task WaitForChangeAsync_FolderThatIsNotThere_IsPolledFor()
    {
        var inputs = new ConfigurationInputs([_folder["later/b.json"]], []);
        var wait = _watching.WaitForChangeAsync([(inputs, inputs.Fingerprint())], null, _stop.Token);
        Assert.False(_watching.EventsWork);

        _folder.Write("later/b.json", "1");

        Assert.InRange(await StepsToEndAsync(wait), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Interrupt_BeforeOrDuringTheWait_EndsItOnce()
    {
        _polling.Interrupt();
        await Wait(_polling).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        var wait = Wait(_polling);
        await StepAsync(wait);
        Assert.False(wait.IsCompleted);

        _polling.Interrupt();

        // Nothing else ends it. The clock may go on before the waiting thread is woken.
        await StepsToEndAsync(wait);
    }

    [Fact]
    public async Task WaitForChangeAsync_Cancelled_Ends()
    {
        var wait = Wait(_watching);

        await _stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System));
    }

    private ConfigurationInputs Inputs() => new([_folder["a.json"]], []);

    private Task Wait(InputWatcher watcher)
    {
        var inputs = Inputs();
        return watcher.WaitForChangeAsync([(inputs, inputs.Fingerprint())], null, _stop.Token);
    }

    /// <summary>Turns the clock, but only once the watcher waits for it: its continuations run on other threads.</summary>
    private async Task StepAsync(Task wait)
    {
        await Eventually.IsTrueAsync(() => wait.IsCompleted || _time.Waiting > 0, "the watcher waits");
        _time.Advance(s_step);
    }

    private async Task<TimeSpan> StepsToEndAsync(Task wait)
    {
        var started = _time.GetUtcNow();
        while (true)
        {
            await Eventually.IsTrueAsync(() => wait.IsCompleted || _time.Waiting > 0, "the watcher waits");
            if (wait.IsCompleted) break;
            Assert.True(_time.GetUtcNow() - started < TimeSpan.FromSeconds(30), "the change is seen");
            _time.Advance(s_step);
        }

        await wait;
        return _time.GetUtcNow() - started;
    }

    /// <summary>A clock that knows whether anybody waits for it.</summary>
    private sealed class SteppedTime : FakeTimeProvider
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<Timer, TimeSpan> _waiting = [];

        public int Waiting
        {
            get
            {
                lock (_lock) return _waiting.Count;
            }
        }

        /// <summary>The shortest time that is waited for.</summary>
        public TimeSpan Shortest
        {
            get
            {
                lock (_lock) return _waiting.Count == 0 ? TimeSpan.MaxValue : _waiting.Values.Min();
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(this);
            lock (_lock) _waiting[timer] = dueTime;
            timer.Inner = base.CreateTimer(
                inner =>
                {
                    timer.End();
                    callback(inner);
                },
                state, dueTime, period);
            return timer;
        }

        private sealed class Timer(SteppedTime time) : ITimer
        {
            public ITimer Inner { get; set; } = null!;

            public void End()
            {
                lock (time._lock) time._waiting.Remove(this);
            }

            public bool Change(TimeSpan dueTime, TimeSpan period) => Inner.Change(dueTime, period);

            public void Dispose()
            {
                End();
                Inner?.Dispose();
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
