using System.Globalization;

namespace Acme;

/// <summary>The header of RFC 9110 §10.2.3.</summary>
internal static class RetryAfter
{
    /// <summary>Longer waits become this one; what a CA says in earnest is shorter, and it keeps sums of times in range.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    // RFC 9110 §5.6.7: the form of today, and two that recipients must understand still.
    private static readonly string[] s_formats =
        ["ddd, dd MMM yyyy HH:mm:ss 'GMT'", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy"];

    /// <summary>Seconds or a date as the time from now on, never negative; null for what is neither.</summary>
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
        if (!DateTimeOffset.TryParseExact(
                text, s_formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite,
                out var date))
            return null;
        var wait = date - now;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Longest ? Longest : wait;
    }
}
