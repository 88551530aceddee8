namespace MtaSts;

/// <summary>
/// A host name in DNS: at least two labels of letters, digits and hyphens, compared by its lower-case A-label form.
/// RFC 1035 §2.3.4 for the lengths (63 per label, 253 per name), RFC 952 and 1123 §2.1 for the letters, RFC 5890 for A- and U-labels.
/// </summary>
public sealed record DomainName
{
    /// <summary>The maximum length of a name, without a trailing dot. RFC 1035 §2.3.4.</summary>
    public const int MaxLength = 253;

    /// <summary>The maximum length of a label. RFC 1035 §2.3.4.</summary>
    public const int MaxLabelLength = UnicodeLabel.MaxLength;

    private DomainName(string value) => Value = value;

    /// <summary>The name in lower case, in A-labels, without a trailing dot. Never empty.</summary>
    public string Value { get; }

    /// <summary>
    /// Reads and normalises a name: removes one trailing dot, and converts letters to lower case and U-labels to A-labels.
    /// Refuses IP addresses, single labels, underscores, a last label of digits, A-labels that are not canonical Punycode,
    /// and U-labels with characters that Unicode normalisation or case folding would change. Never throws.
    /// </summary>
    /// <param name="text">The name.</param>
    /// <param name="name">The normalised name, or null.</param>
    /// <param name="error">Null, or a short phrase whose subject is the name: <c>has an empty label</c>; never repeats it.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DomainName? name, [NotNullWhen(false)] out string? error)
    {
        name = null;
        var normalised = text ?? "";
        error = string.IsNullOrEmpty(text) ? "is empty"
            // The longest text that can become a name of 253: each A-label character from a surrogate pair, and a trailing dot.
            : text.Length > 2 * MaxLength + 1 ? $"has {text.Length} characters; DNS allows {MaxLength}"
            : IsNormalised(text) ? null
            : Normalise(text, out normalised);
        error ??= JudgeWhole(normalised);
        if (error is not null)
            return false;
        name = new DomainName(normalised);
        return true;
    }

    /// <summary>The name for display: U-labels where an A-label stands for exactly one, else the A-label. RFC 5890 §2.3.2.1.</summary>
    /// <returns>A text that <see cref="TryParse"/> converts back to this name.</returns>
    public string ToUnicode()
    {
        if (!Value.Contains(UnicodeLabel.AcePrefix, StringComparison.Ordinal))
            return Value;
        var labels = Value.Split('.');
        return string.Join('.', labels.Select(static label =>
            label.StartsWith(UnicodeLabel.AcePrefix, StringComparison.Ordinal) && UnicodeLabel.TryToUnicode(label, out var unicode)
                ? unicode : label));
    }

    /// <inheritdoc cref="Value"/>
    public override string ToString() => Value;

    /// <summary>
    /// Converts U-labels without checking them: the reverse of what .NET does to the A-labels of a TLS server name. It takes names that
    /// <see cref="TryParse"/> refuses, such as those with emoji, which some registries accept.
    /// </summary>
    /// <param name="text">A name of labels separated by dots.</param>
    /// <param name="ascii">The name in A-labels; labels in ASCII are unchanged.</param>
    /// <returns>False when a label is longer than 63 characters, or has a lone surrogate.</returns>
    public static bool TryToAscii(string text, [NotNullWhen(true)] out string? ascii)
    {
        ArgumentNullException.ThrowIfNull(text);
        ascii = null;
        var labels = text.Split('.');
        Span<char> buffer = stackalloc char[MaxLabelLength - UnicodeLabel.AcePrefix.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            if (System.Text.Ascii.IsValid(labels[i])) continue;
            if (labels[i].Length > 2 * MaxLabelLength || !Punycode.TryEncode(labels[i].ToLowerInvariant(), buffer, out var length))
                return false;
            labels[i] = string.Concat(UnicodeLabel.AcePrefix, buffer[..length]);
        }

        ascii = string.Join('.', labels);
        return true;
    }

    /// <summary>The fast path for nearly every name: one pass, no allocation.</summary>
    private static bool IsNormalised(string text)
    {
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && text[i] != '.')
            {
                if (text[i] is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-'))
                    return false;
                continue;
            }

            var label = text.AsSpan(start, i - start);
            if (label.IsEmpty || label.Length > MaxLabelLength || label[0] == '-' || label[^1] == '-'
                || label.StartsWith(UnicodeLabel.AcePrefix, StringComparison.Ordinal))
                return false;
            start = i + 1;
        }

        return true;
    }

    private static string? Normalise(string text, out string normalised)
    {
        normalised = "";
        if (IPAddress.TryParse(text, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
            return "is an IP address";
        var rest = text.ToLowerInvariant().AsSpan();
        if (rest[^1] == '.')
            rest = rest[..^1];
        if (rest.IsEmpty)
            return "has no label";
        Span<char> buffer = stackalloc char[MaxLength + 1 + MaxLabelLength];
        var length = 0;
        foreach (var range in rest.Split('.'))
        {
            if (length > MaxLength)
                return $"has more than {MaxLength} characters; DNS allows {MaxLength}";
            if (NormaliseLabel(rest[range], buffer[length..], out var written) is { } error)
                return error;
            length += written;
            buffer[length++] = '.';
        }

        normalised = buffer[..(length - 1)].ToString();
        return null;
    }

    private static string? NormaliseLabel(ReadOnlySpan<char> label, Span<char> destination, out int written)
    {
        written = label.Length;
        if (label.IsEmpty)
            return "has an empty label";
        if (!System.Text.Ascii.IsValid(label))
            return UnicodeLabel.TryToAscii(label, destination, out written, out var error) ? null : error;
        if (label.Length > MaxLabelLength)
            return $"has a label of {label.Length} characters; DNS allows {MaxLabelLength}";
        foreach (var c in label)
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                return UnicodeLabel.DescribeCharacter(c);
        if (label[0] == '-' || label[^1] == '-')
            return "has a label that starts or ends with a hyphen";
        if (label.StartsWith(UnicodeLabel.AcePrefix, StringComparison.Ordinal) && !UnicodeLabel.IsCanonical(label))
            return "has an xn-- label that is not valid Punycode";
        label.CopyTo(destination);
        return null;
    }

    private static string? JudgeWhole(string name)
    {
        if (name.Length > MaxLength)
            return $"has {name.Length} characters; DNS allows {MaxLength}";
        var lastDot = name.LastIndexOf('.');
        if (lastDot < 0)
            return "has a single label";
        foreach (var c in name.AsSpan(lastDot + 1))
            if (!char.IsAsciiDigit(c))
                return null;
        return IPAddress.TryParse(name, out _) ? "is an IP address" : "has a last label that is all digits";
    }
}
