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
/// <param name="Policy">What receivers go by: <c>p</c>; with a <see cref="Fault"/> <c>none</c> if reports can be sent, and <c>null</c>,
/// nothing, if not.</param>
/// <param name="Subdomains"><c>sp</c>, or <c>null</c>.</param>
/// <param name="NonExistent"><c>np</c>, for subdomains that don't exist, or <c>null</c>.</param>
/// <param name="Psd"><c>y</c> (a public suffix), <c>n</c> (an organizational domain) or <c>u</c> (unknown, the default).</param>
/// <param name="IsTest"><c>t=y</c>: receivers apply the next milder policy.</param>
/// <param name="Percent"><c>pct</c>, 0 to 100; 100 by default.</param>
/// <param name="Rua">The valid URIs for aggregate reports, at most 10: <c>mailto:</c>, with the domain in lower case.</param>
/// <param name="Ignored">Malformed and unknown tags, which receivers ignore; at most 8.</param>
/// <param name="Fault">What is wrong with <c>p</c>, <c>sp</c> or <c>np</c>, so that receivers go by none of them. RFC 9989 §4.10.1.</param>
public sealed partial record DmarcRecord(DmarcPolicy? Policy, DmarcPolicy? Subdomains, DmarcPolicy? NonExistent, char Psd,
    bool IsTest, int Percent, ImmutableArray<string> Rua, ImmutableArray<RecordError> Ignored, RecordError? Fault)
{
    private const string Version = "DMARC1";
    private const int MaxIgnored = 8;

    /// <summary>RFC 7489 §6.2 requires receivers to support two.</summary>
    private const int MaxUris = 10;

    private static readonly HashSet<string> s_known =
        ["v", "p", "sp", "np", "psd", "t", "pct", "adkim", "aspf", "fo", "rf", "ri", "rua", "ruf"];

    /// <summary>Whether the text begins with the version: receivers discard all others at the name. RFC 9989 §4.10.</summary>
    public static bool IsCandidate(string text) => Candidate().IsMatch(text);

    /// <summary>Whether the text is not a candidate, and seems to be meant as one.</summary>
    public static bool IsMistyped(string text) => !IsCandidate(text) && Mistyped().IsMatch(text);

    /// <summary>Reads a record in one pass. Never throws for any text.</summary>
    /// <param name="text">The strings of one TXT record, concatenated.</param>
    /// <param name="record">The record, without what receivers ignore.</param>
    /// <param name="error">Why receivers act as if the record didn't exist.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out DmarcRecord? record, [NotNullWhen(false)] out RecordError? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        record = null;
        error = IsCandidate(text) ? null : new RecordError(1, $"expected v={Version};");
        if (error is not null) return false;
        var tags = TagList.Read(text);
        error = tags.Repeated;
        if (error is null) record = Read(tags, text.Length);
        return record is not null;
    }

    [GeneratedRegex($@"^v[ \t]*=[ \t]*{Version}[ \t]*(?:;|$)")]
    private static partial Regex Candidate();

    [GeneratedRegex(@"^[\s""']*v?\s*=?\s*DMARC\s?1?(?![A-Za-z0-9])", RegexOptions.IgnoreCase)]
    private static partial Regex Mistyped();

    private static DmarcRecord Read(TagList tags, int length)
    {
        // RFC 9989 §4.7: apart from the version, syntax errors are discarded.
        List<RecordError> ignored = [.. tags.Faults, .. tags.Tags.Where(tag => !s_known.Contains(tag.Name))
            .Select(tag => new RecordError(tag.Position, $"{Quoted.Text(tag.Name, 40)} is not a known tag"))];
        CheckRest(tags, ignored);
        var percent = 100;
        if (!Check(tags["pct"], value => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out percent)
            && percent <= 100, "a number from 0 to 100", ignored)) percent = 100;
        var isTest = Check(tags["t"], value => value is "y" or "n", "y or n", ignored) && tags["t"]!.Value is "y" or "Y";
        var psd = Check(tags["psd"], value => value is "y" or "n" or "u", "y, n or u", ignored)
            ? char.ToLowerInvariant(tags["psd"]!.Value[0]) : 'u';
        var rua = ReadUris(tags["rua"], ignored, out var isReported);
        ReadUris(tags["ruf"], ignored, out _);
        var fault = FaultOf(tags["p"]) ?? FaultOf(tags["sp"]) ?? FaultOf(tags["np"])
            ?? (tags["p"] is null ? new RecordError(length + 1, "p= is missing; expected none, quarantine or reject") : null);
        var sound = fault is null;
        return new DmarcRecord(sound ? PolicyOf(tags["p"]) : isReported ? DmarcPolicy.None : null,
            sound ? PolicyOf(tags["sp"]) : null, sound ? PolicyOf(tags["np"]) : null, psd, isTest, percent, rua,
            [.. ignored.OrderBy(error => error.Position).Take(MaxIgnored)], fault);
    }

    private static void CheckRest(TagList tags, List<RecordError> ignored)
    {
        foreach (var alignment in (ReadOnlySpan<string>)["adkim", "aspf"])
            Check(tags[alignment], value => value is "r" or "s", "r (relaxed) or s (strict)", ignored);
        // RFC 9989 §4.8: one of 0 and 1 at most, and d and s once each.
        Check(tags["fo"], value => value.Split(':', StringSplitOptions.TrimEntries) is var options
            && Array.TrueForAll(options, option => option is "0" or "1" or "d" or "s")
            && options.DistinctBy(option => option is "1" ? "0" : option).Count() == options.Length,
            "0 or 1, d and s, separated by colons", ignored);
        Check(tags["ri"], value => uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _),
            "a number of seconds", ignored);
    }

    private static DmarcPolicy? PolicyOf(Tag? tag) => tag?.Value.ToLowerInvariant() switch
    {
        "none" => DmarcPolicy.None,
        "quarantine" => DmarcPolicy.Quarantine,
        "reject" => DmarcPolicy.Reject,
        _ => null,
    };

    private static RecordError? FaultOf(Tag? tag) => tag is null || PolicyOf(tag) is not null ? null
        : new(tag.ValuePosition, $"{tag.Name}={Quoted.Text(tag.Value, 40)} is not a policy; expected none, quarantine or reject");

    private static bool Check(Tag? tag, Func<string, bool> isGood, string expected, List<RecordError> ignored)
    {
        if (tag is null) return false;
        if (isGood(tag.Value.ToLowerInvariant())) return true;
        ignored.Add(new RecordError(tag.ValuePosition, $"{tag.Name}={Quoted.Text(tag.Value, 40)}; expected {expected}"));
        return false;
    }

    /// <summary>URIs separated by commas. RFC 9989 §4.8 ignores a maximum size after an exclamation mark, which must be escaped otherwise.
    /// A well-formed URI with a scheme that no receiver supports counts for <c>isReported</c>, RFC 9989 §4.10.1.</summary>
    private static ImmutableArray<string> ReadUris(Tag? tag, List<RecordError> ignored, out bool isReported)
    {
        isReported = false;
        if (tag is null) return [];
        var uris = ImmutableArray.CreateBuilder<string>();
        foreach (var range in tag.Value.AsSpan().Split(','))
        {
            var text = tag.Value.AsSpan()[range].Trim(" \t").ToString();
            var whole = MaximumSize().Replace(text, "");
            var isMail = whole.StartsWith(MailtoUri.Scheme, StringComparison.OrdinalIgnoreCase);
            var isOther = !isMail && OtherUri().IsMatch(whole);
            string? uri = null, reason;
            if (whole.Contains('!', StringComparison.Ordinal)) reason = "has an exclamation mark; it must be written %21";
            else if (isMail) MailtoUri.TryNormalise(whole, out uri, out reason);
            else reason = whole.Length == 0 ? "is empty"
                : isOther ? "is not a mailto: URI; receivers send reports by mail only"
                : $"is not a URI{(whole.Contains('@', StringComparison.Ordinal) ? "; try mailto: before the address" : "")}";
            isReported |= uri is not null || isOther;
            if (uri is null)
                ignored.Add(new RecordError(tag.ValuePosition + range.Start.GetOffset(tag.Value.Length),
                    $"{tag.Name} URI {Quoted.Text(text)} {reason}"));
            else if (uris.Count < MaxUris)
                uris.Add(uri);
        }

        return uris.DrainToImmutable();
    }

    [GeneratedRegex("![0-9]+[kmgt]?$", RegexOptions.IgnoreCase)]
    private static partial Regex MaximumSize();

    /// <summary>RFC 3986 §3, as far as it matters: a scheme, and something that has no white space.</summary>
    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9+.-]*:[^\s""<>\\^`{|}!]+$")]
    private static partial Regex OtherUri();
}
