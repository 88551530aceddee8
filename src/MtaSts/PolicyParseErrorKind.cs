namespace MtaSts;

/// <summary>Why a body is no policy. RFC 8461 §3.2.</summary>
public enum PolicyParseErrorKind
{
    /// <summary>There is no byte in the body.</summary>
    Empty,

    /// <summary>The body has more than <see cref="Policy.MaxBodyBytes"/> bytes. RFC 8461 §3.3.</summary>
    TooLarge,

    /// <summary>The body starts with a byte order mark.</summary>
    ByteOrderMark,

    /// <summary>A line is empty or white space alone.</summary>
    BlankLine,

    /// <summary>A line starts with white space.</summary>
    LeadingSpace,

    /// <summary>A control character, a NUL, or a CR that no LF follows.</summary>
    ControlCharacter,

    /// <summary>A line has no colon.</summary>
    MissingColon,

    /// <summary>Before the colon are not 1 to 32 letters, digits, <c>_</c>, <c>-</c> and <c>.</c>, a letter or digit first.</summary>
    InvalidName,

    /// <summary>The version is not <c>STSv1</c>.</summary>
    InvalidVersion,

    /// <summary>The mode is none of <c>none</c>, <c>testing</c>, <c>enforce</c> in lower case.</summary>
    InvalidMode,

    /// <summary><c>max_age</c> is not 1 to 10 digits.</summary>
    InvalidMaxAge,

    /// <summary><c>max_age</c> is over <see cref="Policy.MaxMaxAge"/>.</summary>
    MaxAgeOutOfRange,

    /// <summary>An <c>mx</c> is no host name and no <c>*.</c> with a host name, in A-labels and without a dot at the end.</summary>
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
