using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Network;
using MtaStsHost.Transitions;

namespace MtaStsHost.Checks.Sts;

/// <summary>What DNS says about the record.</summary>
/// <param name="Answer"><c>null</c>: the lookup failed.</param>
/// <param name="Apex">The TXT records of the domain itself.</param>
/// <param name="Fault">Why the lookup failed.</param>
internal sealed record TxtFacts(DnsAnswer<string>? Answer, IReadOnlyList<string> Apex, string? Fault = null)
{
    /// <summary>The id that senders see; <c>null</c>: they see no policy.</summary>
    public PolicyId? Id { get; } = Answer is not null && StsRecord.Select(Answer.Records, out var record, out _) == TxtSelection.Valid
        ? record!.Id : null;

    /// <param name="isElsewhere">Another server answers for the policy host, with a policy of its own.</param>
    public RecordSighting Sighting(CheckSubject subject, bool isElsewhere, DateTimeOffset now) => new(subject.Domain,
        Answer is null ? SeenRecord.Unknown
            : StsRecord.Select(Answer.Records, out _, out _) == TxtSelection.Missing ? SeenRecord.None
            : Id is not null && Id == subject.Served?.Id ? SeenRecord.Current
            : isElsewhere ? SeenRecord.Elsewhere : SeenRecord.Other,
        subject.Served?.Id.Value, now, Answer?.Ttl ?? default);
}

/// <summary>The TXT record at <c>_mta-sts</c>. RFC 8461 §3.1. At most two queries per domain.</summary>
internal static class TxtCheck
{
    private const string Version = "v=STSv1";

