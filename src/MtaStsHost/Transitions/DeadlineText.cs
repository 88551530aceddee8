namespace MtaStsHost.Transitions;

/// <summary>How times are printed: to the minute, and rounded up where the operator has to wait for them.</summary>
internal static class DeadlineText
{
    /// <summary>The time and how far off it is.</summary>
    public static string Text(DateTimeOffset until, DateTimeOffset now) => $"{Stamp(until)} ({Length(until - now)})";

    /// <summary>Rounded up.</summary>
    public static string Stamp(DateTimeOffset time) => $"{time.AddTicks(TimeSpan.TicksPerMinute - 1).UtcDateTime:yyyy-MM-dd HH:mm}Z";

    /// <summary>When something began: rounded down.</summary>
    public static string Since(DateTimeOffset time) => $"{time.UtcDateTime:yyyy-MM-dd HH:mm}Z";

    private static string Length(TimeSpan left)
    {
        if (left >= TimeSpan.FromDays(2)) return $"{Math.Ceiling(left.TotalDays):0} days";
        if (left >= TimeSpan.FromHours(2)) return $"{Math.Ceiling(left.TotalHours):0} hours";
        return left > TimeSpan.FromMinutes(1) ? $"{Math.Ceiling(left.TotalMinutes):0} minutes" : "a minute";
    }
}
