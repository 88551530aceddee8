using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MtaSts;

namespace MtaStsHost.Checks.Mail;

/// <summary>What receivers are asked to do, the mildest first. RFC 9989 §4.7.</summary>
internal enum DmarcPolicy
{
    None,
    Quarantine,
    Reject,
}

/// <summary>A DMARC policy record: RFC 7489 §6.3, and RFC 9989 with its <c>np</c>, <c>psd</c> and <c>t</c>.</summary>
/// <param name="Subdomains"><c>sp</c>, where it is given.</param>
/// <param name="NonExistent"><c>np</c>, where it is given.</param>
/// <param name="Psd"><c>y</c>, <c>n</c> or <c>u</c> (the default).</param>
/// <param name="IsTest"><c>t=y</c>: receivers do one step less than they are asked to.</param>
/// <param name="Percent"><c>pct</c> of RFC 7489.</param>
/// <param name="Rua">Where aggregate reports go: those URIs that are good.</param>
/// <param name="Ignored">Tags that receivers pass over, since they are malformed or unknown to all.</param>
internal sealed record DmarcRecord(
    DmarcPolicy Policy, DmarcPolicy? Subdomains, DmarcPolicy? NonExistent,
        char Psd, bool IsTest, int Percent, ImmutableArray<string> Rua, ImmutableArray<RecordError> Ignored)
{
    public const string Version = "v=DMARC1";

    /// <summary>RFC 7489 and RFC 9989 together, with those that the latter took out.</summary>
    private static readonly HashSet<string> s_known =
        ["v", "p", "sp", "np", "psd", "t", "pct", "adkim", "aspf", "fo", "rf", "ri", "rua", "ruf"];

    private const int MaxIgnored = 8;

    /// <summary>More than receivers care for: RFC 7489 §6.2 asks them to take two.</summary>
    private const int MaxUris = 10;

    /// <summary>Whether the text claims to be a DMARC record; all others at the name don't count. RFC 9989 §4.10.</summary>
    public static bool IsOne(string text)
    {
        var rest = text.AsSpan();
        if (rest is not ['v', ..]) return false;
        rest = rest[1..].TrimStart(" \t");
        if (rest is not ['=', ..]) return false;
        rest = rest[1..].TrimStart(" \t");
        return rest.StartsWith("DMARC1", StringComparison.Ordinal) && (rest.Length == 6 || !char.IsAsciiLetterOrDigit(rest[6]));
    }

    /// <summary>Reads a record in one pass over the text. Never throws.</summary>
    /// <param name="error">What makes receivers act as if there were none.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out DmarcRecord? record, [NotNullWhen(false)] out RecordError? error)
    {
        record = null;
        if (!IsOne(text))
        {
            error = new RecordError(1, $"doesn't begin with {Version};");
            return false;
        }

        if (!TagList.TryParse(text, out var tags, out error)) return false;
        if (tags.Tags[0].Value != "DMARC1") error =
            new RecordError(tags.Tags[0].ValuePosition, "the version is DMARC1, with a semicolon after it");
        else if (tags["p"] is not { } p) error = new RecordError(text.Length
            + 1, "p= is lacking, which some receivers take for none; none, quarantine or reject is meant");
        else if (!TryReadPolicy(p.Value, out var policy)) error = NoPolicy(p);
        else record = Read(policy, tags);
        return record is not null;
    }

    private static DmarcRecord Read(DmarcPolicy policy, TagList tags)
    {
        var ignored = new List<RecordError>();
        var sp = ReadPolicy(tags["sp"], ignored);
        var np = ReadPolicy(tags["np"], ignored);
        Judge(tags["adkim"], value => value is "r" or "s", "r (relaxed) or s (strict)", ignored);
        Judge(tags["aspf"], value => value is "r" or "s", "r (relaxed) or s (strict)", ignored);
        Judge(tags["fo"], value => value.Split(':').All(option => option.Trim() is "0" or "1" or "d" or "s"),
            "0, 1, d and s, with colons between them", ignored);
        Judge(tags["ri"], value => uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _),
            "a number of seconds", ignored);
        var isPercent = Judge(tags["pct"], value => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= 100, "a number from 0 to 100", ignored);
        var isTest = Judge(tags["t"], value => value is "y" or "n", "y or n", ignored) && tags["t"]!.Value == "y";
        var psd = Judge(tags["psd"], value => value is "y" or "n" or "u", "y, n or u", ignored) ? tags["psd"]!.Value[0] : 'u';
        var rua = ReadUris(tags["rua"], ignored);
        ReadUris(tags["ruf"], ignored);
        ignored.AddRange(tags.Tags.Where(tag => !s_known.Contains(tag.Name))
            .Select(tag => new RecordError(tag.Position, $"{Texts.Quote(tag.Name, 40)} is no tag that receivers know")));
        var percent = isPercent ? int.Parse(tags["pct"]!.Value, NumberStyles.None, CultureInfo.InvariantCulture) : 100;
        return new DmarcRecord(policy, sp, np, psd, isTest, percent, rua, [.. ignored.OrderBy(error => error.Position).Take(MaxIgnored)]);
    }

    private static bool TryReadPolicy(string text, out DmarcPolicy policy)
    {
        policy = text.ToLowerInvariant() switch { "quarantine" => DmarcPolicy.Quarantine,
            "reject" => DmarcPolicy.Reject, _ => DmarcPolicy.None };
        return policy != DmarcPolicy.None || text.Equals("none", StringComparison.OrdinalIgnoreCase);
    }

    private static DmarcPolicy? ReadPolicy(Tag? tag, List<RecordError> ignored)
    {
        if (tag is null) return null;
        if (TryReadPolicy(tag.Value, out var policy)) return policy;
        ignored.Add(NoPolicy(tag));
        return null;
    }

    private static RecordError NoPolicy(Tag tag) =>
        new(tag.ValuePosition, $"{tag.Name}={Texts.Quote(tag.Value, 40)} is no policy; none, quarantine and reject are");

    private static bool Judge(Tag? tag, Func<string, bool> isGood, string meant, List<RecordError> ignored)
    {
        if (tag is null) return false;
        if (isGood(tag.Value.ToLowerInvariant())) return true;
        ignored.Add(new RecordError(tag.ValuePosition, $"{tag.Name}={Texts.Quote(tag.Value, 40)}; it takes {meant}"));
        return false;
    }

    /// <summary>A list with commas. RFC 7489 §6.4 has a size after an exclamation mark; newer receivers pass over it.</summary>
    private static ImmutableArray<string> ReadUris(Tag? tag, List<RecordError> ignored)
    {
        if (tag is null) return [];
        var uris = ImmutableArray.CreateBuilder<string>();
        foreach (var range in tag.Value.AsSpan().Split(','))
        {
            var text = tag.Value.AsSpan()[range].Trim(" \t");
            var size = text.LastIndexOf('!');
            var whole = (size < 0 ? text : text[..size]).ToString();
            var position = tag.ValuePosition + range.Start.GetOffset(tag.Value.Length);
            if (!TlsRptRecord.TryNormaliseUri(whole, out var uri, out var reason))
                ignored.Add(new RecordError(position,
                    $"{tag.Name} URI {Texts.Quote(text, 60)} "
                    + $"{reason}{(whole.Contains('@', StringComparison.Ordinal) && !whole.Contains(':', StringComparison.Ordinal) ? "; mailto: before the address is meant" : "")}"));
            else if (!uri.StartsWith("mailto:", StringComparison.Ordinal))
                ignored.Add(new RecordError(position, $"{tag.Name} URI {Texts.Quote(text, 60)}; receivers send by mail alone, to mailto:"));
            else if (uris.Count < MaxUris)
                uris.Add(uri);
        }

        return uris.DrainToImmutable();
    }
}
