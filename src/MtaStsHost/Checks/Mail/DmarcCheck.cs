using MailRecords;
using MtaStsHost.Network;

namespace MtaStsHost.Checks.Mail;

/// <summary>
/// What receivers do with mail that only claims to come from a domain: DMARC, RFC 7489 and RFC 9989. At most 18 queries a domain: 8 for the
/// record (RFC 9989 §4.10) and one for each of at most 10 report addresses elsewhere.
/// </summary>
internal static class DmarcCheck
{
    public const string Missing = "dmarc-missing";
    public const string Multiple = "dmarc-multiple";
    public const string Invalid = "dmarc-invalid";
    public const string None = "dmarc-none";

    private const string Grammar = "RFC 9989 §4.7";

    /// <param name="domain">A-labels, without a trailing dot.</param>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(string domain, IResolver resolver, CancellationToken cancellationToken)
    {
        try
        {
            var own = await DmarcDiscovery.AtAsync(domain, resolver, cancellationToken);
            if (own.Texts.Count > 1) return [JudgeSeveral(own)];
            if (own.Texts.Count == 1 && !DmarcRecord.TryParse(own.Texts[0], out _, out var error))
                return [new Finding(Invalid, FindingSeverity.Error,
                    $"the DMARC record of {domain} is malformed {error}; receivers act as if there were none: {Texts.Quote(own.Texts[0])}",
                    "mend it there", Grammar)];
            var (organization, found) = own.Record is { } record && record.Rua.All(uri => IsWithin(DomainOf(uri), domain))
                ? (domain, own)
                : await DmarcDiscovery.ClimbAsync(own, resolver, cancellationToken);
            if (own.Record is not null) found = own;
            if (found is null) return [JudgeMissing(domain)];
            return [.. JudgePolicy(domain, found), .. await JudgeReportsAsync(found, organization, resolver, cancellationToken)];
        }
        catch (ResolutionException e)
        {
            return [Texts.Unknown(Missing, $"the DMARC record of {domain}", e, "RFC 9989 §4.10")];
        }
    }

    private static Finding JudgeMissing(string domain) => new(
        Missing,
        FindingSeverity.Warning,
        $"{domain} has no DMARC record, nor has a domain above it: receivers deliver mail that only claims to come from it",
        $"publish {Record(domain, $"v=DMARC1; p=none; rua=mailto:dmarc@{domain}")}, read the reports, then go on to p=quarantine and "
            + $"p=reject",
        "RFC 9989 §5.1");

    private static Finding JudgeSeveral(DmarcFound found) => new(
        Multiple,
        FindingSeverity.Error,
        $"{found.Domain} has {found.Texts.Count} DMARC records, so that none counts: "
            + $"{string.Join(", ", found.Texts.Take(4).Select(text => Texts.Quote(text, 80)))}",
        $"leave one: {Record(found.Domain, found.Texts.FirstOrDefault(text => DmarcRecord.TryParse(text, out _, out _)) ?? $"v=DMARC1; p=none; rua=mailto:dmarc@{found.Domain}")}",
        "RFC 9989 §4.10");

    /// <summary>A record that is good, for a domain that it is of or under.</summary>
    internal static IEnumerable<Finding> JudgePolicy(string domain, DmarcFound found)
    {
        var record = found.Record!;
        foreach (var error in record.Ignored)
            yield return new Finding(Invalid, FindingSeverity.Warning,
                $"the DMARC record of {found.Domain} has something that receivers pass over, {error}",
                "mend it there, or take it out", Grammar);
        var isOwn = found.Domain == domain;
        var policy = isOwn ? record.Policy : record.Subdomains ?? record.Policy;
        var whose = isOwn ? $"the DMARC record of {domain}" : $"the DMARC record of {found.Domain}, which holds for {domain},";
        if (policy == DmarcPolicy.None)
        {
            // The first step of everyone who goes about it with care, and no protection: told, but no fault as long as somebody reads
            // reports.
            yield return record.Rua.IsEmpty
                ? new Finding(None, FindingSeverity.Warning, $"{whose} asks receivers for nothing (none) and has no rua for reports",
                    $"add rua=mailto:dmarc@{domain}, read the reports, then go on to p=quarantine and p=reject", "RFC 9989 §5.1")
                : new Finding(None, FindingSeverity.Info,
                    $"{whose} asks receivers for reports alone (none): mail that only claims to come from the domain is delivered",
                    "when the reports name no sender of yours that fails, go on to p=quarantine and p=reject", "RFC 9989 §5.1");
            yield break;
        }

        if (record.IsTest)
            yield return new Finding(None, FindingSeverity.Info,
                $"{whose} is a test (t=y): receivers do {(policy == DmarcPolicy.Reject ? "as with quarantine" : "nothing")}",
                "take t=y out when the reports name no sender of yours that fails", Grammar);
        if (record.Percent < 100)
            yield return new Finding(None, record.Percent == 0 ? FindingSeverity.Warning : FindingSeverity.Info,
                $"{whose} holds for {record.Percent} of 100 messages (pct) at older receivers; newer ones don't know pct",
                "take pct out", "RFC 7489 §6.3");
        if (isOwn)
            foreach (var finding in JudgeSubdomains(found, record)) yield return finding;
    }

