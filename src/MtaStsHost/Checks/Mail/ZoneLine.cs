namespace MtaStsHost.Checks.Mail;

/// <summary>Records as a zone file has them. RFC 1035 §5.1.</summary>
internal static class ZoneLine
{
    /// <summary>The limit in bytes for one character-string of a TXT record, which may have several. RFC 1035 §3.3.</summary>
    private const int MaxString = 255;

    /// <summary>A TXT record: <c>example.com. TXT "v=spf1 -all"</c>.</summary>
    public static string Txt(string name, string value) =>
        $"{Printable.Text(name, 255)}. TXT {string.Join(' ', value.Chunk(MaxString).Select(part => Escape(new string(part))))}";

    private static string Escape(string text) => Printable.Text(
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"", 2 * MaxString);
}
