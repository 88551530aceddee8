using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MtaSts;
using MtaStsHost.Configuration;
using MtaStsHost.Network;
using MtaStsHost.Runtime;
using MtaStsHost.Text;

namespace MtaStsHost.Checks.Sts;

/// <param name="Policy">What senders get; <c>null</c>: nothing.</param>
internal sealed record PolicyHostReport(IReadOnlyList<Finding> Findings, Policy? Policy);

/// <summary>
/// Fetches the policy from each address of the policy host as senders do. RFC 8461 §3.3. At most <see cref="MaxAddresses"/> fetches a
/// domain,
/// 64 KiB each.
/// </summary>
internal sealed class PolicyHostCheck(IResolver resolver, CheckSettings settings,
    X509Certificate2Collection? roots, PolicyHostReachability reachability, TimeProvider time)
{
    public const int MaxAddresses = 8;

    /// <summary>The strictest sender gives up then (postfix-tlspol).</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Whoever renews in time never comes this near to the end, not even with certificates of six days.</summary>
    private static readonly TimeSpan s_nearEnd = TimeSpan.FromDays(1);

    /// <param name="published">The id in the domain's record, which says that it has a policy; without, a policy host that isn't there is
    /// no fault.</param>
    public async Task<PolicyHostReport> CheckAsync(CheckSubject subject, PolicyId? published, CancellationToken cancellationToken)
    {
        var host = PolicyFetcher.HostFor(subject.Domain);
        var isWanted = published is not null || subject.Served is not null;
        // Of a domain that is live already, senders have the host's faults today, whatever is deployed tomorrow.
        var isNew = subject.IsPlanned && published is null;
        var findings = new List<Finding>();
        DnsAnswer<IPAddress> answer;
        try
        {
            answer = await resolver.AddressAnswerAsync(host, cancellationToken);
        }
        catch (ResolutionException e)
        {
            return new([new("host-missing", FindingSeverity.Unknown, $"{host} could not be looked up: {Printable.Text(e.Message)}",
                "see that the domain's name servers answer, and that its DNSSEC signatures are valid", "RFC 8461 §3.3")], null);
        }

        var addresses = answer.Records.InOrder().OfBothFamilies().Take(MaxAddresses).InOrder().ToList();
        if (addresses.Count == 0)
            return new(Missing(subject, host, answer.Aliases, isWanted, isNew) is { } missing ? [missing] : [], null);

        if (await ElsewhereAsync(subject, host, answer, cancellationToken) is { } elsewhere) findings.Add(elsewhere);
        if (answer.Records.Distinct().Count() > MaxAddresses)
            findings.Add(new("host-unreachable", FindingSeverity.Unknown,
                $"{host} has more than {MaxAddresses} addresses; only that many were asked", null, "RFC 8461 §3.3"));
        if (answer.Missed is { } missed)
            findings.Add(new("host-missing", FindingSeverity.Unknown,
                $"not all addresses of {host} could be looked up: {Printable.Text(missed)}",
                "see that the name servers of the domain answer for A and AAAA alike", "RFC 8461 §3.3") { Unseen = host });
        var fetches = await Task.WhenAll(addresses.Select(address => FetchAsync(subject, address, answer, cancellationToken)));
        findings.AddRange(PolicyHostJudgement.Judge(host, fetches, isWanted, isNew, subject.Served is not null));
        var good = fetches.Select(fetch => fetch.Policy).OfType<FetchedPolicy>().ToList();
        findings.AddRange(good.SelectMany(policy => Look(subject, host, published, policy)).DistinctBy(finding => finding.Code));
        return new(findings, good.FirstOrDefault()?.Policy
            ?? (fetches.Any(fetch => fetch.IsReachedByOthers) ? subject.Served?.Policy : null));
    }

    private static Finding? Missing(CheckSubject subject, string host, IReadOnlyList<string> aliases, bool isWanted, bool isNew)
    {
        var where = aliases.Count > 0 ? $"{host} is an alias of {Printable.Text(aliases[^1], 253)}, which" : host;
        if (isNew)
            return new("host-missing", FindingSeverity.Info, $"{where} has no address in DNS yet",
                $"with the deployment, {RecordFix(subject, host)}", "RFC 8461 §3.3");
        if (isWanted)
            return new("host-missing", FindingSeverity.Error, $"{where} has no address in DNS, so no sender can fetch the policy",
                RecordFix(subject, host), "RFC 8461 §3.3");
        return aliases.Count == 0
            ? null
            : new("host-missing", FindingSeverity.Warning,
                $"{where} has no address in DNS: whoever gets hold of that name can serve a policy for {subject.Domain}",
                "take the CNAME out, since it was left behind, or let its target have the host that serves the policy", "RFC 8461 §8.2");
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

    /// <summary>What is wrong with a fetch that senders would take.</summary>
    private IEnumerable<Finding> Look(CheckSubject subject, string host, PolicyId? published, FetchedPolicy fetched)
    {
        var differs = subject.Served is { } served && !fetched.Body.Span.SequenceEqual(served.Body.Span);
        // Once the new id is out, senders keep what they are served under it, and don't come for the new policy. RFC 8461 §8.1.
        if (differs && subject.IsPlanned && published != subject.Served!.Id)
            yield return new("policy-differs", FindingSeverity.Info,
                $"{host} at {fetched.Address} still serves another policy: {Describe(fetched.Policy)}",
                "deploy this configuration", "RFC 8461 §8.1");
        else if (differs)
            yield return new("policy-differs", FindingSeverity.Error,
                $"{host} at {fetched.Address} serves another policy than this host does: {Describe(fetched.Policy)}",
                "see what answers there: a proxy with a cache, an old server, or another host with an old configuration", "RFC 8461 §8.1");
        if (fetched.Duration > s_patience)
            yield return new("policy-slow", FindingSeverity.Warning,
                $"{host} at {fetched.Address} took {fetched.Duration.TotalSeconds:0.0} s; some senders wait for 2 s",
                "see what takes so long: the server, a proxy before it, or the line", "RFC 8461 §3.3");
        var left = fetched.CertificateNotAfter - time.GetUtcNow();
        if (left < s_nearEnd)
            yield return new("certificate-expiring", FindingSeverity.Warning,
                $"the certificate of {host} at {fetched.Address} ends at {fetched.CertificateNotAfter.UtcDateTime:yyyy-MM-dd HH:mm}Z",
                "renew it, and see why it was not renewed by itself", "RFC 8461 §3.3");
    }

    private static string Describe(Policy policy) =>
        Printable.Text(
            $"mode {PolicyModes.ToText(policy.Mode)}, max_age {policy.MaxAge}, mx {string.Join(' ', policy.Mx.Select(mx => mx.Value))}",
            300);

    private async Task<Finding?> ElsewhereAsync(CheckSubject subject, string host,
        DnsAnswer<IPAddress> answer, CancellationToken cancellationToken)
    {
        if (subject.PublicHost is not { } wanted || (wanted.Name is { } own && own.Value == host)) return null;
        if (wanted.Name is { } name && answer.Aliases.Contains(name.Value, StringComparer.OrdinalIgnoreCase)) return null;
        IReadOnlyList<IPAddress> expected;
        try
        {
            var known = wanted.Name is null ? null : await resolver.AddressAnswerAsync(wanted.Name.Value, cancellationToken);
            if (known is { Missed: not null }) return null; // the half of it
            expected = known?.Records ?? wanted.Addresses;
        }
        catch (ResolutionException)
        {
            return null; // nothing to compare with
        }

        var others = answer.Records.InOrder().Except(expected).ToList();
        return others.Count == 0 ? null
            : new("host-elsewhere", subject.IsPlanned ? FindingSeverity.Info : FindingSeverity.Warning,
                $"{host} points at {string.Join(", ", others.Take(MaxAddresses))}, which is not MtaSts:PublicHost",
                (subject.IsPlanned ? "with the deployment, " : "") + RecordFix(subject, host), "RFC 8461 §8.2");
    }

    private static string RecordFix(CheckSubject subject, string host) => subject.PublicHost switch
    {
        { Name: { } name } when name.Value != host => $"publish {host}. CNAME {name}.",
        { Addresses: { IsEmpty: false } addresses } => "publish "
            + string.Join(" and ",
            addresses.Select(address => $"{host}. {(address.AddressFamily == AddressFamily.InterNetwork ? "A" : "AAAA")} {address}")),
        _ => $"publish {host}. CNAME with the name of the host that serves the policy, or A and AAAA with its addresses",
    };
}
