using System.Security.Cryptography.X509Certificates;

namespace Acme;

/// <summary>A certificate's key pair. RFC 8555 §7.4, §7.6.</summary>
public sealed class CertificateKey : AcmeKey
{
    private CertificateKey(AsymmetricAlgorithm key)
        : base(key)
    {
    }

    /// <summary>Generates a key.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The algorithm is not defined.</exception>
    public static CertificateKey Create(KeyAlgorithm algorithm = KeyAlgorithm.ES256) => new(Generate(algorithm));

    /// <summary>Reads a key from PEM: PKCS#8, SEC 1 or PKCS#1, not encrypted.</summary>
    /// <exception cref="CryptographicException">The text has no such key.</exception>
    public static CertificateKey FromPem(string pem) => new(Import(pem));

    /// <summary>Whether a certificate has this public key.</summary>
    public bool Matches(X509Certificate2 certificate) =>
        certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan()
            .SequenceEqual(Use(static key => key.ExportSubjectPublicKeyInfo()));

    internal byte[] CreateSigningRequest(X509Extension names) => Use(key =>
    {
        var subject = new X500DistinguishedName("");
        var request = key is ECDsa ec
            ? new CertificateRequest(subject, ec, HashOf(Algorithm))
            : new CertificateRequest(subject, (RSA)key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(names);
        return request.CreateSigningRequest();
    });
}
