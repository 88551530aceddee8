using System.Buffers;
using System.Text;

namespace MtaStsHost.Checks.Mail;

/// <summary>The macros in an SPF record's domains. RFC 7208 §7.</summary>
internal static class SpfMacros
{
    private const string Letters = "slodiphv";
    private const string ExplanationLetters = "crt";

    private static readonly SearchValues<char> s_delimiters = SearchValues.Create(".-+,/_=");

    /// <summary>A macro-string: visible ASCII and well-formed macros.</summary>
    /// <param name="text">What to judge.</param>
    /// <param name="position">Where it stands in the record.</param>
    public static RecordError? JudgeString(string text, int position)
    {
        for (var i = 0; i < text.Length;)
        {
            if (text[i] is <= ' ' or > '~') return new RecordError(position
                + i, $"the character {Texts.Quote(text.AsSpan(i, 1))}, which is no visible ASCII");
            if (text[i] != '%')
            {
                i++;
                continue;
            }

            if (JudgeMacro(text.AsSpan(i), out var length) is { } what) return new RecordError(position + i, what);
            i += length;
        }

        return null;
    }

    /// <summary>A domain-spec: a macro-string that ends in a macro or in a label that may be a top-level domain.</summary>
    /// <inheritdoc cref="JudgeString"/>
    public static RecordError? JudgeDomain(string text, int position)
    {
        if (text.Length == 0) return new RecordError(position, "a domain is lacking");
        if (JudgeString(text, position) is { } error) return error;
        if (EndsInMacro(text)) return null;
        var name = text.EndsWith('.') ? text[..^1] : text;
        var dot = name.LastIndexOf('.');
        if (dot < 0) return new RecordError(position, $"{Texts.Quote(text, 60)} is no domain: it has a single label");
        var top = name.AsSpan(dot + 1);
        var isTop = top.Length > 0 && top[0] != '-' && top[^1] != '-' && top.IndexOfAnyExceptInRange('0', '9') >= 0;
        foreach (var c in top) isTop &= char.IsAsciiLetterOrDigit(c) || c == '-';
        return isTop ? null : new RecordError(position + dot + 1, $"{Texts.Quote(top, 60)} is no top-level domain");
    }

    /// <summary>
    /// The name that is asked for. Known here are <c>%{d}</c> and <c>%{o}</c> alone; the others depend on a message.
    /// </summary>
    /// <param name="text">A domain-spec that <see cref="JudgeDomain"/> has found good.</param>
    /// <param name="domain">The domain of the record, for <c>%{d}</c>.</param>
    /// <param name="sender">The domain that is checked, for <c>%{o}</c>.</param>
    /// <returns>Without a dot at the end; <c>null</c> when only a message tells.</returns>
    public static string? Expand(string text, string domain, string sender)
    {
        if (!text.Contains('%', StringComparison.Ordinal)) return text.TrimEnd('.');
        var name = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            if (text[i] != '%')
            {
                name.Append(text[i++]);
                continue;
            }

            if (JudgeMacro(text.AsSpan(i), out var length) is not null) return null;
            var macro = text.AsSpan(i, length);
            switch (macro)
            {
                case ['%', '{', 'd' or 'D' or 'o' or 'O', ..]:
                    name.Append(Transform(macro[2] is 'd' or 'D' ? domain : sender, macro[3..^1]));
                    break;
                case "%%":
                    name.Append('%');
                    break;
                default:
                    return null;
            }

            i += length;
        }

        return name.ToString().TrimEnd('.');
    }

    /// <summary>RFC 7208 §7.3: parts, reversed, the last of them.</summary>
    private static string Transform(string value, ReadOnlySpan<char> transformers)
    {
        var digits = transformers.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? transformers[..end] : transformers;
        var rest = transformers[digits.Length..];
        var isReversed = rest is ['r' or 'R', ..];
        var delimiters = rest[(isReversed ? 1 : 0)..];
        var parts = value.Split(delimiters.IsEmpty ? ['.'] : delimiters.ToArray());
        if (isReversed) Array.Reverse(parts);
        var count = digits.IsEmpty || !int.TryParse(digits, out var number) ? parts.Length : Math.Min(number, parts.Length);
        return string.Join('.', parts[^count..]);
    }

    /// <returns><c>null</c>, or what is wrong with the macro that the text begins with.</returns>
    private static string? JudgeMacro(ReadOnlySpan<char> text, out int length)
    {
        length = 2;
        if (text is ['%', '%' or '_' or '-', ..]) return null;
        if (text is not ['%', '{', ..]) return "a % that begins no macro; %% stands for the sign itself";
        var end = text.IndexOf('}');
        if (end < 0) return "a macro without its closing brace";
        length = end + 1;
        var macro = text[2..end];
        if (macro.IsEmpty) return "a macro without a letter";
        var letter = char.ToLowerInvariant(macro[0]);
        if (ExplanationLetters.Contains(letter,
            StringComparison.Ordinal)) return $"the macro %{{{letter}}}, which is for explanations alone";
        if (!Letters.Contains(letter, StringComparison.Ordinal)) return $"{Texts.Quote(text[..length], 20)} is no macro";
        var rest = macro[1..];
        var digits = rest.IndexOfAnyExceptInRange('0', '9') is >= 0 and var stop ? rest[..stop] : rest;
        if (!digits.IsEmpty && digits.IndexOfAnyExcept('0') < 0) return $"the macro {Texts.Quote(text[..length], 20)} takes no part at all";
        rest = rest[digits.Length..];
        if (rest is ['r' or 'R', ..]) rest = rest[1..];
        return rest.IndexOfAnyExcept(s_delimiters) < 0 ? null : $"{Texts.Quote(text[..length], 20)} is no macro";
    }

    private static bool EndsInMacro(string text)
    {
        var isMacro = false;
        for (var i = 0; i < text.Length;)
        {
            isMacro = text[i] == '%';
            var length = 1;
            if (isMacro && JudgeMacro(text.AsSpan(i), out length) is not null) return false;
            i += length;
        }

        return isMacro;
    }
}
