namespace MailRecords;

/// <summary>The URIs that DMARC reports go to: <c>mailto:</c> with one address. RFC 6068 §2, RFC 9989 §4.7.</summary>
internal static class MailtoUri
{
    public const string Scheme = "mailto:";

    private const int MaxLocalPart = 64;
    private const int MaxDomain = 253;
    private const int MaxLabel = 63;

    /// <param name="text">Begins with <see cref="Scheme"/>, in any case.</param>
    /// <param name="uri">With the scheme and the domain in lower case.</param>
    /// <param name="error">A phrase whose subject is the URI.</param>
    public static bool TryNormalise(string text, [NotNullWhen(true)] out string? uri, [NotNullWhen(false)] out string? error)
    {
        uri = null;
        var query = text.IndexOf('?', StringComparison.Ordinal) is >= 0 and var mark ? mark : text.Length;
        var at = text.LastIndexOf('@', query - 1);
        var local = at < Scheme.Length ? "" : text[Scheme.Length..at];
        error = local.Length == 0 || local.Contains('@', StringComparison.Ordinal) || local.StartsWith('.') || local.EndsWith('.')
                || local.Contains("..", StringComparison.Ordinal) ? "has no mail address"
            : local.Length > MaxLocalPart ? $"has {local.Length} characters before the @; the limit is {MaxLocalPart}"
            : CheckCharacters(local) ?? CheckCharacters(text.AsSpan(query))
                ?? (IsDomain(text[(at + 1)..query]) ? null : "has a malformed domain");
        if (error is not null) return false;
        uri = $"{Scheme}{local}@{text[(at + 1)..query].ToLowerInvariant()}{text[query..]}";
        return true;
    }

    /// <summary>RFC 3986 §2: unreserved and reserved characters without brackets, and escapes that hide no control character.</summary>
    private static string? CheckCharacters(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                    return "has a malformed percent escape";
                if (text[i + 1] is '0' or '1' || text.Slice(i + 1, 2) is "7f" or "7F") return "has an escaped control character";
            }
            else if (!char.IsAsciiLetterOrDigit(text[i]) && !"-._~:/?@!$&'()*+,;=".Contains(text[i], StringComparison.Ordinal))
            {
                return "has a character that must be percent-encoded";
            }
        }

        return null;
    }

    /// <summary>At least two labels of letters, digits and hyphens, the last not a number. RFC 5321 §4.1.2, RFC 1035 §2.3.4.</summary>
    private static bool IsDomain(string text)
    {
        var labels = text.Split('.');
        return labels.Length > 1 && text.Length <= MaxDomain && !labels[^1].All(char.IsAsciiDigit)
            && labels.All(label => label.Length <= MaxLabel && IsLabel(label));
    }

    /// <summary>Letters, digits and inner hyphens.</summary>
    public static bool IsLabel(string text) =>
        text.Length > 0 && text[0] != '-' && text[^1] != '-' && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
