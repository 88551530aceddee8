namespace Acme;

/// <summary>When a CA suggests that a certificate be renewed. RFC 9773 §4.2.</summary>
public sealed record RenewalInfo
{
    /// <summary>The start of the suggested window. In the past: renew now.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>The end of the window; after <see cref="Start"/>.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>A page that says why the window is where it is; null mostly. Only to be shown, never fetched.</summary>
    public string? ExplanationUrl { get; init; }

    /// <summary>When to ask again, from the answer's <c>Retry-After</c>: RFC 9773 §4.3. Null when it has none.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A time in the window. RFC 9773 §4.2 wants one chosen at random, and kept while the window stays the same.</summary>
    /// <param name="fraction">From 0 for the start to 1 for the end.</param>
    /// <returns>The time.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not between 0 and 1.</exception>
    public DateTimeOffset TimeAt(double fraction) => fraction is >= 0 and <= 1
        ? Start + ((End - Start) * fraction)
        : throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "A fraction is between 0 and 1.");
}
