namespace MailRecords;

/// <summary>A record's text for messages. Anyone can publish a record, so anything but printable ASCII is escaped.</summary>
internal static class Quoted
{
    public static string Text(ReadOnlySpan<char> text, int maxLength = 60) => $"'{Bare(text, maxLength)}'";

    public static string Bare(ReadOnlySpan<char> text, int maxLength = 60)
    {
        var shown = text[..Math.Min(text.Length, maxLength)].ToArray()
            .Select(c => c is >= ' ' and <= '~' ? $"{c}" : $"\\u{(int)c:X4}");
        return string.Concat(shown) + (text.Length > maxLength ? "..." : "");
    }
}
