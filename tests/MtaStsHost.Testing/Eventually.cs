namespace MtaStsHost.Testing;

/// <summary>Waits for what happens in the background, with a deadline.</summary>
public static class Eventually
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Returns when the condition holds; throws when it doesn't in time.</summary>
    public static async Task IsTrueAsync(Func<bool> condition, string what, TimeSpan? within = null) =>
        await IsTrueAsync(() => Task.FromResult(condition()), what, within);

    /// <inheritdoc cref="IsTrueAsync(Func{bool}, string, TimeSpan?)"/>
    public static async Task IsTrueAsync(Func<Task<bool>> condition, string what, TimeSpan? within = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > (within ?? s_deadline)) throw new TimeoutException($"not in time: {what}");
            await Task.Delay(s_interval, TimeProvider.System);
        }
    }
}
