using System.Buffers;

namespace MtaStsHost.Serving;

/// <summary>The grammar of <c>Dkim:Selectors</c>.</summary>
internal static class DkimSelector
{
    /// <summary>Each costs every check a DNS query.</summary>
    public const int MaxCount = 32;

    private const int MaxLabel = 63;

    /// <summary>What <c>._domainkey.</c> and the shortest domain leave of a name's 253 characters.</summary>
    private const int MaxLength = 253 - 15;

    /// <summary>RFC 6376 §3.1, and the underscore, which exists in practice.</summary>
    private static readonly SearchValues<char> s_characters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    public static (string? Value, string? Error) Parse(string text)
    {
        if (text.Contains("_domainkey", StringComparison.OrdinalIgnoreCase)) return (null, "contains _domainkey");
        if (text.Length > MaxLength) return (null, $"has more than {MaxLength} characters");
        foreach (var label in text.Split('.'))
        {
            if (label.Length is 0 or > MaxLabel) return (null, $"has a label that is empty or longer than {MaxLabel} characters");
            if (label.AsSpan().ContainsAnyExcept(s_characters))
                return (null, "has a character that is not a letter, a digit, a hyphen or a dot");
            if (label[0] == '-' || label[^1] == '-') return (null, "has a label that begins or ends with a hyphen");
        }

        return (text, null);
    }
}
