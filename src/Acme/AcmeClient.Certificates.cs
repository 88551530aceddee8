using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Acme;

/// <content>Certificates: RFC 8555 §7.4.2, §7.6, RFC 9773.</content>
public sealed partial class AcmeClient
{
    private const string PemChain = "application/pem-certificate-chain";

    /// <summary>Downloads a certificate with its chain. RFC 8555 §7.4.2.</summary>
    /// <param name="account">The account.</param>
    /// <param name="certificate">From <see cref="Order.Certificate"/>, or one of <see cref="CertificateChain.Alternates"/>.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The chain; see <see cref="CertificateChain.Check"/>. The caller disposes of it.</returns>
    /// <exception cref="AcmeException">The server refuses, or sends something else than certificates.</exception>
    public async Task<CertificateChain> GetCertificateAsync(
        AccountCredentials account, Uri certificate, CancellationToken cancellationToken)
    {
        var response = await PostAsGetAsync("certificate", certificate, account, cancellationToken, PemChain).ConfigureAwait(false);
        if (!response.Is(PemChain))
            throw response.Invalid($"the media type {response.MediaType ?? "(none)"}, not {PemChain}");
        var alternates = LinkHeader.Find(response.Links, "alternate", certificate).Where(AcmeResponse.IsAcceptable).ToList();
        return CertificateChain.TryParse(Encoding.ASCII.GetString(response.Body.Span), alternates, out var chain, out var error)
            ? chain
            : throw response.Invalid($"a chain that can't be used ({error})");
    }

    /// <summary>
    /// Downloads a certificate with the chain that leads to a certain root, looking through the alternates for it. RFC 8555 §7.4.2. An
    /// alternate that can't be had is passed over: the server's own choice is better than no certificate.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="certificate">From <see cref="Order.Certificate"/>.</param>
    /// <param name="rootCommonName">As <see cref="CertificateChain.RootCommonName"/> has it; case doesn't matter.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The first chain that leads there; the server's own choice when none does. The caller disposes of it.</returns>
    /// <exception cref="AcmeException">The server's own choice can't be had.</exception>
    public async Task<CertificateChain> GetCertificateAsync(
        AccountCredentials account, Uri certificate, string rootCommonName, CancellationToken cancellationToken)
    {
#pragma warning disable CA2000 // The chain that is returned is the caller's.
        var chain = await GetCertificateAsync(account, certificate, cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var url in chain.Alternates)
            {
                if (LeadsTo(chain, rootCommonName))
                    break;
                if (await TryGetCertificateAsync(account, url, cancellationToken).ConfigureAwait(false) is not { } alternate)
                    continue;
                var wanted = LeadsTo(alternate, rootCommonName);
                (wanted ? chain : alternate).Dispose();
                chain = wanted ? alternate : chain;
            }
        }
        catch
        {
            chain.Dispose();
            throw;
        }
#pragma warning restore CA2000

        return chain;
    }

    /// <summary>
    /// Revokes a certificate by the account that ordered it, or that has authorizations for all its identifiers. RFC 8555 §7.6.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="reason">Why; null to say nothing.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>A task that ends when it is revoked.</returns>
    /// <exception cref="AcmeException">The server refuses: alreadyRevoked, unauthorized, badRevocationReason …</exception>
    public Task RevokeCertificateAsync(
        AccountCredentials account, X509Certificate2 certificate, RevocationReason? reason, CancellationToken cancellationToken) =>
        RevokeCertificateAsync(account.Key, account.Url, certificate, reason, cancellationToken);

    /// <summary>Revokes a certificate by its own key, whatever account ordered it. RFC 8555 §7.6.</summary>
    /// <param name="key">The certificate's key.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="reason">Why; null to say nothing. Some servers take only <see cref="RevocationReason.KeyCompromise"/> here.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>A task that ends when it is revoked.</returns>
    /// <exception cref="AcmeException">The server refuses: alreadyRevoked, unauthorized, badRevocationReason …</exception>
    public Task RevokeCertificateAsync(
        CertificateKey key, X509Certificate2 certificate, RevocationReason? reason, CancellationToken cancellationToken) =>
        RevokeCertificateAsync(key, null, certificate, reason, cancellationToken);

    /// <summary>Asks when a certificate had best be renewed. RFC 9773 §4. It takes no account.</summary>
    /// <param name="certificate">The certificate's id.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The window, and when to ask again.</returns>
    /// <exception cref="AcmeException">
    /// <see cref="AcmeFailure.NotOffered"/> where the directory has no <see cref="Directory.RenewalInfo"/>; otherwise the server doesn't
    /// know the certificate or could not be asked: RFC 9773 §4.3 says to go on without.
    /// </exception>
    public async Task<RenewalInfo> GetRenewalInfoAsync(CertificateId certificate, CancellationToken cancellationToken)
    {
        var directory = await GetDirectoryAsync(cancellationToken).ConfigureAwait(false);
        var resource = directory.RenewalInfo ?? throw NotOffered("renewalInfo");
        var url = new Uri($"{resource.AbsoluteUri.TrimEnd('/')}/{certificate.Value}");
        return (await _transport.GetAsync("renewalInfo", url, cancellationToken).ConfigureAwait(false)).ReadRenewalInfo();
    }

    private async Task<CertificateChain?> TryGetCertificateAsync(
        AccountCredentials account, Uri certificate, CancellationToken cancellationToken)
    {
        try
        {
            return await GetCertificateAsync(account, certificate, cancellationToken).ConfigureAwait(false);
        }
        catch (AcmeException)
        {
            return null;
        }
    }

    private async Task RevokeCertificateAsync(
        AcmeKey key, Uri? kid, X509Certificate2 certificate, RevocationReason? reason, CancellationToken cancellationToken)
    {
        var directory = await GetDirectoryAsync(cancellationToken).ConfigureAwait(false);
        var payload = new WireRevocation { Certificate = Base64Url.EncodeToString(certificate.RawData), Reason = (int?)reason };
        await PostAsync(
            "revokeCert", directory.RevokeCert ?? throw NotOffered("revokeCert"),
            JsonSerializer.SerializeToUtf8Bytes(payload, AcmeJsonContext.Default.WireRevocation), key, kid, cancellationToken)
            .ConfigureAwait(false);
    }

    private static bool LeadsTo(CertificateChain chain, string rootCommonName) =>
        chain.RootCommonName.Equals(rootCommonName, StringComparison.OrdinalIgnoreCase);
}
