using MtaStsHost.Certificates.Files;
using MtaStsHost.Hosting;
using MtaStsHost.Policies;

namespace MtaStsHost.Health;

/// <summary>Tells what is in force and what is wrong. Reads, and never writes.</summary>
internal sealed class HealthReporter(LiveConfiguration configuration, PolicyHost policies, FileCertificates certificates, TimeProvider time)
{
    private static readonly CertificateHealth s_external = new("external", null, null, null, null, null, null);
    private static readonly CertificateHealth s_none = new("none", null, null, null, null, null, null);

    /// <param name="domain">Only this domain or policy host; <c>null</c>: all.</param>
    /// <param name="status">Only domains in this state; <c>null</c>: all.</param>
    /// <param name="page">From 1.</param>
    /// <returns>Its domains are judged while they are read: a page of 100,000 is never in memory as a whole.</returns>
    public HealthReport Report(string? domain, HealthState? status, int page, int pageSize)
    {
        var state = configuration.Current;
        var all = policies.Current.All;
        var wanted = domain is null ? null : HostOf(domain);
        var (total, unhealthy, degraded) = (0, 0, 0);
        foreach (var policy in all)
        {
            var domainState = StateOf(policy);
            if (domainState == HealthState.Unhealthy) unhealthy++;
            else if (domainState == HealthState.Degraded) degraded++;
            if (IsShown(policy)) total++;
        }

        // One domain of many that senders can't reach is a matter for a day's work; when none can be reached, the service is down.
        var certificateErrors = certificates.Errors;
        var overall = unhealthy > 0 && unhealthy == all.Length ? HealthState.Unhealthy
            : unhealthy + degraded > 0 || state.LastError is not null || certificateErrors.Count > 0 ? HealthState.Degraded
            : HealthState.Healthy;
        var lastErrors = string.Join('\n', certificateErrors.Prepend(state.LastError).OfType<string>());
        var skip = (int)Math.Min((long)(page - 1) * pageSize, all.Length);
        return new HealthReport(
            overall, HostVersion.Text, new ConfigurationHealth(state.LoadedAt, all.Length, lastErrors.Length > 0 ? lastErrors : null), total, page, pageSize,
            all.Where(IsShown).Skip(skip).Take(pageSize).Select(Describe));

        bool IsShown(ServedPolicy policy) =>
            (domain is null || policy.Host.Equals(wanted, StringComparison.OrdinalIgnoreCase)) && (status is null || status == StateOf(policy));
    }

    public PublicHealth Report(ServedPolicy policy) =>
        new(policy.Domain.Value, policy.Host, Judge(policy).Status, PolicyOf(policy), policy.Id.Value, TxtOf(policy));

    public static PolicyHealth PolicyOf(ServedPolicy policy) =>
        new(MtaSts.PolicyModes.ToText(policy.Policy.Mode), [.. policy.Policy.Mx.Select(mx => mx.Value)], policy.Policy.MaxAge);

    public static TxtHealth TxtOf(ServedPolicy policy) => new(policy.TxtName, policy.TxtValue);

    /// <summary>The policy host that is meant by a domain or by the policy host itself, in any spelling; <c>null</c>: by neither.</summary>
    private static string? HostOf(string domain)
    {
        if (!MtaSts.DomainName.TryParse(domain, out var name, out _)) return null;
        return name.Value.StartsWith(ServedPolicy.HostPrefix, StringComparison.Ordinal) ? name.Value : ServedPolicy.HostPrefix + name.Value;
    }

    private DomainHealth Describe(ServedPolicy policy)
    {
        var (state, certificate, problems) = Judge(policy);
        return new DomainHealth(policy.Domain.Value, policy.Host, state, PolicyOf(policy), policy.Id.Value, TxtOf(policy), certificate, problems);
    }

    private HealthState StateOf(ServedPolicy policy) => Judge(policy).Status;

    private (HealthState Status, CertificateHealth Certificate, IReadOnlyList<Problem> Problems) Judge(ServedPolicy policy)
    {
        if (!configuration.Current.Settings.HasHttps) return (HealthState.Healthy, s_external, []);
        var now = time.GetUtcNow();
        if (certificates.Current.Find(policy.Host, now) is not { } certificate)
        {
            return (HealthState.Unhealthy, s_none,
            [
                new Problem("host-certificate", $"no certificate covers {policy.Host}, so senders can't fetch the policy", "add one to Tls:Certificates"),
            ]);
        }

        var (health, state) = certificate.NotAfter <= now ? (HealthState.Unhealthy, "expired")
            : certificate.IsExpiring(now) ? (HealthState.Degraded, "expiring")
            : (HealthState.Healthy, "valid");
        var report = new CertificateHealth(state, "file", certificate.Issuer, certificate.NotAfter, null, null, null);
        return health == HealthState.Healthy
            ? (health, report, [])
            : (health, report, [new Problem($"certificate-{state}", $"the certificate of {policy.Host} ends on {certificate.NotAfter:yyyy-MM-dd HH:mm}Z", "renew the file that Tls:Certificates names")]);
    }
}
