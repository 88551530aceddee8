using System.CommandLine;

namespace MtaStsHost.Cli.Certificates;

/// <summary><c>certificates</c>: works on the certificates in the store, whether or not the service runs.</summary>
internal static class CertificatesCommand
{
    public static Command Create(CliContext context) => new Verb("certificates",
        "Lists, renews, exports and revokes the certificates that were obtained through ACME.",
        "MtaStsHost certificates list --sort expiry",
        "MtaStsHost certificates renew mta-sts.example.com")
    {
        CertificatesListCommand.Create(context),
        CertificatesRenewCommand.Create(context),
        CertificatesExportCommand.Create(context),
        CertificatesRevokeCommand.Create(context),
    };
}
