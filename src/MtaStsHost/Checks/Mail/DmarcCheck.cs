using MailRecords;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Network;

namespace MtaStsHost.Checks.Mail;

/// <summary>What receivers do with mail that only claims to come from a domain: DMARC, RFC 7489 and RFC 9989. At most 18 queries per
/// domain: 8 for the record (RFC 9989 §4.10), one for each of at most 10 report addresses elsewhere, and without a record one for the
/// domain itself.</summary>
internal static class DmarcCheck
{
    /// <param name="domain">A-labels, without a trailing dot.</param>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(string domain, IResolver resolver, CancellationToken cancellationToken)
    {
        try
        {
            var own = await DmarcDiscovery.AtAsync(domain, resolver, cancellationToken);
            if (own.Texts.Count > 1) return [JudgeSeveral(domain, own)];
            if (own.Texts.Count == 1 && !DmarcRecord.TryParse(own.Texts[0], out _, out var error))
                return [new(DmarcFindings.Malformed, domain, domain, error, Printable.Quote(own.Texts[0]))];
            var (organization, found) = own.Record is { Subdomains: null, NonExistent: null } record
                && record.Rua.All(uri => IsWithin(DomainOf(uri), domain))
                ? (domain, own) : await DmarcDiscovery.ClimbAsync(own, resolver, cancellationToken);
            if (own.Record is not null) found = own;
            // A public suffix may have a record only to say that it is one.
            if (found is null or { Record: { Policy: null, Psd: 'y' } } && found != own)
                return [await JudgeMissingAsync(domain, own, resolver, cancellationToken)];
            return
            [
                .. own.Mistyped.Select(text => new Finding(DmarcFindings.NotARecord, FindingSeverity.Warning, domain, domain,
                    Printable.Quote(text, 80), own.Record is null ? "correct its beginning, or remove it" : "remove it")),
                .. JudgePolicy(domain, found, organization),
                .. await JudgeReportsAsync(domain, found, organization, resolver, cancellationToken),
            ];
        }
        catch (ResolutionException e)
        {
            return [new(DmarcFindings.LookupFailed, domain, e.Message)];
        }
    }

    /// <summary>What is meant as a record may be mistyped, or at the wrong name.</summary>
    private static async Task<Finding> JudgeMissingAsync(string domain, DmarcFound own,
        IResolver resolver, CancellationToken cancellationToken)
    {
        if (own.Mistyped is [var text, ..])
            return new(DmarcFindings.NotARecord, domain, domain, Printable.Quote(text, 80), $"correct its beginning at _dmarc.{domain}");
        var (apex, _) = await resolver.TxtAsync(domain, cancellationToken).OrFaultAsync();
        return apex?.FirstOrDefault(DmarcRecord.IsCandidate) is { } astray
            ? new(DmarcFindings.AtApex, domain, Printable.Quote(astray, 80))
            : new(DmarcFindings.Missing, domain, Record(domain, $"v=DMARC1; p=none; rua=mailto:dmarc@{domain}"));
    }

    private static Finding JudgeSeveral(string domain, DmarcFound found) => new(DmarcFindings.Multiple, domain, found.Domain,
        found.Texts.Count, found.Texts.Take(4).Select(text => Printable.Quote(text, 80)),
        Record(found.Domain, found.Texts.FirstOrDefault(text =>
            DmarcRecord.TryParse(text, out var record, out _) && record is { Fault: null, Ignored.IsEmpty: true })
            ?? $"v=DMARC1; p=none; rua=mailto:dmarc@{found.Domain}"));

    /// <summary>The record that counts, of the domain or of one above it.</summary>
    private static IEnumerable<Finding> JudgePolicy(string domain, DmarcFound found, string organization)
    {
        var record = found.Record!;
        foreach (var error in record.Ignored) yield return new(DmarcFindings.Ignored, domain, found.Domain, error);
        if (record.Fault is { } fault)
        {
            yield return new(record.Policy is null ? DmarcFindings.Malformed : DmarcFindings.ActsAsNone,
                domain, found.Domain, fault, Printable.Quote(found.Texts[0]));
            yield break;
        }

        var isOwn = found.Domain == domain;
        var policy = isOwn ? record.Policy : record.Subdomains ?? record.Policy;
        var whose = isOwn ? $"the DMARC record of {domain}" : $"the DMARC record of {found.Domain}, which applies to {domain},";
        if (policy == DmarcPolicy.None)
        {
            // The first step of a careful deployment, which gives no protection yet: no fault as long as reports are received.
            yield return new(record.Rua.IsEmpty ? DmarcFindings.None : DmarcFindings.ReportsOnly, domain, whose);
            yield break;
        }

        if (record.IsTest)
            yield return new(DmarcFindings.Test, domain, whose, policy == DmarcPolicy.Reject ? "treat reject as quarantine" : "do nothing");
        if (record.Percent < 100)
            yield return new(DmarcFindings.Percent, record.Percent == 0 ? FindingSeverity.Warning : FindingSeverity.Info,
                domain, whose, record.Percent);
        // RFC 9989 §4.7: sp and np have no effect in the record of a subdomain.
        if (isOwn && organization == domain)
            foreach (var finding in JudgeSubdomains(domain, record)) yield return finding;
    }

