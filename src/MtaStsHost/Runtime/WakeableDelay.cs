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
    /// <returns>Whether it was woken.</returns>
    public async Task<bool> SleepAsync(TimeSpan? atMost, CancellationToken stoppingToken)
    {
        if (atMost <= TimeSpan.Zero) return false;
        // Each sleep has a source of its own, so that a delay that was cut short ends too; otherwise they would pile up.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var wake = _wake.Task;
        var first = await Task.WhenAny(wake, Task.Delay(atMost ?? Timeout.InfiniteTimeSpan, time, over.Token));
        await over.CancelAsync();
        return first == wake;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
