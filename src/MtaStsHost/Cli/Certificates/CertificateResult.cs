using MtaStsHost.Management.Health;
using MtaStsHost.Storage;

namespace MtaStsHost.Cli.Certificates;

/// <summary>One certificate, as <c>certificates list --json</c> and <c>certificates renew --json</c> print it.</summary>
/// <param name="State">As in <c>/health</c>, or <c>revoked</c>, or <c>unused</c> (the host is no longer configured).</param>
internal sealed record CertificateResult(
    string Host, string State, string? Issuer,
    DateTimeOffset? NotBefore, DateTimeOffset? NotAfter, DateTimeOffset? ObtainedAt, DateTimeOffset? RenewAt, DateTimeOffset? NextAttempt,
    string? LastError, DateTimeOffset? RevokedAt, string? DirectoryUrl)
{
    public static CertificateResult Of(CertificateRecord record, DateTimeOffset now)
    {
        var certificate = record.Certificate;
        return new CertificateResult(
            record.Host, StateOf(record, now), certificate?.Issuer,
            certificate?.NotBefore, certificate?.NotAfter, certificate?.ObtainedAt, record.RenewAt,
            record.Failure is null && certificate is not null ? null : record.DueAt, record.Failure?.Message,
            certificate?.RevokedAt, certificate?.DirectoryUrl);
    }

    private static string StateOf(CertificateRecord record, DateTimeOffset now) => record.Certificate switch
    {
        _ when record.DueAt is null => "unused",
        null => record.Failure is null ? "pending" : "failed",
        { RevokedAt: not null } => "revoked",
        var certificate => CertificateAssessor.StateOf(certificate.NotBefore, certificate.NotAfter, now),
    };
}
