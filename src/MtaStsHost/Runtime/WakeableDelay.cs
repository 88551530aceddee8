namespace MtaStsHost.Runtime;

/// <summary>The sleep of a loop between two rounds, which ends at once when there is something to do.</summary>
internal sealed class WakeableDelay(TimeProvider time)
{
    private TaskCompletionSource _wake = NewSignal();

    /// <summary>To be called before a round reads anything, so that a change during the round cuts short the sleep after it.</summary>
    public void Listen() => Volatile.Write(ref _wake, NewSignal());

    /// <summary>Ends the sleep, or the one after the current round.</summary>
    public void Wake() => Volatile.Read(ref _wake).TrySetResult();

    /// <summary>Does not throw when the service stops; the loop checks for that.</summary>
    /// <param name="atMost"><c>null</c>: until <see cref="Wake"/>.</param>
    public async Task SleepAsync(TimeSpan? atMost, CancellationToken stoppingToken)
    {
        if (atMost <= TimeSpan.Zero) return;
        // Each sleep has a source of its own, so that a delay that was cut short ends too; otherwise they would pile up.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(_wake.Task, Task.Delay(atMost ?? Timeout.InfiniteTimeSpan, time, over.Token));
        await over.CancelAsync();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
