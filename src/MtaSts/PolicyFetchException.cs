namespace MtaSts;

/// <summary>A policy could not be fetched. RFC 8461 §3.3. The message is one line without control characters.</summary>
public sealed class PolicyFetchException : Exception
{
    /// <summary>Creates an exception without a reason.</summary>
    public PolicyFetchException()
        : this(PolicyFetchFailure.Protocol, "The policy could not be fetched.")
    {
    }

    /// <summary>Creates an exception of the kind <see cref="PolicyFetchFailure.Protocol"/>.</summary>
    /// <param name="message">What went wrong.</param>
    public PolicyFetchException(string message)
        : this(PolicyFetchFailure.Protocol, message)
    {
    }

    /// <summary>Creates an exception of the kind <see cref="PolicyFetchFailure.Protocol"/>.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">The cause.</param>
    public PolicyFetchException(string message, Exception? innerException)
        : this(PolicyFetchFailure.Protocol, message, innerException)
    {
    }

    /// <summary>Creates an exception.</summary>
    /// <param name="kind">Which step failed, and how.</param>
    /// <param name="message">What went wrong; control characters become spaces.</param>
    /// <param name="innerException">The cause.</param>
    public PolicyFetchException(PolicyFetchFailure kind, string message, Exception? innerException = null)
        : base(ToOneLine(message), innerException) => Kind = kind;

    /// <summary>Which step failed, and how.</summary>
    public PolicyFetchFailure Kind { get; }

    /// <summary>The HTTP status; null without a response.</summary>
    public int? StatusCode { get; init; }

    /// <summary>What is wrong with the body, when the kind is <see cref="PolicyFetchFailure.InvalidPolicy"/>; else null.</summary>
    public PolicyParseError? ParseError { get; init; }

    // Anyone's certificates and HTTP headers end up in logs and on terminals, where U+0085, U+2028 and bidi controls do harm too.
    private static string ToOneLine(string message) => string.Create(message.Length, message, static (line, text) =>
    {
        for (var i = 0; i < text.Length; i++)
            line[i] = char.GetUnicodeCategory(text[i]) is System.Globalization.UnicodeCategory.Control
                or System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator
                or System.Globalization.UnicodeCategory.ParagraphSeparator or System.Globalization.UnicodeCategory.Surrogate
                ? ' '
                : text[i];
    });
}
