namespace Acme;

/// <summary>A problem document. RFC 7807, RFC 8555 §6.7. Control characters in its texts are replaced with spaces.</summary>
public sealed record AcmeProblem
{
    internal const string Namespace = "urn:ietf:params:acme:error:";
    private const int MaxText = 8192;

    /// <summary>The type as received; <c>about:blank</c> without one.</summary>
    public required string Type { get; init; }

    /// <summary>The type, if known.</summary>
    public AcmeErrorType ErrorType { get; init; }

    /// <summary>A short name for this kind of problem; null without one.</summary>
    public string? Title { get; init; }

    /// <summary>What is wrong in this case; null without one. At most 8192 characters.</summary>
    public string? Detail { get; init; }

    /// <summary>The HTTP status in the document; null without one.</summary>
    public int? Status { get; init; }

    /// <summary>A URI for this occurrence; the page to visit with <see cref="AcmeErrorType.UserActionRequired"/>.</summary>
    public string? Instance { get; init; }

    /// <summary>The identifier that a subproblem is about; else null. RFC 8555 §6.7.1.</summary>
    public Identifier? Identifier { get; init; }

    /// <summary>The parts of the problem, usually one per identifier. RFC 8555 §6.7.1. At most 200.</summary>
    public IReadOnlyList<AcmeProblem> Subproblems { get; init; } = [];

    /// <summary>The whole problem on one line, including subproblems.</summary>
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

    // Shown in logs and on terminals, where U+0085, U+2028 and bidi controls do harm too.
    internal static string? Clean(string? text)
    {
        if (text is null)
            return null;
        var length = Math.Min(text.Length, MaxText);
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
