namespace MtaStsHost.Transitions;

/// <summary>How a time that somebody has to wait for is written: rounded up, so that nobody comes too early.</summary>
internal static class DeadlineText
{
    /// <summary>When, and how long that is.</summary>
    public static string Text(DateTimeOffset until, DateTimeOffset now) => $"{Stamp(until)} ({Length(until - now)})";

    /// <summary>To the next full minute.</summary>
    public static string Stamp(DateTimeOffset time) => $"{time.AddTicks(TimeSpan.TicksPerMinute - 1).UtcDateTime:yyyy-MM-dd HH:mm}Z";

    /// <summary>When something began: the minute that it was in.</summary>
    public static string Since(DateTimeOffset time) => $"{time.UtcDateTime:yyyy-MM-dd HH:mm}Z";

    private static string Length(TimeSpan left)
    {
        if (left >= TimeSpan.FromDays(2)) return $"{Math.Ceiling(left.TotalDays):0} days";
        if (left >= TimeSpan.FromHours(2)) return $"{Math.Ceiling(left.TotalHours):0} hours";
        return left > TimeSpan.FromMinutes(1) ? $"{Math.Ceiling(left.TotalMinutes):0} minutes" : "a minute";
    }
}
