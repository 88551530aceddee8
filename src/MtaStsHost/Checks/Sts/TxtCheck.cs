using MtaSts;
using MtaStsHost.Network;
using MtaStsHost.Text;

namespace MtaStsHost.Checks.Sts;

/// <summary>What DNS told of the record.</summary>
/// <param name="Answer"><c>null</c>: nothing.</param>
/// <param name="Apex">The TXT records of the domain itself.</param>
/// <param name="Fault">Why DNS told nothing.</param>
internal sealed record TxtFacts(DnsAnswer<string>? Answer, IReadOnlyList<string> Apex, string? Fault = null)
{
    /// <summary>The id that senders see; <c>null</c>: they see no policy.</summary>
    public PolicyId? Id { get; } = Answer is not null && StsRecord.Select(Answer.Records, out var record, out _) == TxtSelection.Valid
        ? record!.Id : null;
}

/// <summary>The TXT record at <c>_mta-sts</c>. RFC 8461 §3.1. At most two questions a domain.</summary>
internal static class TxtCheck
{
    private const string Rfc = "RFC 8461 §3.1";

    /// <summary>Longer ones are rare, and many resolvers cut them to that.</summary>
    private static readonly TimeSpan s_longTtl = TimeSpan.FromDays(1);

    public static async Task<TxtFacts> LookAsync(DomainName domain, IResolver resolver, CancellationToken cancellationToken)
    {
        DnsAnswer<string> answer;
        try
        {
            answer = await resolver.TxtAnswerAsync(StsRecord.NameFor(domain), cancellationToken);
        }
        catch (ResolutionException e)
        {
            return new(null, [], e.Message);
        }

        try
        {
            return new(answer, await resolver.TxtAsync(domain.Value, cancellationToken));
        }
        catch (ResolutionException)
        {
            return new(answer, []); // only looked at for a record that went astray
        }
    }

    /// <param name="seen">The policy that its host serves to senders; <c>null</c>: none.</param>
    public static IReadOnlyList<Finding> Judge(CheckSubject subject, TxtFacts facts, Policy? seen, DateTimeOffset now)
    {
        if (facts.Answer is not { } answer)
            return [new("txt-missing", FindingSeverity.Unknown,
                $"{StsRecord.NameFor(subject.Domain)} could not be looked up: {Printable.Text(facts.Fault!)}",
                "see that the domain's name servers answer, and that its DNSSEC signatures are valid; senders get no answer either", Rfc)];
        // Through a CNAME, the record to mend is at its end. RFC 8461 §8.2.
        var name = StsRecord.NameFor(subject.Domain);
        var isAlias = answer.Aliases.Count > 0;
        var place = isAlias ? Printable.Text(answer.Aliases[^1], 253) : name;
        // RFC 8461 §8.1: the policy first, then the record.
        var isAhead = subject.IsPlanned && !subject.Served!.Policy.Equals(seen);
        var fix = RecordFix(subject, place, seen, isAhead);
        var findings = new List<Finding>();
        var selection = StsRecord.Select(answer.Records, out var record, out var error);
        var count = answer.Records.Count(IsRecord);
        switch (selection)
        {
            case TxtSelection.Missing when answer.Records.FirstOrDefault(LooksLikeRecord) is { } nearly:
                findings.Add(new("txt-invalid", FindingSeverity.Error,
                    $"{place} has {Quote(nearly)}, which senders don't take for an MTA-STS record: it must begin with v=STSv1;", fix, Rfc));
                break;
            case TxtSelection.Missing:
                var where = isAlias ? $"{name} is an alias of {place}, which" : name;
                findings.Add(new(
                    "txt-missing",
                    isAhead ? FindingSeverity.Info : subject.Served is null ? FindingSeverity.Warning : FindingSeverity.Error,
                    $"{where} has no MTA-STS record, so senders don't look for a policy",
                    isAlias && subject.Served is null ? $"take the CNAME out if it was left behind; else {fix}" : fix,
                    Rfc));
                break;
            case TxtSelection.Multiple:
                findings.Add(new("txt-multiple", FindingSeverity.Error,
                    $"{place} has {count} MTA-STS records, which senders treat as none", fix, Rfc));
                break;
            case TxtSelection.Invalid:
                findings.Add(new("txt-invalid", FindingSeverity.Error,
                    $"{place} has {Quote(answer.Records.First(IsRecord))}: it {error}, so senders treat it as none", fix, Rfc));
                break;
            default:
                if (Stale(subject, record!.Id, answer.Ttl, place, isAhead, now) is { } stale) findings.Add(stale);
                break;
        }

        if (selection != TxtSelection.Missing && answer.Records.FirstOrDefault(text => !IsRecord(text)) is { } unrelated)
            findings.Add(new("txt-unrelated", FindingSeverity.Warning,
                $"{place} has {Quote(unrelated)} beside the MTA-STS record; some senders see no policy then",
                $"take it out; only the MTA-STS record belongs at {place}", Rfc));
        else if (selection == TxtSelection.Missing && answer.Records.FirstOrDefault(text => !LooksLikeRecord(text)) is { } other)
            findings.Add(new("txt-unrelated", FindingSeverity.Warning, $"{place} has {Quote(other)}, which has nothing to do with MTA-STS",
                "take it out; a wildcard record of the zone may be the cause", Rfc));
        if (facts.Apex.FirstOrDefault(IsRecord) is { } astray)
            findings.Add(new("txt-at-apex", selection == TxtSelection.Valid ? FindingSeverity.Warning
                : FindingSeverity.Error, $"{subject.Domain} itself has {Quote(astray)}, where no sender looks", $"move it to {name}", Rfc));
        if (selection == TxtSelection.Valid)
            findings.Add(new("dnssec", FindingSeverity.Info, answer.IsSecure
                ? $"{name} is protected by DNSSEC" : $"{name} is not protected by DNSSEC; MTA-STS doesn't need it", null, "RFC 8461 §10"));
        return findings;
    }

