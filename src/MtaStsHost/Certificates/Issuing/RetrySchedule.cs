namespace MtaStsHost.Certificates.Issuing;

/// <summary>
/// When to retry a failed attempt: by its class, later each time. No ladder allows more than three failed authorizations per hour and name;
/// Let's Encrypt's limit is five. Pure.
/// </summary>
internal static class RetrySchedule
{
    /// <summary>No schedule waits longer, so a later time was set by a wrong clock.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromDays(8);

    /// <summary>
    /// After a request to the CA, the earliest attempt that is made because something seems to be fixed. With the ladders, that is at most
    /// four failed authorizations per hour and name, even if it seems so again and again.
    /// </summary>
    public static readonly TimeSpan EarliestAfterFix = TimeSpan.FromMinutes(30);

    /// <summary>No CA's limit lasts longer (Let's Encrypt counts certificates in seven days): what is longer is a mistake.</summary>
    private static readonly TimeSpan s_longestRetryAfter = TimeSpan.FromDays(7);

    /// <summary>Without a valid certificate, every hour counts.</summary>
    private static readonly TimeSpan s_longestWithoutCertificate = TimeSpan.FromHours(1);

    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    private static readonly TimeSpan[] s_ladder = Minutes(1, 10, 100, 24 * 60);

    /// <summary>Costs the CA nothing, and mostly waits for a DNS record to be published.</summary>
    private static readonly TimeSpan[] s_preflight = Minutes(1, 2, 5, 10, 15, 30, 60);

    /// <summary>A rate limit without a Retry-After.</summary>
    private static readonly TimeSpan[] s_limited = Minutes(60, 3 * 60, 24 * 60);

    /// <summary>The order is in progress at the CA; polling it is one request.</summary>
    private static readonly TimeSpan[] s_slow = Minutes(1, 5, 10, 30, 60);

    /// <param name="attempts">Failed in a row, including this one.</param>
    /// <param name="retryAfter">The CA's Retry-After: honoured, up to half of what is left of the certificate's life; without a valid one,
    /// up to an hour, but a rate limit of the CA in full.</param>
    /// <param name="notAfter">Of the certificate to renew; <c>null</c> when there is none.</param>
    /// <param name="fraction">Random, 0 to 1: this share of a fifth is added, so that names that failed together spread out.</param>
    public static DateTimeOffset NextAttempt(string kind, int attempts,
        TimeSpan? retryAfter, DateTimeOffset? notAfter, DateTimeOffset now, double fraction)
    {
        var wait = Ladder(kind, attempts) * (1 + (fraction / 5));
        if (retryAfter is { } asked && Capped(kind, asked, notAfter - now) is var capped && capped > wait) wait = capped;
        return now + wait;
    }

    private static TimeSpan Capped(string kind, TimeSpan asked, TimeSpan? left)
    {
        if (left > TimeSpan.Zero) return Min(asked, Min(left.Value / 2, s_longestRetryAfter));
        return kind == FailureKind.RateLimited && asked <= s_longestRetryAfter ? asked : Min(asked, s_longestWithoutCertificate);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Ladder(string kind, int attempts) => kind switch
    {
        FailureKind.Refused or FailureKind.Profile or FailureKind.Account => s_day,
        FailureKind.Preflight => Step(s_preflight, attempts),
        FailureKind.RateLimited => Step(s_limited, attempts),
        FailureKind.Slow => Step(s_slow, attempts),
        _ => Step(s_ladder, attempts),
    };

    private static TimeSpan Step(TimeSpan[] ladder, int attempts) => ladder[Math.Clamp(attempts - 1, 0, ladder.Length - 1)];

    private static TimeSpan[] Minutes(params int[] minutes) => [.. minutes.Select(number => TimeSpan.FromMinutes(number))];
}
