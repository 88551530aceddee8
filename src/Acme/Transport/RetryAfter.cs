namespace Acme;

/// <summary>The <c>Retry-After</c> header. RFC 9110 §10.2.3.</summary>
internal static class RetryAfter
{
    /// <summary>Longer waits are cut to this one, so that sums of times stay in range.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    // RFC 9110 §5.6.7: the current format, and two obsolete ones that recipients must accept.
    private static readonly string[] s_formats =
        ["ddd, dd MMM yyyy HH:mm:ss 'GMT'", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy"];

    /// <summary>The time from now, never negative; null for a value that is neither seconds nor a date.</summary>
    public static TimeSpan? Parse(string? text, DateTimeOffset now)
    {
        text = text?.Trim();
        if (string.IsNullOrEmpty(text))
            return null;
        if (!text.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                && seconds < (ulong)Longest.TotalSeconds
                    ? TimeSpan.FromSeconds((long)seconds)
                    : Longest;
        if (ParseDate(text) is not { } date)
            return null;
        var wait = date - now;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Longest ? Longest : wait;
    }

    /// <summary>An HTTP date: RFC 9110 §5.6.7. Null for anything else.</summary>
    public static DateTimeOffset? ParseDate(string? text) =>
        DateTimeOffset.TryParseExact(
            text?.Trim(), s_formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite,
            out var date)
            ? date
            : null;
}
