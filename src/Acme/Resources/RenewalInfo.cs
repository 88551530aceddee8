namespace Acme;

/// <summary>The CA's suggestion for when to renew a certificate. RFC 9773 §4.2.</summary>
public sealed record RenewalInfo
{
    /// <summary>The start of the suggested window. If it is in the past, renew now.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The end of the window; after <see cref="Start"/>.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>A page that explains the window, to show and never to fetch; usually null.</summary>
    public string? ExplanationUrl { get; init; }

    /// <summary>When to fetch it again, from <c>Retry-After</c>: RFC 9773 §4.3. Null without one.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A time in the window, at a fraction from 0 for its start to 1 for its end. RFC 9773 §4.2: choose it at random, and keep it
    /// while the window stays the same.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not between 0 and 1.</exception>
    public DateTimeOffset TimeAt(double fraction) => fraction is >= 0 and <= 1
        ? Start + ((End - Start) * fraction)
        : throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "Expected a fraction from 0 to 1.");
}
