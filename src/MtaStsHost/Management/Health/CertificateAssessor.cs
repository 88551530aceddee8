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
    private const string RenewalOffRemedy = "set Acme:AcceptTermsOfService to true to have it renewed, or add one to Tls:Certificates";

    private static readonly CertificateAssessment s_external = new(HealthState.Healthy, new("external"), []);

    /// <param name="hasHttps">Whether there is an endpoint with TLS; if not, a proxy has the certificate.</param>
    /// <param name="record">The store's row, if the details are wanted and it could be read.</param>
    public CertificateAssessment Assess(ServedPolicy policy, bool hasHttps, CertificateRecord? record = null)
    {
        if (!hasHttps) return s_external;
        var (now, settings) = (time.GetUtcNow(), acme.Current);
        var file = files.Current.Find(policy.Host, now);
        if ((file is null || !file.IsInDate(now)) && index.Find(policy.Host) is { } summary
            && (settings is not null || summary.NotAfter is not null) && (file is null || summary.NotAfter > now))
            return Issued(policy, summary, record, settings, now);
        if (file is not null)
            return InForce(policy, new(StateOf(file.NotBefore, file.NotAfter, now), "file", file.Issuer, file.NotAfter),
                "renew the file that Tls:Certificates names");
        return settings is not null ? Pending(policy, next: null, error: null)
            : new(HealthState.Unhealthy, new("none"), [new(HostFindings.NoCertificate, policy.Domain.Value)]);
    }

    /// <param name="settings"><c>null</c>: nothing is ordered, so what an earlier attempt failed for doesn't matter.</param>
    private static CertificateAssessment Issued(
        ServedPolicy policy, CertificateSummary summary, CertificateRecord? record, AcmeSettings? settings, DateTimeOffset now)
    {
        var next = NextAttempt(summary.DueAt, now);
        if (summary is not { NotBefore: { } notBefore, NotAfter: { } notAfter })
            return summary.FailureKind is null ? Pending(policy, next, record?.Damage) : Failed(policy, summary, record, next);
        var failure = settings is null ? null : summary.FailureKind;
        var state = StateOf(notBefore, notAfter, now, settings is null ? null : summary.RenewAt, failure is not null);
        var health = new CertificateHealth(state, "acme", record?.Certificate?.Issuer, notAfter, settings is null ? null : summary.RenewAt,
            failure is null ? null : next, failure is null ? null : record?.Failure?.Message);
        return settings switch
        {
            null => InForce(policy, health, RenewalOffRemedy, new Finding(HostFindings.RenewalOff, policy.Domain.Value, notAfter)),
            _ when !settings.Has(summary.DirectoryUrl) => InForce(policy, health, Remedy(policy, failure), new Finding(
                HostFindings.CaChanged, policy.Domain.Value, summary.DirectoryUrl ?? "", LastError(health))),
            _ => InForce(policy, health, Remedy(policy, failure)),
        };
    }

    private static string Remedy(ServedPolicy policy, string? failure) => failure is not null ? FailureKind.Remedy(failure, policy.Host)
        : "check the log: it should have been renewed long ago";

    /// <param name="renewAt">The chosen time of the renewal; <c>null</c>: unknown, or it is not renewed here.</param>
    /// <param name="isFailing">Whether the last attempt to renew it failed.</param>
    public static string StateOf(DateTimeOffset notBefore, DateTimeOffset notAfter, DateTimeOffset now,
        DateTimeOffset? renewAt = null, bool isFailing = false) => notAfter <= now ? "expired"
        : now >= RenewalSchedule.LateAt(notBefore, notAfter, isFailing ? null : renewAt) ? "expiring" : "valid";

    /// <returns><c>null</c>: an order is in progress, or none is planned.</returns>
    public static DateTimeOffset? NextAttempt(DateTimeOffset? dueAt, DateTimeOffset now) => dueAt > now ? dueAt : null;

    /// <param name="also">What is to be said about it in any case.</param>
    private static CertificateAssessment InForce(ServedPolicy policy, CertificateHealth health, string remedy, Finding? also = null)
    {
        if (health.State == "valid")
            return also is null ? new(HealthState.Healthy, health, []) : new(HealthState.Degraded, health, [also]);
        var (status, descriptor) = health.State == "expired" ? (HealthState.Unhealthy, HostFindings.CertificateExpired)
            : (HealthState.Degraded, HostFindings.CertificateExpiresSoon);
        var finding = new Finding(descriptor, policy.Domain.Value, health.NotAfter!.Value, LastError(health), remedy);
        return new(status, health, also is null ? [finding] : [finding, also]);
    }

    private static string LastError(CertificateHealth health) =>
        health.LastError is { } last ? $", and the last attempt to renew it failed: {last}" : "";

    private static CertificateAssessment Pending(ServedPolicy policy, DateTimeOffset? next, string? error) => new(HealthState.Degraded,
        new("pending", "acme", NextAttempt: next, LastError: error), [new(HostFindings.CertificatePending, policy.Domain.Value)]);

    private static CertificateAssessment Failed(
        ServedPolicy policy, CertificateSummary summary, CertificateRecord? record, DateTimeOffset? next)
    {
        var error = record?.Failure?.Message;
        return new(HealthState.Unhealthy, new("failed", "acme", NextAttempt: next, LastError: error),
            [new(HostFindings.CertificateFailed, policy.Domain.Value,
                error ?? summary.FailureKind!, FailureKind.Remedy(summary.FailureKind!, policy.Host))]);
    }
}
