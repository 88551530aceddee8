namespace MtaSts;

/// <summary>An MTA-STS policy. RFC 8461 §3.2. Policies are equal when mode, max_age and mx patterns, in order, are equal.</summary>
public sealed record Policy
{
    /// <summary>The limit for <see cref="MaxAge"/> in seconds, about a year. RFC 8461 §3.2.</summary>
    public const int MaxMaxAge = 31_557_600;

    /// <summary>The limit for a policy's text in bytes: 64 kilobytes, as RFC 8461 §3.3 suggests.</summary>
    public const int MaxBodyBytes = 65_536;

    /// <summary>Creates a policy without duplicate patterns.</summary>
    /// <param name="mode">What senders do when the policy can't be satisfied.</param>
    /// <param name="mx">The allowed MX hosts in the order to serve; empty only when the mode is <see cref="PolicyMode.None"/>.</param>
    /// <param name="maxAge">How long senders may keep the policy, in seconds, 0 to <see cref="MaxMaxAge"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The mode is unknown, or max_age is out of range.</exception>
    /// <exception cref="ArgumentException">There is no pattern, and the mode requires one.</exception>
    public Policy(PolicyMode mode, IEnumerable<MxPattern> mx, int maxAge)
    {
        if (!Enum.IsDefined(mode))
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a mode of RFC 8461 §3.2.");
        ArgumentNullException.ThrowIfNull(mx);
        ArgumentOutOfRangeException.ThrowIfNegative(maxAge);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxAge, MaxMaxAge);
        Mode = mode;
        Mx = [.. mx.Distinct()];
        MaxAge = maxAge;
        if (Mx.IsEmpty && mode != PolicyMode.None)
            throw new ArgumentException("A policy in mode testing or enforce has at least one mx (RFC 8461 §3.2).", nameof(mx));
    }

    /// <summary>What senders do when the policy can't be satisfied. RFC 8461 §5.</summary>
    public PolicyMode Mode { get; }

    /// <summary>The allowed MX hosts in the given order, without duplicates. RFC 8461 §3.2.</summary>
    public ImmutableArray<MxPattern> Mx { get; }

    /// <summary>How long senders may keep the policy, in seconds. RFC 8461 §3.2.</summary>
    public int MaxAge { get; }

    /// <summary>Whether any of the patterns allows an MX host. RFC 8461 §4.1. Allocates nothing.</summary>
    public bool Matches(string? mxHost)
    {
        foreach (var pattern in Mx)
            if (pattern.Matches(mxHost))
                return true;
        return false;
    }

    /// <inheritdoc/>
    public bool Equals(Policy? other) =>
        other is not null && Mode == other.Mode && MaxAge == other.MaxAge && Mx.AsSpan().SequenceEqual(other.Mx.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Mode);
        hash.Add(MaxAge);
        foreach (var pattern in Mx)
            hash.Add(pattern);
        return hash.ToHashCode();
    }
}