    /// <param name="Target">Of the alias at the record's name; <c>null</c>: it is none.</param>
    /// <param name="Place">Where the record is that senders see, or is to be published.</param>
    /// <param name="First">What goes before that.</param>
    private sealed record Remedy(string? Target, object Place, string First, string Value)
    {
        /// <summary>Whether an alias was made for this record: RFC 8461 §8.2. Others are those of a wildcard, the domain itself or a web
        /// host; records at their targets, such as SPF, have their own purpose.</summary>
        public bool IsDelegated => Target is null || Target.StartsWith('_')
            || Target.Contains("mta-sts", StringComparison.OrdinalIgnoreCase)
            || Target.Contains("mtasts", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Longer TTLs are rare, and many resolvers cut them to this.</summary>
    private static readonly TimeSpan s_longTtl = TimeSpan.FromDays(1);

    public static async Task<TxtFacts> LookAsync(DomainName domain, IResolver resolver, CancellationToken cancellationToken)
    {
        var (answer, fault) = await resolver.TxtAnswerAsync(StsRecord.NameFor(domain), cancellationToken).OrFaultAsync();
        if (answer is null) return new(null, [], fault);
        // Only needed for a record at the wrong name.
        var (apex, _) = await resolver.TxtAsync(domain.Value, cancellationToken).OrFaultAsync();
        return new(answer, apex ?? []);
    }

    /// <param name="seen">The policy that its host serves to senders; <c>null</c>: none.</param>
    public static IReadOnlyList<Finding> Judge(CheckSubject subject, TxtFacts facts, Policy? seen, DateTimeOffset now)
    {
        var domain = subject.Domain.Value;
        if (facts.Answer is not { } answer) return [new(TxtFindings.LookupFailed, domain, facts.Fault!)];
        // Behind a CNAME, the record to fix is at its target. RFC 8461 §8.2.
        var target = answer.Aliases.Count > 0 ? Printable.Text(answer.Aliases[^1], 253) : null;
        object place = target is null ? DomainPart.TxtName : target;
        // RFC 8461 §8.1: the policy first, then the record.
        var isAhead = subject.IsPlanned && !subject.Served!.Policy.Equals(seen);
        // Elsewhere, any id will do that changes with the policy.
        var value = subject.Served?.TxtValue ?? (seen is null ? null : StsRecord.Format(PolicyId.Compute(seen)));
        var first = value is null
            ? $"first serve a policy at https://{PolicyFetcher.HostFor(subject.Domain)}/.well-known/mta-sts.txt; then "
            : isAhead ? "after the deployment, " : "";
        value ??= "v=STSv1; id=THE-ID-OF-THE-POLICY;";
        var remedy = new Remedy(target, place, first, value);
        var findings = new List<Finding>();
        var selection = StsRecord.Select(answer.Records, out var record, out var error);
        switch (selection)
        {
            case TxtSelection.Missing when answer.Records.FirstOrDefault(LooksLikeRecord) is { } nearly:
                findings.Add(new(StsRecord.HasSpacedVersion(nearly) ? TxtFindings.SpaceBeforeSemicolon : TxtFindings.NotARecord,
                    domain, place, Quote(nearly), first, value));
                break;
            case TxtSelection.Missing:
                var severity = isAhead ? FindingSeverity.Info : subject.Served is null ? FindingSeverity.Warning : FindingSeverity.Error;
                var left = subject.Served is null ? $"remove the CNAME if it was left behind; otherwise {first}" : first;
                findings.Add(target is null ? new(TxtFindings.Missing, severity, domain, first, place, value)
                    : remedy.IsDelegated ? new(TxtFindings.MissingAtAlias, severity, domain, target, left, place, value)
                    : new(TxtFindings.MissingBehindAlias, severity, domain, target, first, value));
                break;
            case TxtSelection.Multiple:
                findings.Add(new(TxtFindings.Multiple, domain, place, answer.Records.Count(IsRecord), first, value));
                break;
            case TxtSelection.Invalid:
                findings.Add(new(TxtFindings.Invalid, domain, place, Quote(answer.Records.First(IsRecord)), error!, first, value));
                break;
            default:
                if (record!.HasFurtherIds)
                    findings.Add(new(TxtFindings.FurtherIds, domain, place, Quote(answer.Records.First(IsRecord)), first, value));
                if (JudgeId(subject, record.Id, answer.Ttl, place, isAhead, now) is { } stale) findings.Add(stale);
                break;
        }

        if (JudgeOthers(domain, answer.Records, selection, remedy) is { } others) findings.Add(others);
        if (facts.Apex.FirstOrDefault(IsRecord) is { } astray)
            findings.Add(new(TxtFindings.AtApex, selection == TxtSelection.Valid ? FindingSeverity.Warning : FindingSeverity.Error,
                domain, Quote(astray)));
        if (selection == TxtSelection.Valid) findings.Add(new(answer.IsSecure ? TxtFindings.Secure : TxtFindings.Insecure, domain));
        return findings;
    }

    /// <summary>A record beside the one that counts, or instead of it.</summary>
    private static Finding? JudgeOthers(string domain, IReadOnlyList<string> records, TxtSelection selection, Remedy remedy)
    {
        if (selection == TxtSelection.Missing)
            return remedy.IsDelegated && records.FirstOrDefault(text => !LooksLikeRecord(text)) is { } other
                ? new(TxtFindings.OnlyUnrelated, domain, remedy.Place, Quote(other)) : null;
        if (records.FirstOrDefault(StsRecord.HasSpacedVersion) is { } second)
            return new(TxtFindings.SpaceBeforeSemicolonBeside, domain, remedy.Place, Quote(second), remedy.First, remedy.Value);
        return records.FirstOrDefault(text => !IsRecord(text)) is not { } unrelated ? null
            : remedy.IsDelegated ? new(TxtFindings.Unrelated, domain, remedy.Place, Quote(unrelated))
            : new(TxtFindings.UnrelatedAtAlias, domain, remedy.Target!, Quote(unrelated), remedy.Value);
    }

    /// <summary>Until the TTL of the old record has passed since the change, nothing better could have been done.</summary>
    private static Finding? JudgeId(CheckSubject subject, PolicyId published, TimeSpan ttl, object place, bool isAhead, DateTimeOffset now)
    {
        if (subject.Served is not { } served || served.Id == published) return null;
        var domain = subject.Domain.Value;
        if (isAhead) return new(TxtFindings.IdStalePlanned, domain, place, published, served.Id, served.TxtValue);
        if (subject.History?.ChangedAt is { } since && now < since + ttl)
            return new(TxtFindings.IdStaleInCache, domain, place, published, since, served.Id, (int)ttl.TotalSeconds, served.TxtValue);
        return new(TxtFindings.IdStale, domain, place, published, served.Id, served.TxtValue, now < subject.History?.ChangedAt + s_longTtl
            ? "; if you have, the resolver may keep the old record until its TTL has expired" : "");
    }

    private static bool IsRecord(string text) => text.StartsWith(Version + ";", StringComparison.Ordinal);

    private static bool LooksLikeRecord(string text) => text.TrimStart().StartsWith("v=sts", StringComparison.OrdinalIgnoreCase)
        || text.Contains("STSv1", StringComparison.OrdinalIgnoreCase);

    private static string Quote(string text) => $"\"{Printable.Text(text, 100)}\"";
}
