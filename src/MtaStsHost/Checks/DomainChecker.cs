using System.Security.Cryptography.X509Certificates;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Dns;

namespace MtaStsHost.Checks;

/// <summary>Goes through a domain as a sender would. Everything that doesn't wait for something else runs side by side.</summary>
internal sealed class DomainChecker(IResolver resolver, CheckSettings settings, X509Certificate2Collection? roots, TimeProvider time)
{
    private readonly TxtCheck _txt = new(resolver, time);
    private readonly PolicyHostCheck _host = new(resolver, settings, roots, time);

    public async Task<DomainCheck> CheckAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var txt = await _txt.CheckAsync(subject, cancellationToken);
        var host = await _host.CheckAsync(subject, txt.IsThere, cancellationToken);
        var findings = txt.Findings.Concat(host.Findings).ToList();
        if ((subject.Served?.Policy ?? host.Policy) is { } policy)
        {
            var isSound = findings.All(finding => finding.Severity == FindingSeverity.Info);
            findings.AddRange(PolicyJudgement.Judge(policy, subject.ServedSince, isSound, time.GetUtcNow()));
        }

        return new DomainCheck(subject.Domain, [.. findings.OrderByDescending(finding => finding.Severity)], time.GetUtcNow());
    }
}
