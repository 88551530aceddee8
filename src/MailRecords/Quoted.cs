namespace MailRecords;

/// <summary>A record's text for messages. Anyone can publish a record, so anything but printable ASCII is escaped.</summary>
internal static class Quoted
{
    public static string Text(ReadOnlySpan<char> text, int maxLength = 60) => $"'{Bare(text, maxLength)}'";

    public static string Bare(ReadOnlySpan<char> text, int maxLength = 60)
    {
        var builder = new StringBuilder(Math.Min(text.Length, maxLength));
        foreach (var c in text.Length > maxLength ? text[..maxLength] : text)
        {
            if (c is >= ' ' and <= '~') builder.Append(c);
            else builder.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
        }

        return builder.Append(text.Length > maxLength ? "..." : "").ToString();
    }
}
