namespace MtaStsHost.Certificates.Issuing;

/// <summary>
/// When a failed attempt is made again: by its class, later each time. No ladder allows more than three failed authorizations in an hour
/// for a name, and Let's Encrypt's limit is five. Pure.
/// </summary>
internal static class RetrySchedule
{
    /// <summary>No schedule puts an attempt further ahead, so a time that is further ahead was set by a clock that was wrong.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromDays(8);

    private static readonly TimeSpan s_longestRetryAfter = TimeSpan.FromDays(7);

    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    private static readonly TimeSpan[] s_ladder = Minutes(1, 10, 100, 24 * 60);

    /// <summary>Costs the CA nothing, and mostly waits for a DNS record that somebody is about to set.</summary>
    private static readonly TimeSpan[] s_ownLooks = Minutes(1, 2, 5, 10, 15, 30, 60);

    /// <summary>A CA that limits without saying for how long.</summary>
    private static readonly TimeSpan[] s_limited = Minutes(60, 3 * 60, 24 * 60);

    /// <summary>The order is under way at the CA; looking at it is one request.</summary>
    private static readonly TimeSpan[] s_slow = Minutes(1, 5, 10, 30, 60);

    /// <param name="attempts">That failed in a row, this one included.</param>
    /// <param name="retryAfter">What the CA asks for; honoured, but never past half of what is left of the certificate's life.</param>
    /// <param name="notAfter">The end of the certificate that is to be renewed; <c>null</c> when there is none.</param>
    /// <param name="fraction">From 0 to 1, at random: so much of a fifth is added, so that names which failed together don't come
    /// together.</param>
    public static DateTimeOffset NextAttempt(string kind, int attempts,
        TimeSpan? retryAfter, DateTimeOffset? notAfter, DateTimeOffset now, double fraction)
    {
        var wait = Ladder(kind, attempts) * (1 + (fraction / 5));
        if (retryAfter is { } asked)
        {
            if (asked > s_longestRetryAfter) asked = s_longestRetryAfter;
            if (notAfter - now is { } left && left > TimeSpan.Zero && asked > left / 2) asked = left / 2;
            if (asked > wait) wait = asked;
        }

        return now + wait;
    }

    private static TimeSpan Ladder(string kind, int attempts) => kind switch
    {
        FailureKind.Refused or FailureKind.Account => s_day,
        FailureKind.Preflight => Step(s_ownLooks, attempts),
        FailureKind.RateLimited => Step(s_limited, attempts),
        FailureKind.Slow => Step(s_slow, attempts),
        _ => Step(s_ladder, attempts),
    };

    private static TimeSpan Step(TimeSpan[] ladder, int attempts) => ladder[Math.Clamp(attempts - 1, 0, ladder.Length - 1)];

    private static TimeSpan[] Minutes(params ReadOnlySpan<int> minutes)
    {
        var spans = new TimeSpan[minutes.Length];
        for (var i = 0; i < spans.Length; i++) spans[i] = TimeSpan.FromMinutes(minutes[i]);
        return spans;
    }
}
