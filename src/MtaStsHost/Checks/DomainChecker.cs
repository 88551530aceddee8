using System.Security.Cryptography.X509Certificates;
using MtaSts;
using MtaStsHost.Checks.Mail;
using MtaStsHost.Checks.Mx;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Configuration;
using MtaStsHost.Network;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;

namespace MtaStsHost.Checks;

/// <summary>
/// Goes through a domain as a sender would: the record, the policy, the MX hosts, and what else DNS says of its mail. What doesn't wait for
/// something else runs side by side. Each part states what it costs at most.
/// </summary>
/// <param name="memory">Shared by all checkers of a process.</param>
/// <param name="probeLife">How long what an MX host showed counts for the next domain that has it at most; null: as long as this lives,
/// which suits a run of a verb.</param>
internal sealed class DomainChecker(
    IResolver resolver, CheckSettings settings, X509Certificate2Collection? roots,
        SharedObservations memory, TimeProvider time, TimeSpan? probeLife = null)
{
    private readonly PolicyHostCheck _host = new(resolver, settings, roots, memory.PolicyHosts, time);
    private readonly MxCheck _mx = new(
        resolver, new MxProbes(new SmtpProbe(new SmtpProbeOptions(settings.SmtpPort, settings.Timeout, roots), time),
            memory.Smtp, probeLife, time), time);

    /// <exception cref="OperationCanceledException">And nothing else.</exception>
    public async Task<DomainCheck> CheckAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        if (subject.Served is { RetiredUntil: { } until }) return await CheckRetiredAsync(subject,
            subject.Served, until, cancellationToken);
        var domain = subject.Domain;
        var spf = SpfCheck.CheckAsync(domain.Value, resolver, cancellationToken);
        var dmarc = DmarcCheck.CheckAsync(domain.Value, resolver, cancellationToken);
        var dkim = DkimCheck.CheckAsync(domain.Value, subject.Served?.DkimSelectors ?? [], resolver, cancellationToken);
        var caa = CaaCheck.CheckAsync(PolicyFetcher.HostFor(domain), subject.Authorities, resolver, cancellationToken);
        var sts = CheckStsAsync(subject, cancellationToken);
        var others = await Task.WhenAll(caa, spf, dmarc, dkim);
        var (stsFindings, fitness) = await sts;
        var findings = others.Prepend(stsFindings).SelectMany(part => part).OrderByDescending(finding => finding.Severity);
        return new DomainCheck(domain, [.. findings], time.GetUtcNow(), fitness);
    }

    /// <summary>Of a domain that is not configured any more, all that counts is that senders come to see that it has no policy now. RFC
    /// 8461 §8.3.</summary>
    private async Task<DomainCheck> CheckRetiredAsync(CheckSubject subject,
        ServedPolicy retired, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var txt = await LookAtRecordAsync(subject, cancellationToken);
        var host = await _host.CheckAsync(subject, txt.Id, cancellationToken);
        var now = time.GetUtcNow();
        var isAsTold = txt.Id == retired.Id && retired.Policy.Equals(host.Policy);
        // It may well have gone to another host.
        var isElsewhere = host.Policy is not null && txt.Id is not null && txt.Id != retired.Id && !retired.Policy.Equals(host.Policy);
        var findings = isElsewhere ? [HistoryJudgement.JudgeElsewhere(retired, until, now)]
            : TxtCheck.Judge(subject, txt, host.Policy, now).Concat(host.Findings);
        if (subject.TellsRemoval && !isElsewhere) findings =
            findings.Append(HistoryJudgement.JudgeRemoved(retired, until, now)
            with { Severity = isAsTold ? FindingSeverity.Info : FindingSeverity.Warning });
        return new DomainCheck(subject.Domain, [.. findings.OrderByDescending(finding => finding.Severity)],
            now, new MxFitness(MxFit.Unknown, "it has no policy any more"));
    }

    private async Task<TxtFacts> LookAtRecordAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var facts = await TxtCheck.LookAsync(subject.Domain, resolver, cancellationToken);
        if (facts is not { Answer: { } answer, Id: { } published } || subject is not { Served: { } served, Statistics: { } host }) return facts;
        if (published != served.Id)
            return facts with { Answer = answer with { Ttl = memory.StaleRecords.Longest(host, published, answer.Ttl) } };
        memory.StaleRecords.Forget(host);
        return facts;
    }

    private async Task<(IReadOnlyList<Finding> Findings, MxFitness Fitness)> CheckStsAsync(CheckSubject subject,
        CancellationToken cancellationToken)
    {
        var txt = await LookAtRecordAsync(subject, cancellationToken);
        var host = await _host.CheckAsync(subject, txt.Id, cancellationToken);
        // Senders that don't see the record, or can't fetch the policy, keep to what they hold, or have none; ours is what they will have.
        var policy = subject.Served?.Policy ?? host.Policy;
        var isSeen = txt.Id is not null && policy is not null && policy.Equals(host.Policy);
        if (subject is { Served: { } own, History: { } past, Statistics: { } counts }) isSeen |= past.IsHeld(own, counts);
        var mx = _mx.CheckAsync(subject.Domain, policy, isSeen, subject.ProbesNotOlderThan, cancellationToken);
        var tlsRpt = TlsRptCheck.CheckAsync(subject.Domain, policy is { Mode: not PolicyMode.None },
            subject.Served?.TlsRpt ?? [], resolver, cancellationToken);
        var mxReport = await mx;
        List<Finding> findings = [.. TxtCheck.Judge(subject, txt, host.Policy, time.GetUtcNow()),
            .. host.Findings, .. mxReport.Findings, .. await tlsRpt];
        // Its records go first, then the domain out of the configuration.
        if (subject is { Served: { } none, History: { } life } && life.StateOf(none) == RetirementState.SafeToRemove)
            findings = [.. findings.Select(finding => finding.Code is "txt-missing" or "host-missing"
                ? finding with { Severity = FindingSeverity.Info,
                Fix = $"take {subject.Domain} out of the configuration, since it is safe to remove" } : finding)];
        if (policy is not null)
            findings.AddRange(PolicyJudgement.Judge(policy, subject.History?.ModeSince,
                findings.TrueForAll(finding => finding.Severity == FindingSeverity.Info), time.GetUtcNow()));
        if (subject is { Served: { } served, History: { } history }) findings.AddRange(
            HistoryJudgement.Judge(served, history, mxReport.Hosts, time.GetUtcNow()));
        if (GateJudgement.Judge(subject, mxReport.Fitness) is { } gate) findings.Add(gate);
        return (findings, mxReport.Fitness);
    }
}
