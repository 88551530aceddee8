using MtaStsHost.Certificates;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;

namespace MtaStsHost.Management.Health;

internal readonly record struct CertificateVerdict(HealthState Status, CertificateHealth Certificate, IReadOnlyList<Problem> Problems);

/// <summary>What is to be said of a policy host's certificate. From memory alone, so that 100,000 are judged at every look.</summary>
internal sealed class CertificateJudge(FileCertificates files, CertificateIndex index, Live<AcmeSettings?> acme, TimeProvider time)
{
    /// <summary>The last fifth of a certificate's life: renewed since long, had all gone well.</summary>
    private const int LastPart = 5;

    private static readonly CertificateVerdict s_external = new(HealthState.Healthy, Nothing("external"), []);

    /// <param name="hasHttps">Whether there is an endpoint with TLS; without, a proxy has the certificate.</param>
    /// <param name="record">The store's row, where the details are wanted and it could be read.</param>
    public CertificateVerdict Judge(string host, bool hasHttps, CertificateRecord? record = null)
    {
        if (!hasHttps) return s_external;
        var now = time.GetUtcNow();
        var file = files.Current.Find(host, now);
        if (file is not null && file.IsInDate(now)) return InForce(host,
            Life("file", file.Issuer, file.NotBefore, file.NotAfter, now), "renew the file that Tls:Certificates names");
        if (acme.Current is not null && index.Find(host) is { } summary
            && (file is null || summary.NotAfter > now)) return Issued(host, summary, record, now);
        if (file is not null) return InForce(host, Life("file", file.Issuer, file.NotBefore, file.NotAfter, now),
            "renew the file that Tls:Certificates names");
        return acme.Current is not null ? Pending(host, null) : None(host);
    }

    private static CertificateVerdict Issued(string host, CertificateSummary summary, CertificateRecord? record, DateTimeOffset now)
    {
        if (summary is not { NotBefore: { } notBefore, NotAfter: { } notAfter }) return summary.FailureKind is null
            ? Pending(host, summary.DueAt) : Failed(host, summary, record);
        var health = Life("acme", record?.Certificate?.Issuer, notBefore, notAfter, now) with
        {
            RenewAt = record?.RenewAt,
            NextAttempt = summary.FailureKind is null ? null : summary.DueAt,
            LastError = record?.Failure?.Message,
        };
        var remedy = summary.FailureKind is { } kind ? FailureKind.Remedy(kind, host)
            : "look at the log: it should have been renewed since long";
        return InForce(host, health, remedy);
    }

    private static CertificateHealth Life(string source, string? issuer,
        DateTimeOffset notBefore, DateTimeOffset notAfter, DateTimeOffset now) =>
        new CertificateHealth(StateOf(notBefore, notAfter, now), source, issuer, notAfter, null, null, null);

    public static string StateOf(DateTimeOffset notBefore, DateTimeOffset notAfter, DateTimeOffset now) =>
        notAfter <= now ? "expired" : now >= notAfter - ((notAfter - notBefore) / LastPart) ? "expiring" : "valid";

    private static CertificateVerdict InForce(string host, CertificateHealth health, string remedy)
    {
        if (health.State == "valid") return new CertificateVerdict(HealthState.Healthy, health, []);
        var message = $"the certificate of {host} {(health.State == "expired" ? "ended" : "ends")} on {health.NotAfter:yyyy-MM-dd HH:mm}Z";
        if (health.LastError is { } error) message += $", and the last attempt to renew it failed: {error}";
        return new CertificateVerdict(
            health.State == "expired" ? HealthState.Unhealthy : HealthState.Degraded,
                health, [new Problem($"certificate-{health.State}", message, remedy)]);
    }

    private static CertificateVerdict Pending(string host, DateTimeOffset? next) => new(
        HealthState.Degraded,
        Nothing("pending") with { Source = "acme", NextAttempt = next },
        [new Problem("host-certificate", $"no certificate covers {host} yet, so senders can't fetch the policy; one is being ordered",
            "wait; /metrics tells how many are in the queue")]);

    private static CertificateVerdict Failed(string host, CertificateSummary summary, CertificateRecord? record)
    {
        var error = record?.Failure?.Message;
        return new CertificateVerdict(
            HealthState.Unhealthy,
            Nothing("failed") with { Source = "acme", NextAttempt = summary.DueAt, LastError = error },
            [new Problem("certificate-failed", $"no certificate covers {host}, and the last order failed ({error ?? summary.FailureKind})",
                FailureKind.Remedy(summary.FailureKind!, host))]);
    }

    private static CertificateVerdict None(string host) => new(
        HealthState.Unhealthy,
        Nothing("none"),
        [new Problem("host-certificate", $"no certificate covers {host}, so senders can't fetch the policy",
            "add one to Tls:Certificates, or set Acme:AcceptTermsOfService to true to have it ordered")]);

    private static CertificateHealth Nothing(string state) => new(state, null, null, null, null, null, null);
}
