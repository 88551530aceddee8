using System.Security.Cryptography.X509Certificates;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Configuration;
using MtaStsHost.Network;
using MtaStsHost.Runtime;

namespace MtaStsHost.Checks.Sts;

/// <param name="Policy">What senders get; <c>null</c>: nothing.</param>
internal sealed record PolicyHostReport(IReadOnlyList<Finding> Findings, Policy? Policy);

/// <summary>Fetches the policy from each address as senders do. RFC 8461 §3.3. At most <see cref="MaxAddresses"/> × 64 KiB.</summary>
internal sealed class PolicyHostCheck(IResolver resolver, CheckSettings settings, ConnectableAddresses connectable,
    X509Certificate2Collection? roots, PolicyHostReachability reachability, TimeProvider time)
{
    public const int MaxAddresses = 8;

    /// <summary>The strictest sender gives up then (postfix-tlspol).</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>A certificate that is renewed in time never comes this close to its end, not even one that lasts six days.</summary>
    private static readonly TimeSpan s_nearEnd = TimeSpan.FromDays(1);

    /// <param name="published">The id in the domain's record; without one, a missing policy host is not a fault.</param>
    public async Task<PolicyHostReport> CheckAsync(CheckSubject subject, PolicyId? published, CancellationToken cancellationToken)
    {
        var (host, domain) = (PolicyFetcher.HostFor(subject.Domain), subject.Domain.Value);
        var isWanted = published is not null || subject.Served is not null;
        // If a domain is live already, its policy host's faults affect senders today, whatever is deployed tomorrow.
        var isNew = subject.IsPlanned && published is null;
        var findings = new List<Finding>();
        var (answer, fault) = await resolver.AddressAnswerAsync(host, cancellationToken).OrFaultAsync();
        if (answer is null) return new([new(HostFindings.LookupFailed, domain, fault!)], null);
        var addresses = answer.Records.InOrder().OfBothFamilies().Take(MaxAddresses).InOrder().ToList();
        if (addresses.Count == 0)
            return new(Missing(subject, host, answer.Aliases, isWanted, isNew) is { } missing ? [missing] : [], null);

        if (await ElsewhereAsync(subject, host, answer, cancellationToken) is { } elsewhere) findings.Add(elsewhere);
        if (answer.Records.Distinct().Count() > MaxAddresses)
            findings.Add(new(HostFindings.TooManyAddresses, domain, MaxAddresses));
        if (answer.Missed is { } missed) findings.Add(new(HostFindings.LookupIncomplete, domain, DomainPart.PolicyHost, missed));
        var closed = addresses.Where(address => !connectable.Contain(address)).ToList();
        if (closed.Count > 0) findings.Add(new(HostFindings.NotGlobal, domain, closed.Select(address => address.ToString())));
        var fetches = await Task.WhenAll(addresses.Except(closed)
            .Select(address => FetchAsync(subject, address, answer, cancellationToken)));
        findings.AddRange(PolicyHostJudgement.Judge(subject.Domain, fetches, isWanted, isNew, subject.Served is not null));
        var good = fetches.Select(fetch => fetch.Policy).OfType<FetchedPolicy>().ToList();
        findings.AddRange(good.SelectMany(policy => Look(subject, published, policy)).DistinctBy(finding => finding.Code));
        findings.AddRange(good.SelectMany(policy => PolicyHostJudgement.JudgeText(domain, policy)).Distinct());
        return new(findings, good.FirstOrDefault()?.Policy
            ?? (fetches.Any(fetch => fetch.IsReachedByOthers) ? subject.Served?.Policy : null));
    }

    private static Finding? Missing(CheckSubject subject, string host, IReadOnlyList<string> aliases, bool isWanted, bool isNew)
    {
        var descriptor = isNew ? HostFindings.MissingPlanned : isWanted ? HostFindings.Missing
            : aliases.Count > 0 ? HostFindings.Dangling : null;
        object where = aliases.Count > 0 ? $"{host} is an alias of {Printable.Text(aliases[^1], 253)}, which" : DomainPart.PolicyHost;
        return descriptor is null ? null : new(descriptor, subject.Domain.Value, where, RecordFor(subject, host));
    }

    private bool IsReachedByOthers(CheckSubject subject, IPAddress address, DnsAnswer<IPAddress> answer, PolicyFetchFailure failure)
    {
        if (subject.Statistics is not { } domain) return false;
        var isAlone = answer.Records.Distinct().Count(other => other.AddressFamily == address.AddressFamily) == 1;
        if (failure == PolicyFetchFailure.Unreachable) return reachability.Failed(domain, address, answer.Ttl, isAlone);
        reachability.Reached(domain, address);
        return false;
    }

    private async Task<PolicyFetch> FetchAsync(CheckSubject subject, IPAddress address,
        DnsAnswer<IPAddress> answer, CancellationToken cancellationToken)
    {
        var fetcher = new PolicyFetcher(new PolicyFetcherOptions
        {
            Port = settings.HttpsPort,
            Timeout = settings.Timeout,
            Resolve = (_, _) => ValueTask.FromResult<IPAddress[]>([address]),
            TrustedRoots = roots,
            UserAgent = ServiceVersion.UserAgent,
            TimeProvider = time,
        });
        try
        {
            var fetched = await fetcher.FetchAsync(subject.Domain, cancellationToken);
            if (subject.Statistics is { } served) reachability.Reached(served, address);
            return new(address, fetched, null);
        }
        catch (PolicyFetchException e)
        {
            return new(address, null, e, IsReachedByOthers(subject, address, answer, e.Kind));
        }
    }

    /// <summary>What is wrong with a fetch that senders would accept.</summary>
    private IEnumerable<Finding> Look(CheckSubject subject, PolicyId? published, FetchedPolicy fetched)
    {
        var domain = subject.Domain.Value;
        if (subject.Served is { } served && !fetched.Policy.Equals(served.Policy))
        {
            // Once the new id is out, senders keep what they are served under it, and don't come back for the new policy. RFC 8461 §8.1.
            var isBefore = subject.IsPlanned && published != served.Id;
            yield return new(isBefore ? HostFindings.DiffersBefore : HostFindings.Differs, domain,
                fetched.Address, Describe(fetched.Policy));
        }

        if (fetched.Duration > s_patience)
            yield return new(HostFindings.Slow, domain, fetched.Address, Math.Round(fetched.Duration.TotalSeconds, 1));
        if (fetched.CertificateNotAfter - time.GetUtcNow() < s_nearEnd)
            yield return new(HostFindings.CertificateExpiring, domain, fetched.Address, fetched.CertificateNotAfter);
    }

    private static string Describe(Policy policy) =>
        Printable.Text($"mode {PolicyModes.ToText(policy.Mode)}, max_age {policy.MaxAge}, mx {string.Join(' ', policy.Mx)}", 300);

    private async Task<Finding?> ElsewhereAsync(CheckSubject subject, string host,
        DnsAnswer<IPAddress> answer, CancellationToken cancellationToken)
    {
        if (subject.PublicHost is not { } wanted || (wanted.Name is { } name
            && (name.Value == host || answer.Aliases.Contains(name.Value, StringComparer.OrdinalIgnoreCase)))) return null;
        IReadOnlyList<IPAddress> expected = wanted.Addresses;
        if (wanted.Name is not null)
        {
            var (known, _) = await resolver.AddressAnswerAsync(wanted.Name.Value, cancellationToken).OrFaultAsync();
            if (known is not { Missed: null }) return null; // nothing to compare with, or half of it
            expected = known.Records;
        }

        var others = answer.Records.InOrder().Except(expected).ToList();
        return others.Count == 0 ? null : new(HostFindings.Elsewhere, subject.IsPlanned ? FindingSeverity.Info : FindingSeverity.Warning,
            subject.Domain.Value, others.Select(address => address.ToString()),
            subject.IsPlanned ? "with the deployment, " : "", RecordFor(subject, host));
    }

    private static string RecordFor(CheckSubject subject, string host) => subject.PublicHost switch
    {
        { Name: { } name } when name.Value != host => $"{host}. CNAME {name}.",
        { Addresses: { IsEmpty: false } addresses } => string.Join(" and ",
            addresses.Select(address => $"{host}. {(address.AddressFamily == AddressFamily.InterNetwork ? "A" : "AAAA")} {address}")),
        _ => $"{host}. CNAME with the name of the host that serves the policy, or A and AAAA with its addresses",
    };
}
