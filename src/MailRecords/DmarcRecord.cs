using System.Text.RegularExpressions;

namespace MailRecords;

/// <summary>What receivers are asked to do with mail that fails, the mildest first. RFC 9989 §4.7.</summary>
public enum DmarcPolicy
{
    /// <summary>Deliver as usual.</summary>
    None,

    /// <summary>Treat as suspicious.</summary>
    Quarantine,

    /// <summary>Refuse.</summary>
    Reject,
}

/// <summary>A DMARC policy record, the TXT record at <c>_dmarc.DOMAIN</c>. Reads the tags of RFC 7489 §6.3 and of RFC 9989 §4.7, which adds
/// <c>np</c>, <c>psd</c> and <c>t</c>, and removes <c>pct</c>.</summary>
/// <param name="Policy"><c>p</c>.</param>
/// <param name="Subdomains"><c>sp</c>, or <c>null</c>.</param>
/// <param name="NonExistent"><c>np</c>, for subdomains that don't exist, or <c>null</c>.</param>
/// <param name="Psd"><c>y</c> (a public suffix), <c>n</c> (an organizational domain) or <c>u</c> (unknown, the default).</param>
/// <param name="IsTest"><c>t=y</c>: receivers apply the next milder policy.</param>
/// <param name="Percent"><c>pct</c>, 0 to 100; 100 by default.</param>
/// <param name="Rua">The valid URIs for aggregate reports, at most 10: <c>mailto:</c>, with the domain in lower case.</param>
/// <param name="Ignored">Malformed and unknown tags, which receivers ignore; at most 8.</param>
public sealed partial record DmarcRecord(DmarcPolicy Policy, DmarcPolicy? Subdomains, DmarcPolicy? NonExistent, char Psd,
    bool IsTest, int Percent, ImmutableArray<string> Rua, ImmutableArray<RecordError> Ignored)
{
    private const string Version = "DMARC1";
    private const int MaxIgnored = 8;

    /// <summary>RFC 7489 §6.2 requires receivers to support two.</summary>
    private const int MaxUris = 10;

    private static readonly HashSet<string> s_known =
        ["v", "p", "sp", "np", "psd", "t", "pct", "adkim", "aspf", "fo", "rf", "ri", "rua", "ruf"];

    /// <summary>Whether the text is meant as a DMARC record: receivers discard all others at the name. RFC 9989 §4.10.</summary>
    public static bool IsCandidate(string text) => Candidate().IsMatch(text);

    /// <summary>Reads a record in one pass. Never throws for any text.</summary>
    /// <param name="text">The strings of one TXT record, concatenated.</param>
    /// <param name="record">The record, without what receivers ignore.</param>
    /// <param name="error">Why receivers act as if the record didn't exist.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out DmarcRecord? record, [NotNullWhen(false)] out RecordError? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        record = null;
        error = new RecordError(1, $"expected v={Version};");
        if (!IsCandidate(text) || !TagList.TryParse(text, out var tags, out error)) return false;
        if (tags.Tags[0].Value != Version) error = new RecordError(tags.Tags[0].ValuePosition, $"expected a semicolon after {Version}");
        else if (tags["p"] is not { } p) error = new RecordError(text.Length + 1, "p= is missing; expected none, quarantine or reject");
        else if (PolicyOf(p) is not { } policy) error = NotAPolicy(p);
        else record = Read(policy, tags);
        return record is not null;
    }

    [GeneratedRegex($@"^v[ \t]*=[ \t]*{Version}(?![A-Za-z0-9])")]
    private static partial Regex Candidate();

    private static DmarcRecord Read(DmarcPolicy policy, TagList tags)
    {
        var ignored = new List<RecordError>();
        var sp = ReadPolicy(tags["sp"], ignored);
        var np = ReadPolicy(tags["np"], ignored);
        foreach (var alignment in (ReadOnlySpan<string>)["adkim", "aspf"])
            Check(tags[alignment], value => value is "r" or "s", "r (relaxed) or s (strict)", ignored);
        Check(tags["fo"], value => value.Split(':').All(option => option.Trim() is "0" or "1" or "d" or "s"),
            "0, 1, d and s, separated by colons", ignored);
        Check(tags["ri"], value => uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _),
            "a number of seconds", ignored);
        var percent = 100;
        if (!Check(tags["pct"], value => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out percent)
            && percent <= 100, "a number from 0 to 100", ignored)) percent = 100;
        var isTest = Check(tags["t"], value => value is "y" or "n", "y or n", ignored) && tags["t"]!.Value is "y" or "Y";
        var psd = Check(tags["psd"], value => value is "y" or "n" or "u", "y, n or u", ignored)
            ? char.ToLowerInvariant(tags["psd"]!.Value[0]) : 'u';
        var rua = ReadUris(tags["rua"], ignored);
        ReadUris(tags["ruf"], ignored);
        ignored.AddRange(tags.Tags.Where(tag => !s_known.Contains(tag.Name))
            .Select(tag => new RecordError(tag.Position, $"{Quoted.Text(tag.Name, 40)} is not a known tag")));
        return new DmarcRecord(policy, sp, np, psd, isTest, percent, rua, [.. ignored.OrderBy(error => error.Position).Take(MaxIgnored)]);
    }

    private static DmarcPolicy? PolicyOf(Tag? tag) => tag?.Value.ToLowerInvariant() switch
    {
        "none" => DmarcPolicy.None,
        "quarantine" => DmarcPolicy.Quarantine,
        "reject" => DmarcPolicy.Reject,
        _ => null,
    };

    private static DmarcPolicy? ReadPolicy(Tag? tag, List<RecordError> ignored)
    {
        var policy = PolicyOf(tag);
        if (tag is not null && policy is null) ignored.Add(NotAPolicy(tag));
        return policy;
    }

    private static RecordError NotAPolicy(Tag tag) =>
        new(tag.ValuePosition, $"{tag.Name}={Quoted.Text(tag.Value, 40)} is not a policy; expected none, quarantine or reject");

    private static bool Check(Tag? tag, Func<string, bool> isGood, string expected, List<RecordError> ignored)
    {
        if (tag is null) return false;
        if (isGood(tag.Value.ToLowerInvariant())) return true;
        ignored.Add(new RecordError(tag.ValuePosition, $"{tag.Name}={Quoted.Text(tag.Value, 40)}; expected {expected}"));
        return false;
    }

    /// <summary>URIs separated by commas. RFC 7489 §6.4 allows a maximum size after an exclamation mark, which RFC 9989 ignores.</summary>
    private static ImmutableArray<string> ReadUris(Tag? tag, List<RecordError> ignored)
    {
        if (tag is null) return [];
        var uris = ImmutableArray.CreateBuilder<string>();
        foreach (var range in tag.Value.AsSpan().Split(','))
        {
            var text = tag.Value.AsSpan()[range].Trim(" \t").ToString();
            var size = text.LastIndexOf('!');
            var whole = size < 0 ? text : text[..size];
            string? uri = null, reason;
            if (whole.StartsWith(MailtoUri.Scheme, StringComparison.OrdinalIgnoreCase)) MailtoUri.TryNormalise(whole, out uri, out reason);
            else reason = whole.Length == 0 ? "is empty"
                : whole.Contains(':', StringComparison.Ordinal) ? "is not a mailto: URI; receivers send reports by mail only"
                : $"is not a URI{(whole.Contains('@', StringComparison.Ordinal) ? "; try mailto: before the address" : "")}";
            if (uri is null)
                ignored.Add(new RecordError(tag.ValuePosition + range.Start.GetOffset(tag.Value.Length),
                    $"{tag.Name} URI {Quoted.Text(text)} {reason}"));
            else if (uris.Count < MaxUris)
                uris.Add(uri);
        }

        return uris.DrainToImmutable();
    }
}
