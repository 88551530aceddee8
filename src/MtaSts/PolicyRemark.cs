namespace MtaSts;

/// <summary>Something in a valid policy that some senders read in another way, or that has no effect.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Message">One line; never repeats the body.</param>
public sealed record PolicyRemark(int Line, PolicyRemarkKind Kind, string Message)
{
    /// <summary>The message with its position: <c>line 4: the mx is an IP address</c>.</summary>
    public override string ToString() => $"line {Line}: {Message}";
}

/// <summary>What a <see cref="PolicyRemark"/> is about. RFC 8461 §3.2.</summary>
public enum PolicyRemarkKind
{
    /// <summary>An <c>mx</c> follows the grammar and can't be the name of an MX host, so it allows none.</summary>
    IdleMx,

    /// <summary>A label of an <c>mx</c> has hyphens at its third and fourth place, and is not an A-label. A reserved LDH label,
    /// RFC 5890 §2.3.1.</summary>
    RLdhLabel,

    /// <summary><c>version</c>, <c>mode</c> or <c>max_age</c> is repeated; all but the first are ignored.</summary>
    RepeatedField,

    /// <summary>The value of an unknown or ignored field has a colon.</summary>
    ExtensionWithColon,

    /// <summary>The value of an unknown or ignored field has characters outside ASCII.</summary>
    ExtensionOutsideAscii,

    /// <summary>The mode is <c>none</c>, and there is no <c>mx</c>.</summary>
    NoneWithoutMx,
}
