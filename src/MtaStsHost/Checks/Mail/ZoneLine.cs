namespace MtaStsHost.Checks.Mail;

/// <summary>Records as a zone file has them. RFC 1035 §5.1.</summary>
internal static class ZoneLine
{
    /// <summary>The limit in bytes for one character-string of a TXT record, which may have several. RFC 1035 §3.3.</summary>
    private const int MaxString = 255;

    /// <summary>A TXT record: <c>example.com. TXT "v=spf1 -all"</c>.</summary>
    public static string Txt(string name, string value) =>
        $"{Printable.Text(name, 255)}. TXT {string.Join(' ', value.Chunk(MaxString).Select(part => Escape(part)))}";

    private static string Escape(ReadOnlySpan<char> text)
    {
        var builder = new StringBuilder("\"", text.Length + 2);
        foreach (var c in text)
        {
            if (c is '"' or '\\') builder.Append('\\');
            builder.Append(c);
        }

        return Printable.Text(builder.Append('"').ToString(), 2 * MaxString);
    }
}