    private static IEnumerable<Finding> JudgeSubdomains(DmarcFound found, DmarcRecord record)
    {
        var subdomains = record.Subdomains ?? record.Policy;
        if (subdomains < record.Policy)
            yield return Weaker(found, "sp", subdomains, "p", record.Policy, "sub-domains");
        if (record.NonExistent is { } np && np < subdomains)
            yield return Weaker(found, "np", np, record.Subdomains is null ? "p" : "sp", subdomains, "sub-domains that don't exist");
    }

    private static Finding Weaker(DmarcFound found, string tag, DmarcPolicy policy, string than, DmarcPolicy other, string whom) => new(
        None,
        policy == DmarcPolicy.None ? FindingSeverity.Warning : FindingSeverity.Info,
        $"the DMARC record of {found.Domain} asks for less with {whom} ({tag}={Word(policy)}) than {than}={Word(other)} does: whoever "
            + $"forges mail takes one of those",
        $"take {tag} out, or make it {Word(other)}",
        Grammar);

    /// <summary>Reports go to another organization only where it says that it wants them. RFC 9990 §4, before that RFC 7489 §7.1.</summary>
    private static async Task<IReadOnlyList<Finding>> JudgeReportsAsync(DmarcFound found,
        string organization, IResolver resolver, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var target in found.Record!.Rua.Select(DomainOf).Distinct()
            .Where(target => !IsWithin(target, organization) && !IsWithin(target, found.Domain)))
        {
            var name = $"{found.Domain}._report._dmarc.{target}";
            try
            {
                var txts = name.Length > MtaSts.DomainName.MaxLength ? [] : await resolver.TxtAsync(name, cancellationToken);
                if (txts.Any(DmarcRecord.IsCandidate)) continue;
                // Whoever goes by a list of public suffixes may well find the two to be of one organization.
                var isBelow = IsWithin(found.Domain, target);
                findings.Add(new Finding(Invalid, isBelow ? FindingSeverity.Info : FindingSeverity.Warning,
                    $"the DMARC record of {found.Domain} has reports go to {target}, which doesn't say that it takes them: "
                    + $"{(isBelow ? "some" : "most")} receivers send none",
                    $"have {target} publish {Texts.TxtRecord(name, "v=DMARC1;")}, or name an address in {found.Domain}", "RFC 9990 §4"));
            }
            catch (ResolutionException e)
            {
                findings.Add(Texts.Unknown(Invalid, $"whether {target} takes the DMARC reports of {found.Domain}", e, "RFC 9990 §4"));
            }
        }

        return findings;
    }

    private static string Record(string domain, string value) => Texts.TxtRecord($"_dmarc.{domain}", value);

    private static string Word(DmarcPolicy policy) => policy.ToString().ToLowerInvariant();

    /// <param name="uri">As <see cref="DmarcRecord.Rua"/> has them.</param>
    private static string DomainOf(string uri)
    {
        var address = uri.Split('?', 2)[0];
        return address[(address.LastIndexOf('@') + 1)..];
    }

    private static bool IsWithin(string name, string domain) =>
        name.Equals(domain, StringComparison.OrdinalIgnoreCase) || name.EndsWith($".{domain}", StringComparison.OrdinalIgnoreCase);
}
