using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Acme;

/// <summary>
/// The certificate that answers a TLS-ALPN-01 challenge. RFC 8737 §3. Only for handshakes whose ClientHello offers
/// <see cref="Protocol"/> and nothing else, for the identifier's name in SNI, while the challenge is open.
/// </summary>
public static class TlsAlpn01Certificate
{
    /// <summary>The ALPN protocol of the challenge: RFC 8737 §6.2.</summary>
    public const string Protocol = "acme-tls/1";

    /// <summary>The object identifier of the extension that carries the digest: RFC 8737 §6.1.</summary>
    public const string ExtensionOid = "1.3.6.1.5.5.7.1.31";

    // Required and never checked.
    private static readonly TimeSpan s_before = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_after = TimeSpan.FromDays(7);

    /// <summary>Creates the certificate, with a new P-256 key.</summary>
    /// <param name="identifier">The authorization's identifier, the only name.</param>
    /// <param name="keyAuthorization">From <see cref="Challenge.KeyAuthorization"/>.</param>
    /// <param name="timeProvider">The clock: valid from one day ago, for eight days.</param>
    /// <returns>A self-signed certificate with its private key; the caller disposes of it.</returns>
    /// <exception cref="ArgumentException">The identifier is neither a host name nor an address.</exception>
    public static X509Certificate2 Create(Identifier identifier, string keyAuthorization, TimeProvider timeProvider)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ACME challenge", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(SubjectNames.Build([identifier]));
        request.CertificateExtensions.Add(new X509Extension(ExtensionOid, Encode(Challenge.Digest(keyAuthorization)), critical: true));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        var now = timeProvider.GetUtcNow();
        var certificate = request.CreateSelfSigned(now - s_before, now + s_after);
        if (!OperatingSystem.IsWindows())
            return certificate;
        // Windows can only serve certificates with a persisted key.
        using (certificate)
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
    }

    private static byte[] Encode(byte[] digest)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(digest);
        return writer.Encode();
    }
}
