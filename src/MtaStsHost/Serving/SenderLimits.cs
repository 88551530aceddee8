namespace MtaStsHost.Serving;

/// <summary>Where senders that are in use read a valid policy differently from RFC 8461.</summary>
internal static class SenderLimits
{
    /// <summary>In bytes. chasquid reads this much of a policy, and goes by that.</summary>
    public const int LongBody = 10 * 1024;

    /// <summary>In bytes. A longer policy is a temporary failure to postfix-tlspol, which holds mail back.</summary>
    public const int VeryLongBody = 20_000;

    /// <summary>In seconds. Some senders ignore a policy with a lower <c>max_age</c>.</summary>
    public const int ShortMaxAge = 86_400;

    /// <summary>In seconds. Above it, which RFC 8461 §3.2 allows, Stalwart uses a <c>max_age</c> of its own.</summary>
    public const int LongMaxAge = 31_557_599;
}
