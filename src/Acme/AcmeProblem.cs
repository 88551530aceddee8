using System.Globalization;
using System.Text;

namespace Acme;

/// <summary>What a server says is wrong. RFC 7807, RFC 8555 §6.7. Its texts are the server's, with control characters made
/// spaces.</summary>
public sealed record AcmeProblem
{
    internal const string Namespace = "urn:ietf:params:acme:error:";
    private const int LongestText = 8192;

    /// <summary>The type as the server gave it; <c>about:blank</c> when it gave none.</summary>
    public required string Type { get; init; }

    /// <summary>The type, where this library knows it.</summary>
    public AcmeErrorType ErrorType { get; init; }

    /// <summary>A short name of the kind of problem; null when there is none.</summary>
    public string? Title { get; init; }

    /// <summary>What is wrong this time; null when the server doesn't say. At most 8192 characters.</summary>
    public string? Detail { get; init; }

    /// <summary>The HTTP status that the document names; null when it names none.</summary>
    public int? Status { get; init; }

    /// <summary>A URI about this occurrence; a page to visit with <see cref="AcmeErrorType.UserActionRequired"/>.</summary>
    public string? Instance { get; init; }

    /// <summary>What a subproblem is about; null elsewhere. RFC 8555 §6.7.1.</summary>
    public Identifier? Identifier { get; init; }

    /// <summary>The parts of the problem, mostly one an identifier. RFC 8555 §6.7.1. At most 200.</summary>
    public IReadOnlyList<AcmeProblem> Subproblems { get; init; } = [];

    /// <summary>The whole problem in one line, subproblems included.</summary>
    /// <returns>Type and detail, then the subproblems in brackets.</returns>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (Identifier is { } identifier)
            text.Append(identifier.Value).Append(": ");
        text.Append(Type.StartsWith(Namespace, StringComparison.Ordinal) ? Type[Namespace.Length..] : Type);
        if ((Detail ?? Title) is { } words)
            text.Append(": ").Append(words);
        if (Instance is { } instance)
            text.Append(" <").Append(instance).Append('>');
        if (Subproblems.Count > 0)
            text.Append(" [").AppendJoin("; ", Subproblems).Append(']');
        return text.ToString();
    }

    // These words end up in logs and on terminals; U+0085, U+2028 and the bidi controls do harm there too.
    internal static string? Clean(string? text)
    {
        if (text is null)
            return null;
        var length = Math.Min(text.Length, LongestText);
        return string.Create(length, text, static (line, text) =>
        {
            for (var i = 0; i < line.Length; i++)
                line[i] = IsPlain(text, i, line.Length) ? text[i] : ' ';
        });
    }

    private static bool IsPlain(string text, int index, int end) => CharUnicodeInfo.GetUnicodeCategory(text[index]) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.Surrogate => char.IsHighSurrogate(text[index])
            ? index + 1 < end && char.IsLowSurrogate(text[index + 1])
            : index > 0 && char.IsHighSurrogate(text[index - 1]),
        _ => true,
    };
}
