namespace MtaSts;

/// <summary>Where and why a body is not a policy.</summary>
/// <param name="Line">The line, from 1. A missing field is reported after the last line, an error of the whole body at 1.</param>
/// <param name="Column">The byte within the line, from 1.</param>
/// <param name="Kind">The broken rule.</param>
/// <param name="Message">One line; never repeats the body.</param>
public sealed record PolicyParseError(int Line, int Column, PolicyParseErrorKind Kind, string Message)
{
    /// <summary>The <c>mx</c> would be valid without its trailing dot, which some senders don't mind and then match nothing with.</summary>
    public bool EndsWithDot { get; init; }

    /// <summary>The message with its position: <c>line 2, column 7: expected the mode none, testing or enforce</c>.</summary>
    public override string ToString() => $"line {Line}, column {Column}: {Message}";
}

/// <summary>Why a body is not a policy. RFC 8461 §3.2.</summary>
public enum PolicyParseErrorKind
{
    /// <summary>The body is empty.</summary>
    Empty,

    /// <summary>The body has more than <see cref="Policy.MaxBodyBytes"/> bytes. RFC 8461 §3.3.</summary>
    TooLarge,

    /// <summary>The body starts with a byte order mark.</summary>
    ByteOrderMark,

    /// <summary>A line is empty or only white space.</summary>
    BlankLine,

    /// <summary>A line starts with white space.</summary>
    LeadingSpace,

    /// <summary>A control character, a NUL, or a CR without an LF.</summary>
    ControlCharacter,

    /// <summary>A line has no colon.</summary>
    MissingColon,

    /// <summary>The field name is not 1 to 32 letters, digits, <c>_</c>, <c>-</c> and <c>.</c>, starting with a letter or digit.</summary>
    InvalidName,

    /// <summary>The version is not <c>STSv1</c>.</summary>
    InvalidVersion,

    /// <summary>The mode is not <c>none</c>, <c>testing</c> or <c>enforce</c> in lower case.</summary>
    InvalidMode,

    /// <summary><c>max_age</c> is not 1 to 10 digits.</summary>
    InvalidMaxAge,

    /// <summary><c>max_age</c> is over <see cref="Policy.MaxMaxAge"/>.</summary>
    MaxAgeOutOfRange,

    /// <summary>An <c>mx</c> is not a host name, optionally after <c>*.</c>, in A-labels without a trailing dot.</summary>
    InvalidMx,

    /// <summary>The value of an unknown or repeated field is empty, has a tab inside, or is not UTF-8.</summary>
    InvalidExtension,

    /// <summary>There is no <c>version</c>.</summary>
    MissingVersion,

    /// <summary>There is no <c>mode</c>.</summary>
    MissingMode,

    /// <summary>There is no <c>max_age</c>.</summary>
    MissingMaxAge,

    /// <summary>There is no <c>mx</c>, and the mode is not <c>none</c>.</summary>
    MissingMx,
}
