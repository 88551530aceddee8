using System.Buffers.Text;
using System.Security.Cryptography.X509Certificates;

namespace Acme;

/// <content>Certificates: RFC 8555 §7.4.2, §7.6, RFC 9773.</content>
public sealed partial class AcmeClient
{
    private const string PemChain = "application/pem-certificate-chain";

    /// <summary>Downloads a certificate with its chain, from <see cref="Order.Certificate"/> or one of
    /// <see cref="CertificateChain.Alternates"/>. RFC 8555 §7.4.2.</summary>
    /// <returns>The chain, for the caller to check (<see cref="CertificateChain.Check"/>) and dispose.</returns>
    /// <exception cref="AcmeException">The server refuses, or sends something other than certificates.</exception>
    public async Task<CertificateChain> GetCertificateAsync(
        AccountCredentials account, Uri certificate, CancellationToken cancellationToken)
    {
        var response = await PostAsGetAsync("certificate", certificate, account, cancellationToken, PemChain).ConfigureAwait(false);
        if (!response.Is(PemChain))
            throw response.Invalid($"the media type {response.MediaType ?? "(none)"}, not {PemChain}");
        var alternates = LinkHeader.Find(response.Links, "alternate", certificate).Where(AcmeResponse.IsAcceptable).ToList();
        return CertificateChain.TryParse(Encoding.ASCII.GetString(response.Body.Span), alternates, out var chain, out var error)
            ? chain
            : throw response.Invalid($"an unusable chain ({error})");
    }

    /// <summary>
    /// Downloads the certificate of <see cref="Order.Certificate"/> with the chain that ends at a given root, searching the alternates
    /// for its <see cref="CertificateChain.RootCommonName"/>, ignoring case. RFC 8555 §7.4.2. Alternates that fail to download are
    /// skipped: the server's default chain is better than no certificate.
    /// </summary>
    /// <returns>The first chain that ends there, else the server's default, for the caller to dispose.</returns>
    /// <exception cref="AcmeException">The server's default chain can't be downloaded.</exception>
    public async Task<CertificateChain> GetCertificateAsync(
        AccountCredentials account, Uri certificate, string rootCommonName, CancellationToken cancellationToken)
    {
#pragma warning disable CA2000 // The caller disposes of the returned chain.
        var chain = await GetCertificateAsync(account, certificate, cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var url in chain.Alternates)
            {
                if (EndsAt(chain, rootCommonName))
                    break;
                if (await TryGetCertificateAsync(account, url, cancellationToken).ConfigureAwait(false) is not { } alternate)
                    continue;
                var wanted = EndsAt(alternate, rootCommonName);
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

    /// <summary>Revokes a certificate as the account that ordered it or is authorized for all its identifiers, with a reason or
    /// without. RFC 8555 §7.6.</summary>
    /// <exception cref="AcmeException">The server refuses: alreadyRevoked, unauthorized, badRevocationReason …</exception>
    public Task RevokeCertificateAsync(
        AccountCredentials account, X509Certificate2 certificate, RevocationReason? reason, CancellationToken cancellationToken) =>
        RevokeCertificateAsync(account.Key, account.Url, certificate, reason, cancellationToken);

    /// <summary>Revokes a certificate with its own key, whichever account ordered it. RFC 8555 §7.6. Some servers accept only
    /// <see cref="RevocationReason.KeyCompromise"/> here.</summary>
    /// <exception cref="AcmeException">The server refuses: alreadyRevoked, unauthorized, badRevocationReason …</exception>
    public Task RevokeCertificateAsync(
        CertificateKey key, X509Certificate2 certificate, RevocationReason? reason, CancellationToken cancellationToken) =>
        RevokeCertificateAsync(key, null, certificate, reason, cancellationToken);

    /// <summary>Fetches when to renew a certificate. RFC 9773 §4. Needs no account.</summary>
    /// <returns>The suggested window, and when to fetch it again.</returns>
    /// <exception cref="AcmeException">
    /// <see cref="AcmeFailure.NotOffered"/> when the directory has no <see cref="Directory.RenewalInfo"/>; otherwise the server doesn't
    /// know the certificate or can't be reached. RFC 9773 §4.3 says to renew on a schedule of one's own then.
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
        var payload = new WireRevocation(Base64Url.EncodeToString(certificate.RawData), (int?)reason);
        await PostAsync(
            "revokeCert", directory.RevokeCert ?? throw NotOffered("revokeCert"),
            JsonSerializer.SerializeToUtf8Bytes(payload, AcmeJsonContext.Default.WireRevocation), key, kid, cancellationToken)
            .ConfigureAwait(false);
    }

    private static bool EndsAt(CertificateChain chain, string rootCommonName) =>
        chain.RootCommonName.Equals(rootCommonName, StringComparison.OrdinalIgnoreCase);
}
