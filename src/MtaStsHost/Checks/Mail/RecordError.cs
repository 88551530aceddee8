namespace MtaStsHost.Checks.Mail;

/// <summary>What is wrong with a record's text, and where. Safe to print.</summary>
/// <param name="Position">The character that it begins at, the first is 1; one past the end where something is lacking there.</param>
/// <param name="What">A phrase: <c>'ipv4' is no mechanism; ip4 is meant</c>.</param>
internal sealed record RecordError(int Position, string What)
{
    public override string ToString() => $"at character {Position}: {What}";
}
