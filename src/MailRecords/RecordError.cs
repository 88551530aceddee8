namespace MailRecords;

/// <summary>What is wrong with a record's text, and where. Both strings are printable ASCII, whatever the record contains.</summary>
/// <param name="Position">The first character is 1; one past the end where something is missing there.</param>
/// <param name="Message">A phrase: <c>'ipv4' is not a mechanism; try ip4:</c>.</param>
public sealed record RecordError(int Position, string Message)
{
    /// <summary>The position and the message: <c>at character 8: 'ipv4' is not a mechanism; try ip4:</c>.</summary>
    public override string ToString() => $"at character {Position}: {Message}";
}

/// <summary>A record's text for messages. Anyone can publish a record, so anything but printable ASCII is escaped.</summary>
internal static class Quoted
{
    public static string Text(ReadOnlySpan<char> text, int maxLength = 60) => $"'{Bare(text, maxLength)}'";

    public static string Bare(ReadOnlySpan<char> text, int maxLength = 60)
    {
        var shown = text[..Math.Min(text.Length, maxLength)].ToArray().Select(c => c is >= ' ' and <= '~' ? $"{c}" : $"\\u{(int)c:X4}");
        return string.Concat(shown) + (text.Length > maxLength ? "..." : "");
    }
}