    private static IEnumerable<Finding> JudgeSubdomains(string domain, DmarcRecord record)
    {
        var own = record.Policy.GetValueOrDefault();
        var subdomains = record.Subdomains ?? own;
        if (subdomains < own) yield return Weaker("subdomains", "sp", subdomains, "p", own);
        if (record.NonExistent is { } np && np < subdomains)
            yield return Weaker("subdomains that don't exist", "np", np, record.Subdomains is null ? "p" : "sp", subdomains);

        Finding Weaker(string whom, string tag, DmarcPolicy policy, string than, DmarcPolicy other) =>
            new(DmarcFindings.Weaker, policy == DmarcPolicy.None ? FindingSeverity.Warning : FindingSeverity.Info,
                domain, domain, whom, tag, Word(policy), than, Word(other));
    }

    /// <summary>Reports go to another organization only if that declares that it accepts them. RFC 9990 §4, RFC 7489 §7.1.</summary>
    private static async Task<IReadOnlyList<Finding>> JudgeReportsAsync(string domain, DmarcFound found,
        string organization, IResolver resolver, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var target in found.Record!.Rua.Select(DomainOf).Distinct()
            .Where(target => !IsWithin(target, organization) && !IsWithin(target, found.Domain)))
        {
            var name = $"{found.Domain}._report._dmarc.{target}";
            var (txts, fault) = name.Length > MtaSts.DomainName.MaxLength ? ([], null)
                : await resolver.TxtAsync(name, cancellationToken).OrFaultAsync();
            // Receivers that use a public suffix list may consider the two one organization.
            var isBelow = IsWithin(found.Domain, target);
            if (txts is null) findings.Add(new(DmarcFindings.ReportsUnknown, domain, target, found.Domain, fault!));
            else if (!txts.Any(DmarcRecord.IsCandidate))
                findings.Add(new(DmarcFindings.ReportsRefused, isBelow ? FindingSeverity.Info : FindingSeverity.Warning,
                    domain, found.Domain, target, isBelow ? "some" : "most", ZoneLine.Txt(name, "v=DMARC1;")));
        }

        return findings;
    }

    private static string Record(string domain, string value) => ZoneLine.Txt($"_dmarc.{domain}", value);

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

/// <summary>The records that claim to be DMARC's at a name.</summary>
/// <param name="Domain">Without <c>_dmarc.</c>.</param>
internal sealed record DmarcFound(string Domain, IReadOnlyList<string> Texts)
{
    /// <summary>What else seems to be meant as one.</summary>
    public IReadOnlyList<string> Mistyped { get; init; } = [];

    /// <summary>The one that counts; several count as none, as one that is malformed does. RFC 9989 §4.10.</summary>
    public DmarcRecord? Record => Texts.Count == 1 && DmarcRecord.TryParse(Texts[0], out var record, out _) ? record : null;
}

/// <summary>The tree walk of RFC 9989 §4.10, which needs no list of public suffixes. At most eight queries.</summary>
internal static class DmarcDiscovery
{
    private const int MaxLabels = 7;
    private const int MaxMistyped = 2;

    public static async Task<DmarcFound> AtAsync(string domain, IResolver resolver, CancellationToken cancellationToken)
    {
        var name = $"_dmarc.{domain}";
        // RFC 1035 §2.3.4: nothing is at such a name.
        if (name.Length > MtaSts.DomainName.MaxLength) return new DmarcFound(domain, []);
        var txts = await resolver.TxtAsync(name, cancellationToken);
        return new DmarcFound(domain, [.. txts.Where(DmarcRecord.IsCandidate)])
        {
            Mistyped = [.. txts.Where(DmarcRecord.IsMistyped).Take(MaxMistyped)],
        };
    }

    /// <summary>The names that are asked above a domain. With many labels, most are passed over. RFC 9989 §4.10, steps 3 to 5.</summary>
    public static IEnumerable<string> Above(string domain)
    {
        var labels = domain.Split('.');
        for (var count = Math.Min(labels.Length - 1, MaxLabels); count >= 1; count--) yield return string.Join('.', labels[^count..]);
    }

    /// <summary>The organizational domain and its record, or that of the public suffix over it. RFC 9989 §4.10.1, §4.10.2.</summary>
    /// <param name="own">What is at the domain itself.</param>
    /// <returns>The name of the organizational domain, and what holds for the domain; <c>null</c> when nothing does.</returns>
    public static async Task<(string Organization, DmarcFound? Found)> ClimbAsync(DmarcFound own,
        IResolver resolver, CancellationToken cancellationToken)
    {
        var best = own.Record is null ? null : own;
        if (own.Record is { Psd: 'n' or 'y' }) return (own.Domain, own);
        var below = own.Domain;
        foreach (var name in Above(own.Domain))
        {
            var found = await AtAsync(name, resolver, cancellationToken);
            switch (found.Record)
            {
                case { Psd: 'n' }:
                    return (name, found);
                case { Psd: 'y' }:
                    // The organization is one label below a public suffix, whether or not it has a record.
                    return (below, best?.Domain == below ? best : found);
                case not null:
                    best = found;
                    break;
            }

            below = name;
        }

        return (best?.Domain ?? own.Domain, best);
    }
}
