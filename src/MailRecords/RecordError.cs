namespace MailRecords;

/// <summary>What is wrong with a record's text, and where. Both strings are printable ASCII, whatever the record contains.</summary>
/// <param name="Position">The first character is 1; one past the end where something is missing there.</param>
/// <param name="Message">A phrase: <c>'ipv4' is not a mechanism; try ip4:</c>.</param>
public sealed record RecordError(int Position, string Message)
{
    /// <summary>The position and the message: <c>at character 8: 'ipv4' is not a mechanism; try ip4:</c>.</summary>
    public override string ToString() => $"at character {Position}: {Message}";
}
