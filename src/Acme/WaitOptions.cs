namespace Acme;

/// <summary>
/// How to wait for a server. RFC 8555 §7.5.1. Between two looks stands the answer's <c>Retry-After</c>, else a growing interval.
/// </summary>
public sealed record WaitOptions
{
    /// <summary>Before the second look, and the shortest interval whatever the server says. A quarter of a second when not set.</summary>
    public TimeSpan FirstInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Each interval is twice the one before, up to this one; <c>Retry-After</c> may be longer. 10 seconds when not set.</summary>
    public TimeSpan LongestInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait in all. Five minutes when not set.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}
