namespace MailRecords;

/// <summary>One <c>name=value</c>, without the white space around either.</summary>
/// <param name="Name">Case-sensitive.</param>
/// <param name="Value">May be empty.</param>
/// <param name="Position">Of the name; the first character of the record is 1.</param>
/// <param name="ValuePosition">Of the value.</param>
internal sealed record Tag(string Name, string Value, int Position, int ValuePosition);

/// <summary>Tags separated by semicolons, the form of DKIM and DMARC records. RFC 6376 §3.2, RFC 9989 §4.8.</summary>
/// <param name="Tags">Those that are well formed.</param>
/// <param name="Faults">What is between semicolons and is not a tag.</param>
/// <param name="Repeated">A tag that occurs twice, which makes the list invalid: RFC 6376 §3.2, to which RFC 9989 §4.7 refers.</param>
internal sealed record TagList(ImmutableArray<Tag> Tags, ImmutableArray<RecordError> Faults, RecordError? Repeated)
{
    /// <summary>More than any record has. Reading a tag takes time in proportion to the number of tags.</summary>
    private const int MaxTags = 64;

    private const int MaxName = 63;
    private const string WhiteSpace = " \t\r\n";

    public Tag? this[string name] => Tags.FirstOrDefault(tag => tag.Name == name);

    /// <summary>Reads a list in one pass, up to <see cref="MaxTags"/> tags and faults. Never throws.</summary>
    public static TagList Read(string text)
    {
        var tags = ImmutableArray.CreateBuilder<Tag>();
        var faults = ImmutableArray.CreateBuilder<RecordError>();
        RecordError? repeated = null;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var range in text.AsSpan().Split(';'))
        {
            var (start, end) = (range.Start.GetOffset(text.Length), range.End.GetOffset(text.Length));
            // The list may end in a semicolon.
            if (text.AsSpan(start, end - start).Trim(WhiteSpace).IsEmpty && end == text.Length && tags.Count > 0) break;
            if (tags.Count + faults.Count == MaxTags)
            {
                faults.Add(new RecordError(start + 1, $"more than {MaxTags} tags"));
                break;
            }

            if (Read(text, start, end, out var tag) is { } fault) faults.Add(fault);
            else if (names.Add(tag!.Name)) tags.Add(tag);
            else repeated ??= new RecordError(tag.Position, $"a second {tag.Name}=; only one is allowed");
        }

        return new TagList(tags.DrainToImmutable(), faults.DrainToImmutable(), repeated);
    }

    /// <summary>Reads a list of which no part may be malformed.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TagList? list, [NotNullWhen(false)] out RecordError? error)
    {
        list = Read(text);
        error = list.Faults.Append(list.Repeated).OfType<RecordError>().MinBy(fault => fault.Position);
        if (error is not null) list = null;
        return error is null;
    }

    private static RecordError? Read(string text, int start, int end, out Tag? tag)
    {
        tag = null;
        while (start < end && WhiteSpace.Contains(text[start], StringComparison.Ordinal)) start++;
        if (start == end) return new RecordError(start + 1, "an empty tag; expected NAME=VALUE");
        var content = text.AsSpan(start, end - start);
        var equals = content.IndexOf('=');
        if (equals < 0) return new RecordError(start + 1, $"{Quoted.Text(content.TrimEnd(WhiteSpace))} has no equals sign");
        var name = content[..equals].TrimEnd(WhiteSpace).ToString();
        if (!IsName(name)) return new RecordError(start + 1, $"{Quoted.Text(name)} is not a tag name");
        var rest = content[(equals + 1)..];
        var value = rest.Trim(WhiteSpace);
        var valueAt = start + equals + 1 + (value.IsEmpty ? 0 : rest.Length - rest.TrimStart(WhiteSpace).Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] is (< ' ' or > '~') and not ('\t' or '\r' or '\n'))
                return new RecordError(valueAt + i + 1, $"found {Quoted.Text(value.Slice(i, 1))}; expected visible ASCII");
        }

        tag = new Tag(name, value.ToString(), start + 1, valueAt + 1);
        return null;
    }

    private static bool IsName(string name) => name.Length is > 0 and <= MaxName && char.IsAsciiLetter(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
