namespace MtaSts;

/// <summary>
/// Converts a U-label to its A-label, RFC 5890 §2.3.2.1, without a normaliser, which the runtime lacks without ICU. Characters that
/// NFKC or case folding would change are therefore refused, never mapped, so that the A-label is the one that a registry has.
/// </summary>
internal static class UnicodeLabel
{
    /// <summary>Of a label in ASCII. RFC 1035 §2.3.4.</summary>
    public const int MaxLength = 63;

    /// <summary>RFC 5890 §2.3.2.1.</summary>
    public const string AcePrefix = "xn--";

    // Pairs of first and last. RFC 5892 §2.2 (unstable under NFKC and case folding; ß and ς are exceptions and stay),
    // §2.3 and §2.4 (ignorable), §2.6 (disallowed), §2.9 (old Hangul Jamo); marks that only exist to be composed with the
    // letter before them; blocks of stacking marks no name needs. Gaps between two entries that hold no letter are closed.
    private const string Refused =
        "\u00AA\u00BA\u0133\u0133\u0140\u0140\u0149\u0149\u017F\u017F\u01C6\u01CC\u01F3\u01F3\u02B0\u02B8\u02E0\u02E4\u0300\u036F" +
        "\u0374\u0374\u037A\u037A\u03D0\u03D6\u03F0\u03F2\u03F5\u03F5\u0483\u0487\u0587\u0587\u0640\u0640\u0653\u0655\u0675\u0678" +
        "\u07FA\u07FA\u0951\u0954\u0958\u095F\u09D7\u09DF\u0A33\u0A33\u0A36\u0A36\u0A59\u0A5B\u0A5E\u0A5E\u0B56\u0B5D\u0BD7\u0BD7" +
        "\u0C56\u0C56\u0CD5\u0CD6\u0D57\u0D57\u0DDF\u0DDF\u0E33\u0E33\u0E3A\u0E3A\u0EB3\u0EB3\u0EBA\u0EBA\u0EDC\u0EDD\u0F43\u0F43" +
        "\u0F4D\u0F4D\u0F52\u0F52\u0F57\u0F57\u0F5C\u0F5C\u0F69\u0F69\u0F73\u0F73\u0F75\u0F79\u0F81\u0F81\u0F93\u0F93\u0F9D\u0F9D" +
        "\u0FA2\u0FA2\u0FA7\u0FA7\u0FAC\u0FAC\u0FB9\u0FB9\u10FC\u10FC\u1100\u11FF\u13A0\u13FF\u17B4\u17B5\u180B\u180F\u1AB0\u1AFF" +
        "\u1B35\u1B35\u1C80\u1CFF\u1D2C\u1D2E\u1D30\u1D3A\u1D3C\u1D4D\u1D4F\u1D6A\u1D78\u1D78\u1D9B\u1DFF\u1E9A\u1E9B\u1F71\u1F71" +
        "\u1F73\u1F73\u1F75\u1F75\u1F77\u1F77\u1F79\u1F79\u1F7B\u1F7B\u1F7D\u1FA7\u1FB2\u1FB4\u1FB7\u1FC4\u1FC7\u1FC7\u1FD3\u1FD3" +
        "\u1FE3\u1FE3\u1FF2\u1FF4\u1FF7\u2149\u2C7C\u2C7D\u2D6F\u2D6F\u2DE0\u2DFF\u302A\u303B\u3099\u309A\u309F\u309F\u30FF\u30FF" +
        "\u3130\u318F\uA66F\uA67D\uA69C\uA69F\uA6F0\uA6F1\uA770\uA770\uA7F1\uA7F4\uA7F8\uA7F9\uA8E0\uA8FF\uA960\uA97F\uAB5C\uAB5F" +
        "\uAB69\uABBF\uD7B0\uFFFF";

    /// <summary>Checks and encodes a lower-case label that has a character outside ASCII.</summary>
    /// <param name="label">The label, lower case.</param>
    /// <param name="destination">Room for 63 characters.</param>
    /// <param name="written">The length of the A-label.</param>
    /// <param name="error">A short phrase whose subject is the name.</param>
    public static bool TryToAscii(ReadOnlySpan<char> label, Span<char> destination, out int written, out string? error)
    {
        written = 0;
        error = Judge(label);
        if (error is not null)
            return false;
        AcePrefix.CopyTo(destination);
        // A code point takes at least one character of Punycode; that also bounds the time the encoder takes.
        var fits = label.Length <= 2 * MaxLength
            && Punycode.TryEncode(label, destination[4..MaxLength], out written);
        written += 4;
        if (!fits)
            error = "has a label of more than 63 characters in its A-label form; DNS allows 63";
        return fits;
    }

