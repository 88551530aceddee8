namespace Acme;

/// <summary>How to poll a server: at intervals of its <c>Retry-After</c>, else growing ones. RFC 8555 §7.5.1.</summary>
public sealed record WaitOptions
{
    /// <summary>The first interval, and the minimum for <c>Retry-After</c>. 250 milliseconds by default.</summary>
    public TimeSpan FirstInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Intervals double up to this one; <c>Retry-After</c> may be longer. 10 seconds by default.</summary>
    public TimeSpan LongestInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The limit for the whole wait. Five minutes by default.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}
