using System.Reflection;
using MtaStsHost.Certificates;
using MtaStsHost.Hosting;
using MtaStsHost.Policies;

namespace MtaStsHost.Health;

/// <summary>Tells what is in force and what is wrong. Reads, and never writes.</summary>
internal sealed class HealthReporter(LiveConfiguration configuration, PolicyHost policies, CertificateStore certificates, TimeProvider time)
{
    private static readonly CertificateHealth s_external = new("external", null, null, null, null, null, null);
    private static readonly CertificateHealth s_none = new("none", null, null, null, null, null, null);

    public static string Version { get; } =
        typeof(HealthReporter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    /// <param name="domain">Only this domain or policy host; <c>null</c>: all.</param>
    /// <param name="status">Only domains in this state; <c>null</c>: all.</param>
    /// <param name="page">From 1.</param>
    public HealthReport Report(string? domain, HealthState? status, int page, int pageSize)
    {
        var state = configuration.Current;
        var all = policies.Current.All;
        var shown = new List<DomainHealth>();
        var (total, unhealthy, degraded) = (0, 0, 0);
        var skip = (long)(page - 1) * pageSize;
        foreach (var policy in all)
        {
            var (domainState, certificate, problems) = Judge(policy);
            if (domainState == HealthState.Unhealthy) unhealthy++;
            else if (domainState == HealthState.Degraded) degraded++;
            if (status is not null && status != domainState) continue;
            if (domain is not null && !IsMeant(policy, domain)) continue;
            if (total++ < skip || shown.Count == pageSize) continue;
            shown.Add(new DomainHealth(
                policy.Domain.Value, policy.Host, domainState, PolicyOf(policy), policy.Id.Value, TxtOf(policy), certificate, problems));
        }

        // One domain of many that senders can't reach is a matter for a day's work; when none can be reached, the service is down.
        var overall = unhealthy > 0 && unhealthy == all.Length ? HealthState.Unhealthy
            : unhealthy + degraded > 0 || state.LastError is not null || certificates.Errors.Count > 0 ? HealthState.Degraded
            : HealthState.Healthy;
        var lastError = state.LastError ?? (certificates.Errors is { Count: > 0 } errors ? string.Join('\n', errors) : null);
        return new HealthReport(overall, Version, new ConfigurationHealth(state.LoadedAt, all.Length, lastError), total, page, pageSize, shown);
    }

    public PublicHealth Report(ServedPolicy policy) =>
        new(policy.Domain.Value, policy.Host, Judge(policy).Status, PolicyOf(policy), policy.Id.Value, TxtOf(policy));

    public static PolicyHealth PolicyOf(ServedPolicy policy) =>
        new(MtaSts.PolicyModes.ToText(policy.Policy.Mode), [.. policy.Policy.Mx.Select(mx => mx.Value)], policy.Policy.MaxAge);

    public static TxtHealth TxtOf(ServedPolicy policy) => new(policy.TxtName, policy.TxtValue);

    private static bool IsMeant(ServedPolicy policy, string domain) =>
        MtaSts.DomainName.TryParse(domain, out var name, out _) && (name.Equals(policy.Domain) || name.Value == policy.Host);

    private (HealthState Status, CertificateHealth Certificate, IReadOnlyList<Problem> Problems) Judge(ServedPolicy policy)
    {
        if (!configuration.Current.Settings.HasHttps) return (HealthState.Healthy, s_external, []);
        if (certificates.Current.Find(policy.Host) is not { } certificate)
        {
            return (HealthState.Unhealthy, s_none,
            [
                new Problem("host-certificate", $"no certificate covers {policy.Host}, so senders can't fetch the policy", "add one to Tls:Certificates"),
            ]);
        }

        var now = time.GetUtcNow();
        var (health, state) = certificate.NotAfter <= now ? (HealthState.Unhealthy, "expired")
            : certificate.IsExpiring(now) ? (HealthState.Degraded, "expiring")
            : (HealthState.Healthy, "valid");
        var report = new CertificateHealth(state, "file", certificate.Issuer, certificate.NotAfter, null, null, null);
        return health == HealthState.Healthy
            ? (health, report, [])
            : (health, report, [new Problem($"certificate-{state}", $"the certificate of {policy.Host} ends on {certificate.NotAfter:yyyy-MM-dd HH:mm}Z", "renew the file that Tls:Certificates names")]);
    }
}
