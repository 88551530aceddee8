using MtaSts;
using MtaStsHost.Dns;

namespace MtaStsHost.Checks.Sts;

/// <summary>What became of the record.</summary>
/// <param name="IsThere">Whether senders see that the domain has a policy.</param>
internal sealed record TxtReport(IReadOnlyList<Finding> Findings, bool IsThere);

/// <summary>The TXT record at <c>_mta-sts</c>. RFC 8461 §3.1. At most two questions a domain.</summary>
internal sealed class TxtCheck(IResolver resolver, TimeProvider time)
{
    private const string Rfc = "RFC 8461 §3.1";

    public async Task<TxtReport> CheckAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var name = StsRecord.NameFor(subject.Domain);
        DnsAnswer<string> answer;
        IReadOnlyList<string> apex;
        try
        {
            answer = await resolver.TxtAnswerAsync(name, cancellationToken);
        }
        catch (ResolutionException e)
        {
            return new([new("txt-missing", FindingSeverity.Unknown, $"{name} could not be looked up: {Printable.Text(e.Message)}", "see that the domain's name servers answer, and that its DNSSEC signatures are valid; senders get no answer either", Rfc)], false);
        }

        try
        {
            apex = await resolver.TxtAsync(subject.Domain.Value, cancellationToken);
        }
        catch (ResolutionException)
        {
            apex = []; // only looked at for a record that went astray
        }

        return Judge(subject, answer, apex, time.GetUtcNow());
    }

    /// <param name="apex">The TXT records of the domain itself.</param>
    internal static TxtReport Judge(CheckSubject subject, DnsAnswer<string> answer, IReadOnlyList<string> apex, DateTimeOffset now)
    {
        // Through a CNAME, the record to mend is at its end. RFC 8461 §8.2.
        var name = StsRecord.NameFor(subject.Domain);
        var isAlias = answer.Aliases.Count > 0;
        var place = isAlias ? Printable.Text(answer.Aliases[^1], 253) : name;
        var fix = $"publish {place}. TXT \"{subject.Served?.TxtValue ?? "v=STSv1; id=1;"}\", and no other record there";
        var findings = new List<Finding>();
        var selection = StsRecord.Select(answer.Records, out var record, out var error);
        var count = answer.Records.Count(IsRecord);
        switch (selection)
        {
            case TxtSelection.Missing when answer.Records.FirstOrDefault(LooksLikeRecord) is { } nearly:
                findings.Add(new("txt-invalid", FindingSeverity.Error, $"{place} has {Quote(nearly)}, which senders don't take for an MTA-STS record: it must begin with v=STSv1;", fix, Rfc));
                break;
            case TxtSelection.Missing:
                var where = isAlias ? $"{name} is an alias of {place}, which" : name;
                findings.Add(new(
                    "txt-missing",
                    subject.Served is null ? FindingSeverity.Warning : FindingSeverity.Error,
                    $"{where} has no MTA-STS record, so senders don't look for a policy",
                    isAlias && subject.Served is null ? $"take the CNAME out if it was left behind, or {fix}" : fix,
                    Rfc));
                break;
            case TxtSelection.Multiple:
                findings.Add(new("txt-multiple", FindingSeverity.Error, $"{place} has {count} MTA-STS records, which senders treat as none", fix, Rfc));
                break;
            case TxtSelection.Invalid:
                findings.Add(new("txt-invalid", FindingSeverity.Error, $"{place} has {Quote(answer.Records.First(IsRecord))}: it {error}, so senders treat it as none", fix, Rfc));
                break;
            default:
                if (Stale(subject, record!.Id, answer.Ttl, place, now) is { } stale) findings.Add(stale);
                break;
        }

        if (selection != TxtSelection.Missing && answer.Records.FirstOrDefault(text => !IsRecord(text)) is { } unrelated)
            findings.Add(new("txt-unrelated", FindingSeverity.Warning, $"{place} has {Quote(unrelated)} beside the MTA-STS record; some senders see no policy then", $"take it out; only the MTA-STS record belongs at {place}", Rfc));
        else if (selection == TxtSelection.Missing && answer.Records.FirstOrDefault(text => !LooksLikeRecord(text)) is { } other)
            findings.Add(new("txt-unrelated", FindingSeverity.Warning, $"{place} has {Quote(other)}, which has nothing to do with MTA-STS", "take it out; a wildcard record of the zone may be the cause", Rfc));
        if (apex.FirstOrDefault(IsRecord) is { } astray)
            findings.Add(new("txt-at-apex", selection == TxtSelection.Valid ? FindingSeverity.Warning : FindingSeverity.Error, $"{subject.Domain} itself has {Quote(astray)}, where no sender looks", $"move it to {name}", Rfc));
        if (selection == TxtSelection.Valid)
            findings.Add(new("dnssec", FindingSeverity.Info, answer.IsSecure ? $"{name} is protected by DNSSEC" : $"{name} is not protected by DNSSEC; MTA-STS doesn't need it", null, "RFC 8461 §10"));
        return new(findings, selection == TxtSelection.Valid);
    }

    /// <summary>Before the TTL of the old record has passed since the change, nobody can have done better.</summary>
    private static Finding? Stale(CheckSubject subject, PolicyId published, TimeSpan ttl, string place, DateTimeOffset now)
    {
        if (subject.Served is not { } served || served.Id == published) return null;
        var fix = $"publish {place}. TXT \"{served.TxtValue}\"";
        var recent = subject.ServedSince is { } since && now < since + ttl;
        return recent
            ? new("txt-id-stale", FindingSeverity.Warning, $"{place} has the id {published}, and the policy that is served since {subject.ServedSince:yyyy-MM-dd HH:mm}Z has {served.Id}; within the record's TTL ({ttl.TotalSeconds:0} s) that may be the old record in a cache", fix + ", if that isn't done yet", "RFC 8461 §8.1")
            : new("txt-id-stale", FindingSeverity.Error, $"{place} has the id {published}, and the served policy has {served.Id}: senders keep to the old policy and don't fetch this one", fix, "RFC 8461 §8.1");
    }

    private static bool IsRecord(string text) => text.StartsWith("v=STSv1;", StringComparison.Ordinal);

    private static bool LooksLikeRecord(string text) => text.TrimStart().StartsWith("v=sts", StringComparison.OrdinalIgnoreCase) || text.Contains("STSv1", StringComparison.OrdinalIgnoreCase);

    private static string Quote(string text) => $"\"{Printable.Text(text, 100)}\"";
}
