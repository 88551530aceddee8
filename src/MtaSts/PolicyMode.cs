namespace MtaSts;

/// <summary>What a sender does when a policy can't be satisfied. RFC 8461 §5.</summary>
public enum PolicyMode
{
    /// <summary>No policy: senders treat the domain as if it had none. Used to retire a policy. RFC 8461 §8.3.</summary>
    None,

    /// <summary>Senders deliver despite failures, and report them if TLSRPT requests it. RFC 8461 §5.</summary>
    Testing,

    /// <summary>Senders don't deliver to hosts that fail MX matching or certificate validation. RFC 8461 §5.</summary>
    Enforce,
}

/// <summary>The text form of <see cref="PolicyMode"/> in a policy. RFC 8461 §3.2.</summary>
public static class PolicyModes
{
    /// <summary>Reads <c>none</c>, <c>testing</c> or <c>enforce</c>; any other text or case is refused. RFC 8461 §3.2.</summary>
    /// <param name="text">The text, without white space around it.</param>
    /// <param name="mode">The mode; <see cref="PolicyMode.None"/> when refused.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out PolicyMode mode)
    {
        (var known, mode) = text switch
        {
            "none" => (true, PolicyMode.None),
            "testing" => (true, PolicyMode.Testing),
            "enforce" => (true, PolicyMode.Enforce),
            _ => (false, PolicyMode.None),
        };
        return known;
    }

    /// <summary>The word for a mode in a policy, lower case. RFC 8461 §3.2.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The mode is not defined.</exception>
    public static string ToText(PolicyMode mode) => mode switch
    {
        PolicyMode.None => "none",
        PolicyMode.Testing => "testing",
        PolicyMode.Enforce => "enforce",
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a mode of RFC 8461 §3.2."),
    };
}
