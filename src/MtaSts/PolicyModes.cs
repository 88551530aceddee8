namespace MtaSts;

/// <summary>The text form of <see cref="PolicyMode"/> in a policy. RFC 8461 §3.2.</summary>
public static class PolicyModes
{
    /// <summary>Reads <c>none</c>, <c>testing</c> or <c>enforce</c>; any other text or case is refused. RFC 8461 §3.2.</summary>
    /// <param name="text">The text, without white space around it.</param>
    /// <param name="mode">The mode; <see cref="PolicyMode.None"/> when refused.</param>
    /// <returns>Whether the text is a mode.</returns>
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
    /// <param name="mode">One of the three modes.</param>
    /// <returns><c>none</c>, <c>testing</c> or <c>enforce</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The mode is not defined.</exception>
    public static string ToText(PolicyMode mode) => mode switch
    {
        PolicyMode.None => "none",
        PolicyMode.Testing => "testing",
        PolicyMode.Enforce => "enforce",
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a mode of RFC 8461 §3.2."),
    };
}
