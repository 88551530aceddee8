namespace MtaStsHost.Text;

/// <summary>
/// Makes text from outside safe to show: control characters, escape sequences, bidirectional overrides and line separators
/// are written as <c>\u001B</c>, so that no text can forge a line or control a terminal.
/// </summary>
internal static class Printable
{
    public static string Text(ReadOnlySpan<char> text, int maxLength = 200)
    {
        var cut = text.Length > maxLength ? text[..maxLength] : text;
        if (IsPrintable(cut)) return cut.Length == text.Length ? text.ToString() : string.Concat(cut, "…");
        var builder = new StringBuilder(cut.Length + 32);
        AppendTo(builder, cut);
        if (cut.Length != text.Length) builder.Append('…');
        return builder.ToString();
    }

    public static string Text(string text, int maxLength = 200) =>
        text.Length <= maxLength && IsPrintable(text) ? text : Text(text.AsSpan(), maxLength);

    public static string Quote(ReadOnlySpan<char> text, int maxLength = 120) => $"'{Text(text, maxLength)}'";

    public static void AppendTo(StringBuilder builder, ReadOnlySpan<char> text)
    {
        if (IsPrintable(text))
        {
            builder.Append(text);
            return;
        }

        while (!text.IsEmpty)
        {
            // A lone surrogate decodes to U+FFFD, which is printable.
            Rune.DecodeFromUtf16(text, out var rune, out var length);
            if (!IsUnsafe(rune)) builder.Append(rune.ToString());
            else if (rune.IsBmp) builder.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
            else builder.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}");
            text = text[length..];
        }
    }

    public static bool IsPrintable(ReadOnlySpan<char> text)
    {
        // Nearly all text is plain ASCII; one vectorised scan settles it.
        if (!text.ContainsAnyExceptInRange(' ', '~')) return true;
        while (!text.IsEmpty)
        {
            var status = Rune.DecodeFromUtf16(text, out var rune, out var length);
            if (status != System.Buffers.OperationStatus.Done || IsUnsafe(rune)) return false;
            text = text[length..];
        }

        return true;
    }

    private static bool IsUnsafe(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
