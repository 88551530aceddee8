using System.CommandLine;
using Acme;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;

namespace MtaStsHost.Cli.Certificates;

/// <summary><c>certificates revoke</c> (RFC 8555 §7.6). A running service then orders a new certificate with a new key.</summary>
internal static class CertificatesRevokeCommand
{
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(2);

    private static readonly Dictionary<string, RevocationReason> s_reasons =
        Enum.GetValues<RevocationReason>().ToDictionary(reason => JsonNamingPolicy.CamelCase.ConvertName($"{reason}"),
            StringComparer.OrdinalIgnoreCase);

    public static Command Create(CliContext context)
    {
        var host = CertificateStore.HostArgument();
        var reason = new Option<string>("--reason")
        {
            Description = $"One of {string.Join(", ", s_reasons.Keys)}.",
            DefaultValueFactory = _ => "unspecified",
            HelpName = "REASON",
        };
        reason.AcceptOnlyFromAmong([.. s_reasons.Keys]);
        var command = new Verb("revoke", "Revokes a host's certificate at its CA; a running service then orders a new one.",
            "MtaStsHost certificates revoke mta-sts.example.com --reason keyCompromise") { host, reason };
        command.SetAction((parsed, cancellation) => CertificateStore.UseAsync(context, parsed, (store, settings) => RunAsync(
            store, settings, parsed.GetValue(host)!, s_reasons[parsed.GetValue(reason)!], cancellation), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(IStore store, SettingsReader settings,
        string text, RevocationReason reason, CancellationToken cancellationToken)
    {
        if (CertificateStore.PolicyHost(text) is not { } host) return ExitCode.Usage;
        if (await store.FindAsync(host, cancellationToken) is null) return CertificateStore.Unknown(host);
        var owner = $"cli/{Guid.NewGuid():N}";
        if (await store.ClaimAsync(host, owner, s_lease, cancellationToken) is not { } record)
        {
            CliOutput.Error(host, "its certificate is being ordered right now", "try again in a minute");
            return ExitCode.Failed;
        }

        try
        {
            if (record.Damage is { } damage) return CertificateStore.Damaged(host, damage);
            if (record.Certificate is not { RevokedAt: null } certificate)
            {
                CliOutput.Error(host, record.Certificate is null ? "has no certificate" : "its certificate is already revoked",
                    "nothing to do");
                return ExitCode.Failed;
            }

            await RevokeAsync(store, settings, certificate, reason, cancellationToken);
            var now = TimeProvider.System.GetUtcNow();
            var revoked = record with { Certificate = certificate with { RevokedAt = now }, DueAt = record.DueAt is null ? null : now };
            await store.SaveAsync(revoked, [], owner, release: true, CancellationToken.None);
            await Console.Out.WriteLineAsync($"{host}: revoked; a running service orders a new certificate now");
            return ExitCode.Good;
        }
        catch (Exception e) when (e is AcmeException or IssuanceException or System.Security.Cryptography.CryptographicException)
        {
            CliOutput.Error(host, e.Message, "nothing was changed; fix what the CA reports, and try again");
            return ExitCode.Failed;
        }
        finally
        {
            await store.ReleaseLeasesAsync(owner, null, CancellationToken.None);
        }
    }

    private static async Task RevokeAsync(IStore store, SettingsReader settings,
        StoredCertificate certificate, RevocationReason reason, CancellationToken cancellationToken)
    {
        var authority = AcmeSettings.ReadAuthorities(settings)
            .FirstOrDefault(one => one.DirectoryUrl.OriginalString == certificate.DirectoryUrl)
            ?? new AuthoritySettings(new Uri(certificate.DirectoryUrl), null, null);
        using var client = CertificateAuthority.CreateClient(authority, TimeProvider.System);
        if (!CertificateChain.TryParse(certificate.ChainPem, out var chain, out var error)) throw new AcmeException(
            $"the stored chain can't be read: {error}");
        using (chain)
        {
            try
            {
                var account = await store.FindAccountAsync(certificate.DirectoryUrl, authority.Binding?.KeyId ?? "", cancellationToken);
                if (account?.Url == certificate.AccountUrl)
                {
                    using var key = AccountKey.FromPem(account.KeyPem);
                    await client.RevokeCertificateAsync(new AccountCredentials(key, new Uri(account.Url)),
                        chain.Leaf, reason, cancellationToken);
                    return;
                }

                // The account is another one, or gone: a certificate's own key may revoke it too.
                using var certificateKey = CertificateKey.FromPem(certificate.KeyPem);
                await client.RevokeCertificateAsync(certificateKey, chain.Leaf, reason, cancellationToken);
            }
            catch (AcmeException e) when (e.ErrorType == AcmeErrorType.AlreadyRevoked)
            {
                // Elsewhere, or by an earlier call whose response was lost.
            }
        }
    }
}