    private static string RecordFix(CheckSubject subject, string place, Policy? seen, bool isAhead)
    {
        // Any id will do elsewhere, as long as it changes with the policy: so does this one.
        var value = subject.Served?.TxtValue ?? (seen is null ? null : StsRecord.Format(PolicyId.Compute(seen)));
        return value is null
            ? $"first serve a policy at https://{PolicyFetcher.HostFor(subject.Domain)}/.well-known/mta-sts.txt; then publish {place}. "
                + $"TXT \"v=STSv1; id=…;\" with the policy's id, and no other record there"
            : $"{(isAhead ? "after the deployment, " : "")}publish {place}. TXT \"{value}\", and no other record there";
    }

    /// <summary>Before the TTL of the old record has passed since the change, nobody can have done better.</summary>
    private static Finding? Stale(CheckSubject subject, PolicyId published, TimeSpan ttl, string place, bool isAhead, DateTimeOffset now)
    {
        if (subject.Served is not { } served || served.Id == published) return null;
        var fix = $"publish {place}. TXT \"{served.TxtValue}\"";
        if (isAhead)
            return new("txt-id-stale", FindingSeverity.Info,
                $"{place} has the id {published}, and the policy that is to be deployed has {served.Id}",
                $"after the deployment, {fix}", "RFC 8461 §8.1");
        var recent = subject.ServedSince is { } since && now < since + ttl;
        var mayBeCached = now < subject.ServedSince + s_longTtl;
        return recent
            ? new("txt-id-stale", FindingSeverity.Warning,
                $"{place} has the id {published}, and the policy that is served since {subject.ServedSince:yyyy-MM-dd HH:mm}Z has "
                + $"{served.Id}; within the record's TTL ({ttl.TotalSeconds:0} s) that may be the old record in a cache",
                fix + ", if that isn't done yet", "RFC 8461 §8.1")
            : new("txt-id-stale", FindingSeverity.Error,
                $"{place} has the id {published}, and the served policy has {served.Id}: senders keep to the old policy and don't fetch "
                + $"this one", fix + (mayBeCached
                ? "; if that is done, the resolver that was asked may keep the old one until its TTL has passed" : ""), "RFC 8461 §8.1");
    }

    private static bool IsRecord(string text) => text.StartsWith("v=STSv1;", StringComparison.Ordinal);

    private static bool LooksLikeRecord(string text) => text.TrimStart().StartsWith("v=sts", StringComparison.OrdinalIgnoreCase)
        || text.Contains("STSv1", StringComparison.OrdinalIgnoreCase);

    private static string Quote(string text) => $"\"{Printable.Text(text, 100)}\"";
}
