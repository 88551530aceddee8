namespace MtaStsHost.Runtime;

/// <summary>The sleep of a loop between two of its rounds, which ends at once when there is something to do.</summary>
internal sealed class WakeableDelay(TimeProvider time)
{
    private TaskCompletionSource _wake = NewSignal();

    /// <summary>To be called before a round looks at anything, so that what changes during it cuts the sleep after it short.</summary>
    public void Listen() => Volatile.Write(ref _wake, NewSignal());

    /// <summary>Ends the sleep, or the one that comes after the round which is under way.</summary>
    public void Wake() => Volatile.Read(ref _wake).TrySetResult();

    /// <summary>Doesn't throw when the host stops: the loop sees to that.</summary>
    /// <param name="atMost"><c>null</c>: until somebody wakes it.</param>
    public async Task SleepAsync(TimeSpan? atMost, CancellationToken stoppingToken)
    {
        if (atMost <= TimeSpan.Zero) return;
        // Each sleep has a source of its own: a delay that nobody waits for any more must end, or they pile up.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(_wake.Task, Task.Delay(atMost ?? Timeout.InfiniteTimeSpan, time, over.Token));
        await over.CancelAsync();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
