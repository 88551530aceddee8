using MtaStsHost.Certificates;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Configuration;
using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Management.Health;

internal readonly record struct CertificateAssessment(HealthState Status, CertificateHealth Certificate, IReadOnlyList<Finding> Findings);

/// <summary>The state of a policy host's certificate. From memory alone, so that 100,000 can be assessed for every request.</summary>
internal sealed class CertificateAssessor(FileCertificates files, CertificateIndex index, Live<AcmeSettings?> acme, TimeProvider time)
{
    /// <summary>In the last fifth of its lifetime, a certificate should have been renewed already.</summary>
    private const int LastPart = 5;

    private static readonly CertificateAssessment s_external = new(HealthState.Healthy, new("external"), []);

    /// <param name="hasHttps">Whether there is an endpoint with TLS; if not, a proxy has the certificate.</param>
    /// <param name="record">The store's row, if the details are wanted and it could be read.</param>
    public CertificateAssessment Assess(ServedPolicy policy, bool hasHttps, CertificateRecord? record = null)
    {
        if (!hasHttps) return s_external;
        var now = time.GetUtcNow();
        var file = files.Current.Find(policy.Host, now);
        if ((file is null || !file.IsInDate(now)) && acme.Current is not null && index.Find(policy.Host) is { } summary
            && (file is null || summary.NotAfter > now)) return Issued(policy, summary, record, now);
        if (file is not null)
            return InForce(policy, new(StateOf(file.NotBefore, file.NotAfter, now), "file", file.Issuer, file.NotAfter),
                "renew the file that Tls:Certificates names");
        return acme.Current is not null ? Pending(policy, next: null, error: null)
            : new(HealthState.Unhealthy, new("none"), [new(HostFindings.NoCertificate, policy.Domain.Value)]);
    }

    private static CertificateAssessment Issued(
        ServedPolicy policy, CertificateSummary summary, CertificateRecord? record, DateTimeOffset now)
    {
        if (summary is not { NotBefore: { } notBefore, NotAfter: { } notAfter })
            return summary.FailureKind is null ? Pending(policy, summary.DueAt, record?.Damage) : Failed(policy, summary, record);
        var health = new CertificateHealth(StateOf(notBefore, notAfter, now), "acme", record?.Certificate?.Issuer, notAfter,
            record?.RenewAt, summary.FailureKind is null ? null : summary.DueAt, record?.Failure?.Message);
        return InForce(policy, health, summary.FailureKind is { } kind ? FailureKind.Remedy(kind, policy.Host)
            : "check the log: it should have been renewed long ago");
    }

    public static string StateOf(DateTimeOffset notBefore, DateTimeOffset notAfter, DateTimeOffset now) =>
        notAfter <= now ? "expired" : now >= notAfter - ((notAfter - notBefore) / LastPart) ? "expiring" : "valid";

    private static CertificateAssessment InForce(ServedPolicy policy, CertificateHealth health, string remedy)
    {
        if (health.State == "valid") return new(HealthState.Healthy, health, []);
        var (status, descriptor) = health.State == "expired" ? (HealthState.Unhealthy, HostFindings.CertificateExpired)
            : (HealthState.Degraded, HostFindings.CertificateExpiresSoon);
        var error = health.LastError is { } last ? $", and the last attempt to renew it failed: {last}" : "";
        return new(status, health, [new(descriptor, policy.Domain.Value, health.NotAfter!.Value, error, remedy)]);
    }

    private static CertificateAssessment Pending(ServedPolicy policy, DateTimeOffset? next, string? error) => new(HealthState.Degraded,
        new("pending", "acme", NextAttempt: next, LastError: error), [new(HostFindings.CertificatePending, policy.Domain.Value)]);

    private static CertificateAssessment Failed(ServedPolicy policy, CertificateSummary summary, CertificateRecord? record)
    {
        var error = record?.Failure?.Message;
        return new(HealthState.Unhealthy, new("failed", "acme", NextAttempt: summary.DueAt, LastError: error),
            [new(HostFindings.CertificateFailed, policy.Domain.Value,
                error ?? summary.FailureKind!, FailureKind.Remedy(summary.FailureKind!, policy.Host))]);
    }
}
