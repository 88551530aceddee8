using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Acme.Testing;

/// <summary>A root and an intermediate that issue what a signing request asks for; a second root for an alternate chain.</summary>
public sealed class FakeCa : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _otherRoot;
    private readonly X509Certificate2 _intermediate;
    private readonly X509Certificate2 _otherIntermediate;

    public FakeCa(string name, DateTimeOffset now)
    {
        _root = Root($"CN={name} Root", now);
        _otherRoot = Root($"CN={name} Other Root", now);
        _intermediate = Intermediate(name, _root, now);
        _otherIntermediate = Intermediate(name, _otherRoot, now);
    }

    public X509Certificate2 Root() => X509CertificateLoader.LoadCertificate(_root.RawData);

    public (X509Certificate2 Leaf, IReadOnlyList<string> Chains) Issue(PublicKey key,
        X509Extension names, DateTimeOffset from, DateTimeOffset to)
    {
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false)); // serverAuth
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_intermediate, true, false));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] |= 0x80; // so that its DER begins with 00: RFC 9773 §4.1
        var leaf = request.Create(_intermediate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), from, to, serial);
        return (leaf, [Pem(leaf, _intermediate), Pem(leaf, _otherIntermediate)]);
    }

    /// <summary>A certificate of the server's own for its TLS; its only name is localhost.</summary>
    public X509Certificate2 IssueServer(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        var (leaf, _) = Issue(new PublicKey(key), names.Build(), now.AddDays(-1), now.AddDays(90));
        using (leaf) return leaf.CopyWithPrivateKey(key);
    }

    /// <summary>The root's name and key, certified by the other root: what CAs append for old clients.</summary>
    public X509Certificate2 CrossCertificate(DateTimeOffset from, DateTimeOffset to)
    {
        using var key = _root.GetECDsaPublicKey()!;
        return Authority(_root.Subject, key).Create(_otherRoot, from, to, RandomNumberGenerator.GetBytes(8));
    }

    /// <summary>The intermediate for another time.</summary>
    public X509Certificate2 IntermediateCertificate(DateTimeOffset from, DateTimeOffset to) =>
        Authority(_intermediate.Subject, _key).Create(_root, from, to, RandomNumberGenerator.GetBytes(8));

    public X509Certificate2 IntermediateCertificate() => X509CertificateLoader.LoadCertificate(_intermediate.RawData);

    /// <summary>Whether the authorities' names of a CSR hold nothing but what it was ordered for: only used by the fake server.</summary>
    public static X509Extension? NamesOf(CertificateRequest request) =>
        request.CertificateExtensions.FirstOrDefault(static one => one.Oid?.Value == "2.5.29.17");

    public void Dispose()
    {
        _key.Dispose();
        _root.Dispose();
        _otherRoot.Dispose();
        _intermediate.Dispose();
        _otherIntermediate.Dispose();
    }

    private static X509Certificate2 Root(string name, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Authority(name, key).CreateSelfSigned(now.AddYears(-20), now.AddYears(20));
    }

    private X509Certificate2 Intermediate(string name, X509Certificate2 root, DateTimeOffset now)
    {
        var request = Authority($"CN={name} Intermediate", _key);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, true, false));
        return request.Create(root, now.AddYears(-20), now.AddYears(20), RandomNumberGenerator.GetBytes(8));
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private static string Pem(params X509Certificate2[] certificates) =>
        string.Concat(certificates.Select(static one => one.ExportCertificatePem() + "\n"));
}
