using System.Text;
using MtaStsHost.Text;

namespace MtaStsHost.Checks.Mail;

/// <summary>How findings show what is in DNS, and what should be.</summary>
internal static class Texts
{
    /// <summary>The bytes that a character-string may have; a TXT record has as many of them as it needs. RFC 1035 §3.3.</summary>
    private const int MaxString = 255;

    private const int MaxShown = 120;

    /// <summary>Text from outside, in quotation marks.</summary>
    public static string Quote(ReadOnlySpan<char> text, int maxLength = MaxShown) => $"'{Printable.Text(text, maxLength)}'";

    /// <summary>A TXT record as a zone file has it: <c>example.com. TXT "v=spf1 -all"</c>. RFC 1035 §5.1.</summary>
    public static string TxtRecord(string name, string value) =>
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
