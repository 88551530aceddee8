using System.Security.Cryptography.X509Certificates;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Mail;
using MtaStsHost.Checks.Mx;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Configuration;
using MtaStsHost.Network;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;

namespace MtaStsHost.Checks;

/// <summary>What checks have shown that later ones, of any domain, must know. One for the process.</summary>
internal sealed class SharedObservations(TimeProvider time)
{
    public SmtpReachability Smtp { get; } = new(time);

    public PolicyHostReachability PolicyHosts { get; } = new(time);

    public StaleRecordTtls StaleRecords { get; } = new();
}

/// <summary>Checks a domain as a sender would: the record, the policy, the MX hosts, and what else DNS says about its mail. Parts that
/// don't depend on each other run concurrently. Each part states what it costs at most.</summary>
/// <param name="memory">Shared by all checkers of a process.</param>
/// <param name="probeLife">How long the result for an MX host is used for other domains; null: as long as this lives, as in a verb.</param>
internal sealed class DomainChecker(IResolver resolver, CheckSettings settings, X509Certificate2Collection? roots,
    SharedObservations memory, TimeProvider time, TimeSpan? probeLife = null)
{
    private const int LookupsOfRetired = 2;

    /// <summary>What the parts report if their first lookup fails; those of a retired domain come first.</summary>
    private static readonly FindingDescriptor[] s_lookups = [TxtFindings.LookupFailed, HostFindings.LookupFailed,
        MxFindings.LookupFailed, SpfFindings.LookupFailed, DmarcFindings.LookupFailed];

    private readonly PolicyHostCheck _host = new(
        resolver, settings, new ConnectableAddresses(settings.InnerNetworks), roots, memory.PolicyHosts, time);

    private readonly MxCheck _mx = new(
        resolver, new MxProbes(new SmtpProbe(new SmtpProbeOptions(settings.SmtpPort, settings.Timeout, roots)
        {
            Connectable = new ConnectableAddresses(settings.InnerNetworks),
        }, time), memory.Smtp, probeLife, time), time);

    /// <exception cref="OperationCanceledException">And nothing else.</exception>
    public async Task<DomainCheck> CheckAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var check = subject.Served is { RetiredUntil: not null } retired ? await CheckRetiredAsync(subject, retired, cancellationToken)
            : await CheckPartsAsync(subject, cancellationToken);
        var failed = check.Findings.Select(finding => finding.Descriptor).ToHashSet();
        // One more query, since a domain's own name servers may all be down.
        if (!failed.IsSupersetOf(subject.Served is { RetiredUntil: not null } ? s_lookups.Take(LookupsOfRetired) : s_lookups)
            || await resolver.FindFaultAsync(cancellationToken) is not { } fault) return check;
        var finding = new Finding(ResolverFindings.Unreachable, subject.Domain.Value, fault.Servers, fault.Source, fault.Error);
        var others = check.Findings.Where(other => other.Descriptor.Area is FindingArea.None or FindingArea.History);
        // Not Unknown, which lets a domain into enforce: unlike a blocked port 25, this is over once the resolver is back.
        return check with { Findings = [finding, .. others], Verdict = new MxVerdict(MxOutcome.Fails, finding.Message) };
    }

    /// <summary>Only looks up what DNS has at the TXT record's name.</summary>
    /// <inheritdoc cref="CheckAsync"/>
    public async Task<DomainCheck> LookUpAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var txt = await LookUpRecordAsync(subject, cancellationToken);
        var now = time.GetUtcNow();
        return new DomainCheck(subject.Domain, [], now, new MxVerdict(MxOutcome.Unknown, ""))
        {
            Record = txt.Sighting(subject, isElsewhere: false, now),
        };
    }

    private async Task<DomainCheck> CheckPartsAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var domain = subject.Domain;
        var spf = SpfCheck.CheckAsync(domain.Value, resolver, cancellationToken);
        var dmarc = DmarcCheck.CheckAsync(domain.Value, resolver, cancellationToken);
        var dkim = DkimCheck.CheckAsync(domain.Value, subject.Served?.DkimSelectors ?? [], resolver, cancellationToken);
        var caa = CaaCheck.CheckAsync(domain, subject.Authorities, resolver, cancellationToken);
        var sts = CheckStsAsync(subject, cancellationToken);
        var others = await Task.WhenAll(caa, spf, dmarc, dkim);
        var (stsFindings, verdict, record) = await sts;
        var findings = others.Prepend(stsFindings).SelectMany(part => part).OrderByDescending(finding => finding.Severity);
        return new DomainCheck(domain, [.. findings], time.GetUtcNow(), verdict) { Record = record };
    }

    /// <summary>For a domain that is not configured any more, only that senders see that it has no policy counts. RFC 8461 §8.3.</summary>
    private async Task<DomainCheck> CheckRetiredAsync(CheckSubject subject, ServedPolicy retired, CancellationToken cancellationToken)
    {
        var txt = await LookUpRecordAsync(subject, cancellationToken);
        var host = await _host.CheckAsync(subject, txt.Id, cancellationToken);
        var now = time.GetUtcNow();
        // It may well have moved to another service.
        var isElsewhere = host.Policy is not null && txt.Id is not null && txt.Id != retired.Id && !retired.Policy.Equals(host.Policy);
        var findings = isElsewhere ? [HistoryJudgement.JudgeElsewhere(retired, now)]
            : TxtCheck.Judge(subject, txt, host.Policy, now).Concat(host.Findings);
        var isAsTold = txt.Id == retired.Id && retired.Policy.Equals(host.Policy);
        if (subject.Purpose == CheckPurpose.Explain && !isElsewhere)
            // With the record as it should be, no earlier id is in DNS.
            findings = findings.Append(HistoryJudgement.JudgeRemoved(isAsTold
                ? retired.Leaving(retired.Removal! with { IsInDns = false }) : retired, now)
                with { Severity = isAsTold ? FindingSeverity.Info : FindingSeverity.Warning });
        return new DomainCheck(subject.Domain, [.. findings.OrderByDescending(finding => finding.Severity)],
            now, new MxVerdict(MxOutcome.Unknown, "the domain is not configured any more"))
        {
            Record = txt.Sighting(subject, isElsewhere, now),
            Checked = FindingArea.Txt | FindingArea.PolicyHost | FindingArea.History,
        };
    }

    private async Task<TxtFacts> LookUpRecordAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var facts = await TxtCheck.LookAsync(subject.Domain, resolver, cancellationToken);
        if (facts is not { Answer: { } answer, Id: { } published }
            || subject is not { Served: { } served, Statistics: { } host }) return facts;
        if (published != served.Id)
            return facts with { Answer = answer with { Ttl = memory.StaleRecords.Longest(host, published, answer.Ttl) } };
        memory.StaleRecords.Forget(host);
        return facts;
    }

    private async Task<(IReadOnlyList<Finding> Findings, MxVerdict Verdict, RecordSighting Record)> CheckStsAsync(CheckSubject subject,
        CancellationToken cancellationToken)
    {
        var txt = await LookUpRecordAsync(subject, cancellationToken);
        var record = txt.Sighting(subject, isElsewhere: false, time.GetUtcNow());
        // What the ledger says of the ids may be older.
        subject = subject with { History = subject.History?.Seeing(record) };
        var host = await _host.CheckAsync(subject, txt.Id, cancellationToken);
        // Senders that don't see the record, or can't fetch the policy, keep the one they hold, if any; ours is what they will have.
        var policy = subject.Served?.Policy ?? host.Policy;
        var isSeen = txt.Id is not null && policy is not null && policy.Equals(host.Policy);
        if (subject is { Served: { } own, History: { } past, Statistics: { } counts }) isSeen |= past.IsHeld(own, counts);
        var mx = _mx.CheckAsync(subject.Domain, policy, isSeen, subject.ProbesNotOlderThan, cancellationToken);
        var tlsRpt = TlsRptCheck.CheckAsync(subject.Domain, policy is { Mode: not PolicyMode.None },
            subject.Served?.TlsRpt ?? [], resolver, cancellationToken);
        var mxReport = await mx;
        var now = time.GetUtcNow();
        List<Finding> findings =
            [.. TxtCheck.Judge(subject, txt, host.Policy, now), .. host.Findings, .. mxReport.Findings, .. await tlsRpt];
        // Its records go first, then the domain is removed from the configuration.
        if (subject is { Served: { } none, History: { } life } && life.StateOf(none) == RetirementState.SafeToRemove)
            findings = [.. findings.Select(HistoryJudgement.Excuse)];
        if (policy is not null)
            findings.AddRange(PolicyJudgement.Judge(subject.Domain.Value, policy, subject.History?.ModeSince,
                findings.TrueForAll(finding => finding.Severity == FindingSeverity.Info), now));
        if (subject is { Served: { } served, History: { } history })
            findings.AddRange(HistoryJudgement.Judge(served, history, mxReport.Hosts, now));
        if (PolicyJudgement.JudgeGate(subject, mxReport.Verdict) is { } gate) findings.Add(gate);
        return (findings, mxReport.Verdict, record);
    }
}
