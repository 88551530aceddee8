namespace MailRecords;

/// <summary>The value of a CAA <c>issue</c> property: <c>ca.example; validationmethods=http-01</c>. RFC 8659 §4.2.</summary>
/// <param name="Issuer">The CA's name in lower case; empty when no CA is permitted.</param>
/// <param name="Parameters">In the value's order; a tag may occur more than once.</param>
public sealed record CaaIssueValue(string Issuer, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    /// <summary>Reads a value in one pass. Never throws for any text.</summary>
    /// <returns>Whether the value is valid. One that isn't permits no CA.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out CaaIssueValue? value)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = null;
        // Neither a tag nor its content can contain a semicolon.
        var parts = text.Split(';');
        var issuer = parts[0].Trim(' ', '\t');
        if (issuer.Length > 0 && !issuer.Split('.').All(MailtoUri.IsLabel)) return false;
        var parameters = new List<KeyValuePair<string, string>>();
        foreach (var part in parts.AsSpan(1))
        {
            // "ca.example;" is valid, and "ca.example; a=1;" is not.
            if (parts.Length == 2 && part.Trim(' ', '\t').Length == 0) break;
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) return false;
            var (tag, content) = (part[..equals].Trim(' ', '\t'), part[(equals + 1)..].Trim(' ', '\t'));
            if (!MailtoUri.IsLabel(tag) || content.AsSpan().ContainsAnyExceptInRange('!', '~')) return false;
            parameters.Add(new(tag, content));
        }

        value = new CaaIssueValue(issuer.ToLowerInvariant(), parameters);
        return true;
    }

    /// <summary>The values of a parameter. Tags are case-sensitive: RFC 8657 defines its own in lower case.</summary>
    public IReadOnlyList<string> All(string tag) =>
        [.. Parameters.Where(parameter => parameter.Key == tag).Select(parameter => parameter.Value)];

    /// <summary>The value as a record has it.</summary>
    public override string ToString() =>
        string.Join("; ", Parameters.Select(parameter => $"{parameter.Key}={parameter.Value}").Prepend(Issuer));
}
