using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Acme;

/// <summary>A certificate's key pair. RFC 8555 §7.4, §7.6.</summary>
public sealed class CertificateKey : AcmeKey
{
    private CertificateKey(AsymmetricAlgorithm key)
        : base(key)
    {
    }

    /// <summary>Makes a new key.</summary>
    /// <param name="algorithm">What kind of key.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The algorithm is none of the enumeration's.</exception>
    public static CertificateKey Create(KeyAlgorithm algorithm = KeyAlgorithm.ES256) => new(Generate(algorithm));

    /// <summary>Reads a key from PEM.</summary>
    /// <param name="pem">PKCS#8, SEC 1 or PKCS#1 as PEM, not encrypted.</param>
    /// <returns>The key.</returns>
    /// <exception cref="CryptographicException">There is no such key in it.</exception>
    public static CertificateKey FromPem(string pem) => new(Import(pem));

    /// <summary>Whether a certificate is for this key.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <returns>True when its public key is this one.</returns>
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
