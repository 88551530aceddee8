using System.Security.Cryptography.X509Certificates;
using MtaSts;
using MtaStsHost.Checks.Mail;
using MtaStsHost.Checks.Mx;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Dns;

namespace MtaStsHost.Checks;

/// <summary>
/// Goes through a domain as a sender would: the record, the policy, the MX hosts, and what else DNS says of its mail. What doesn't wait for
/// something else runs side by side. Each part states what it costs at most.
/// </summary>
/// <param name="reachability">Shared by all checkers of a process: what one domain shows of the SMTP port holds for the others.</param>
internal sealed class DomainChecker(IResolver resolver, CheckSettings settings, X509Certificate2Collection? roots, SmtpReachability reachability, TimeProvider time)
{
    private readonly TxtCheck _txt = new(resolver, time);
    private readonly PolicyHostCheck _host = new(resolver, settings, roots, time);
    private readonly MxCheck _mx = new(resolver, new SmtpProbe(new SmtpProbeOptions(settings.SmtpPort, settings.Timeout, roots), time), reachability, time);

    /// <exception cref="OperationCanceledException">And nothing else.</exception>
    public async Task<DomainCheck> CheckAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var domain = subject.Domain;
        var spf = SpfCheck.CheckAsync(domain.Value, resolver, cancellationToken);
        var dmarc = DmarcCheck.CheckAsync(domain.Value, resolver, cancellationToken);
        var dkim = DkimCheck.CheckAsync(domain.Value, [], resolver, cancellationToken);
        var sts = CheckStsAsync(subject, cancellationToken);
        var others = await Task.WhenAll(spf, dmarc, dkim);
        var (stsFindings, fitness) = await sts;
        var findings = others.Prepend(stsFindings).SelectMany(part => part).OrderByDescending(finding => finding.Severity);
        return new DomainCheck(domain, [.. findings], time.GetUtcNow(), fitness);
    }

    private async Task<(IReadOnlyList<Finding> Findings, MxFitness Fitness)> CheckStsAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var txt = await _txt.CheckAsync(subject, cancellationToken);
        var host = await _host.CheckAsync(subject, txt.IsThere, cancellationToken);
        // Senders that don't see the record, or can't fetch the policy, have none to hold the MX hosts against; ours is what they will have.
        var policy = subject.Served?.Policy ?? host.Policy;
        var mx = _mx.CheckAsync(subject.Domain, policy, cancellationToken);
        var tlsRpt = TlsRptCheck.CheckAsync(subject.Domain, policy is { Mode: not PolicyMode.None }, resolver, cancellationToken);
        var mxReport = await mx;
        List<Finding> findings = [.. txt.Findings, .. host.Findings, .. mxReport.Findings, .. await tlsRpt];
        // Nobody refuses by a policy that nobody can see yet.
        if (!txt.IsThere || host.Policy is null) findings.RemoveAll(finding => finding.Code == "mail-refused");
        if (policy is not null)
            findings.AddRange(PolicyJudgement.Judge(policy, subject.History?.ModeSince, findings.TrueForAll(finding => finding.Severity == FindingSeverity.Info), time.GetUtcNow()));
        if (subject is { Served: { } served, History: { } history }) findings.AddRange(HistoryJudgement.Judge(served, history, mxReport.Hosts, time.GetUtcNow()));
        return (findings, mxReport.Fitness);
    }
}
