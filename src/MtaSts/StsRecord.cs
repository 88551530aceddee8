namespace MtaSts;

/// <summary>The TXT record that announces a domain's policy. RFC 8461 §3.1.</summary>
/// <param name="Id">The id of the policy.</param>
public sealed record StsRecord(PolicyId Id)
{
    /// <summary>The prefix of the record's name. RFC 8461 §3.1.</summary>
    public const string NamePrefix = "_mta-sts.";

    private const string Version = "v=STSv1";

    /// <summary>Whether there are further ids, which count for nothing; but some senders reject such a record.</summary>
    public bool HasFurtherIds { get; init; }

    /// <summary>
    /// Reads a record by the grammar of RFC 8461 §3.1: it starts with <c>v=STSv1;</c>, has an id, and may have well-formed unknown
    /// fields, which are ignored. The first of several ids counts, as for the fields in §3.2. Never throws.
    /// </summary>
    /// <param name="txt">The strings of one TXT record, concatenated.</param>
    /// <param name="record">The record, or null.</param>
    /// <param name="error">Null, or a short phrase whose subject is the record; never repeats its text.</param>
    public static bool TryParse(string? txt, [NotNullWhen(true)] out StsRecord? record, [NotNullWhen(false)] out string? error)
    {
        record = null;
        PolicyId? id = null;
        var hasFurtherIds = false;
        var fields = new TxtFields(txt, Version);
        while (fields.MoveNext())
        {
            var isId = fields.Name.SequenceEqual("id");
            if (id is not null || !isId)
            {
                fields.JudgeExtension();
                hasFurtherIds |= isId;
            }
            else if (!PolicyId.TryParse(fields.Value.ToString(), out id, out var reason))
            {
                error = $"has an id that {reason}";
                return false;
            }
        }

        error = fields.Error ?? (id is null ? "has no id" : null);
        if (error is not null)
            return false;
        record = new StsRecord(id!) { HasFurtherIds = hasFurtherIds };
        return true;
    }

    /// <summary>Whether a text is such a record but for white space before its first semicolon. The grammar of RFC 8461 §3.1 allows it, and
    /// its text, by which <see cref="Select"/> goes, discards the record.</summary>
    /// <exception cref="ArgumentNullException">The text is null.</exception>
    /// <param name="txt">The strings of one TXT record, concatenated.</param>
    public static bool HasSpacedVersion(string txt)
    {
        ArgumentNullException.ThrowIfNull(txt);
        return TxtFields.HasSpacedVersion(txt, Version);
    }

    /// <summary>
    /// Selects the record among all TXT records at the name. Those that don't begin with <c>v=STSv1;</c> are ignored; unless exactly
    /// one remains and is well formed, the domain has no policy. RFC 8461 §3.1.
    /// </summary>
    /// <param name="txts">The TXT records, the strings of each concatenated.</param>
    /// <param name="record">The record when the result is <see cref="TxtSelection.Valid"/>, else null.</param>
    /// <param name="error">What is wrong when the result is <see cref="TxtSelection.Invalid"/>; else null.</param>
    public static TxtSelection Select(IEnumerable<string> txts, out StsRecord? record, out string? error)
    {
        (record, error) = (null, null);
        return TxtFields.FindOnly(txts, Version, out var only)
            ?? (TryParse(only, out record, out error) ? TxtSelection.Valid : TxtSelection.Invalid);
    }

    /// <summary>The value of the record to publish: <c>v=STSv1; id=…;</c>. RFC 8461 §3.1.</summary>
    /// <returns>The value, ASCII, at most 47 characters.</returns>
    public static string Format(PolicyId id) => $"{Version}; id={id.Value};";

    /// <summary>The name of the record: <see cref="NamePrefix"/> and the domain. RFC 8461 §3.1.</summary>
    /// <returns>The name without a trailing dot.</returns>
    public static string NameFor(DomainName domain) => NamePrefix + domain.Value;

    /// <summary>The value of the record, like <see cref="Format"/>.</summary>
    public override string ToString() => Format(Id);
}
