using System.Buffers;

namespace MailRecords;

/// <summary>The macros in an SPF record's domains. RFC 7208 §7.</summary>
public static class SpfMacros
{
    private const string Letters = "slodiphv";
    private const string ExplanationLetters = "crt";

    private static readonly SearchValues<char> s_delimiters = SearchValues.Create(".-+,/_=");

    /// <summary>Expands <c>%{d}</c>, <c>%{o}</c> and <c>%%</c>. All other macros depend on a message.</summary>
    /// <param name="text">A domain-spec of a record that was read without an error.</param>
    /// <param name="domain">The domain of the record, for <c>%{d}</c>.</param>
    /// <param name="sender">The sender's domain, for <c>%{o}</c>.</param>
    /// <returns>A name without a trailing dot; <c>null</c> when it depends on a message.</returns>
    public static string? Expand(string text, string domain, string sender)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(sender);
        var name = new StringBuilder();
        foreach (var (piece, _, fault) in Pieces(text))
        {
            switch (piece)
            {
                case ['%', '{', 'd' or 'D' or 'o' or 'O', ..] when fault is null:
                    name.Append(Transform(piece[2] is 'd' or 'D' ? domain : sender, piece.AsSpan(3, piece.Length - 4)));
                    break;
                case "%%":
                    name.Append('%');
                    break;
                case ['%', ..]:
                    return null;
                default:
                    name.Append(piece);
                    break;
            }
        }

        return name.ToString().TrimEnd('.');
    }

    /// <summary>A macro-string: visible ASCII and well-formed macros.</summary>
    internal static RecordError? CheckString(string text, int position) =>
        Pieces(text).Where(piece => piece.Fault is not null).Select(piece => new RecordError(position + piece.Start, piece.Fault!))
            .FirstOrDefault();

    /// <summary>A domain-spec: a macro-string that ends in a macro or in a label that can be a top-level domain.</summary>
    internal static RecordError? CheckDomain(string text, int position)
    {
        if (text.Length == 0) return new RecordError(position, "expected a domain");
        if (CheckString(text, position) is { } error) return error;
        if (Pieces(text).Last().Text[0] == '%') return null;
        var name = text.EndsWith('.') ? text[..^1] : text;
        var dot = name.LastIndexOf('.');
        if (dot < 0) return new RecordError(position, $"{Quoted.Text(text)} has a single label; expected a full domain name");
        var top = name[(dot + 1)..];
        return MailtoUri.IsLabel(top) && !top.All(char.IsAsciiDigit) ? null
            : new RecordError(position + dot + 1, $"{Quoted.Text(top)} is not a top-level domain");
    }

    /// <summary>The macros of a text and the characters between them, and what is wrong with each.</summary>
    private static IEnumerable<(string Text, int Start, string? Fault)> Pieces(string text)
    {
        for (var (start, length) = (0, 1); start < text.Length; start += length)
        {
            length = 1;
            var fault = text[start] == '%' ? CheckMacro(text.AsSpan(start), out length)
                : text[start] is <= ' ' or > '~' ? $"found {Quoted.Text(text.AsSpan(start, 1))}; expected visible ASCII" : null;
            length = Math.Min(length, text.Length - start);
            yield return (text.Substring(start, length), start, fault);
        }
    }

    /// <summary>Keeps the last labels, optionally reversed. RFC 7208 §7.3.</summary>
    private static string Transform(string value, ReadOnlySpan<char> transformers)
    {
        var digits = Digits(transformers);
        var rest = transformers[digits.Length..];
        var isReversed = rest is ['r' or 'R', ..];
        var delimiters = rest[(isReversed ? 1 : 0)..];
        var parts = value.Split(delimiters.IsEmpty ? ['.'] : delimiters.ToArray());
        if (isReversed) Array.Reverse(parts);
        var count = digits.IsEmpty || !int.TryParse(digits, out var number) ? parts.Length : Math.Min(number, parts.Length);
        return string.Join('.', parts[^count..]);
    }

    /// <returns><c>null</c>, or what is wrong with the macro at the start of the text.</returns>
    private static string? CheckMacro(ReadOnlySpan<char> text, out int length)
    {
        length = 2;
        if (text is ['%', '%' or '_' or '-', ..]) return null;
        if (text is not ['%', '{', ..]) return "a % that begins no macro; try %% for a percent sign";
        var end = text.IndexOf('}');
        if (end < 0) return "a macro without a closing brace";
        length = end + 1;
        var macro = text[2..end];
        if (macro.IsEmpty) return "a macro without a letter";
        var letter = char.ToLowerInvariant(macro[0]);
        if (ExplanationLetters.Contains(letter, StringComparison.Ordinal)) return $"%{{{letter}}} is allowed in explanations only";
        var shown = Quoted.Text(text[..length], 20);
        if (!Letters.Contains(letter, StringComparison.Ordinal)) return $"{shown} is not a macro";
        var digits = Digits(macro[1..]);
        if (!digits.IsEmpty && digits.IndexOfAnyExcept('0') < 0) return $"{shown} keeps no part of the name";
        var rest = macro[(1 + digits.Length)..];
        return rest[(rest is ['r' or 'R', ..] ? 1 : 0)..].IndexOfAnyExcept(s_delimiters) < 0 ? null : $"{shown} is not a macro";
    }

    private static ReadOnlySpan<char> Digits(ReadOnlySpan<char> text) =>
        text.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? text[..end] : text;
}