    /// <summary>Converts an A-label to its U-label.</summary>
    /// <returns>False unless <see cref="TryToAscii"/> would convert the result back.</returns>
    public static bool TryToUnicode(ReadOnlySpan<char> label, out string unicode)
    {
        Span<char> back = stackalloc char[MaxLength];
        return Punycode.TryDecode(label[4..], out unicode)
            && unicode.AsSpan().SequenceEqual(unicode.ToLowerInvariant())
            && TryToAscii(unicode, back, out var length, out _)
            && back[..length].SequenceEqual(label);
    }

    /// <summary>
    /// Whether a lower-case A-label is canonical Punycode, RFC 5891 §5.4, of visible characters. Anything else is up to the registry:
    /// names with emoji exist.
    /// </summary>
    public static bool IsCanonical(ReadOnlySpan<char> label)
    {
        Span<char> back = stackalloc char[MaxLength];
        return Punycode.TryDecode(label[4..], out var unicode)
            && !Ascii.IsValid(unicode)
            && !unicode.EnumerateRunes().Any(static rune => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
                or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse)
            && Punycode.TryEncode(unicode, back, out var length)
            && back[..length].SequenceEqual(label[4..]);
    }

    public static string DescribeCharacter(char c) => c switch
    {
        '_' => "has an underscore; host names have letters, digits and hyphens",
        ' ' => "has a space",
        ':' => "has a colon; a name has neither a port nor an IP address",
        '*' => "has an asterisk",
        '@' => "has an @; expected a domain, not a mail address",
        > ' ' and < '\u007F' => $"has the character '{c}'",
        _ => $"has the character U+{(int)c:X4}",
    };

    private static string? Judge(ReadOnlySpan<char> label)
    {
        if (label[0] == '-' || label[^1] == '-')
            return "has a label that starts or ends with a hyphen";
        if (label.Length > 3 && label[2] == '-' && label[3] == '-')
            return "has a label with hyphens in the third and fourth place and a letter outside ASCII";
        var previous = default(Rune);
        foreach (var rune in label.EnumerateRunes())
        {
            if (rune.IsAscii)
            {
                if (!char.IsAsciiLetterOrDigit((char)rune.Value) && rune.Value != '-')
                    return DescribeCharacter((char)rune.Value);
            }
            else if (!IsAllowed(rune) || IsMark(rune) && !MayFollow(previous, rune))
            {
                return $"has the character U+{rune.Value:X4}, which is not converted; write the composed letter, or the A-label (xn--…)";
            }

            previous = rune;
        }

        return null;
    }

    private static bool IsAllowed(Rune rune)
    {
        var category = Rune.GetUnicodeCategory(rune);
        if (!rune.IsBmp)
            // Only ideographs, without their compatibility block.
            return category is UnicodeCategory.OtherLetter && rune.Value is >= 0x20000 and < 0x40000 and not (>= 0x2F800 and <= 0x2FA1F);
        if (category is not (UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.DecimalDigitNumber))
            return false;
        for (var i = 0; i < Refused.Length; i += 2)
            if (rune.Value >= Refused[i] && rune.Value <= Refused[i + 1])
                return false;
        return true;
    }

    /// <summary>
    /// Marks may have one order only, or the same text has two A-labels. In all scripts accepted here it is the order of code points;
    /// Indic scripts write signs of the first column of their block last.
    /// </summary>
    private static bool MayFollow(Rune previous, Rune mark)
    {
        if (previous == default)
            return false;
        if (!IsMark(previous))
            return !IsComposing(previous, mark);
        var (first, second) = (previous.Value, mark.Value);
        var known = first is >= 0x900 and < 0xF00 or >= 0x1000 and < 0x1080 or >= 0x1780 and < 0x1800;
        return known && first >> 7 == second >> 7 && (second >= first || second < 0xE00 && (second & 0x7F) <= 3);
    }

    /// <summary>Whether the letter has a composed form with the mark.</summary>
    private static bool IsComposing(Rune letter, Rune mark) => (letter.Value, mark.Value)
        is (0x0928, 0x093C) or (0x0930, 0x093C) or (0x0933, 0x093C) or (0x1025, 0x102E);

    private static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
