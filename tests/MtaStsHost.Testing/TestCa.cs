using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtaStsHost.Testing;

/// <summary>A key's kind.</summary>
public enum TestKey
{
    /// <summary>ECDSA on P-256.</summary>
    Ecdsa,

    /// <summary>RSA of 2048 bits.</summary>
    Rsa,
}

/// <summary>
/// A CA of a test's own: a root, an intermediate under it, and server certificates under that, as public CAs have them. A host
/// that sends the leaf alone is found out by anybody who trusts <see cref="RootPem"/> only.
/// </summary>
public sealed class TestCa : IDisposable
{
    private readonly TimeProvider _time;
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _intermediate;

    /// <param name="name">Stands in the CAs' common names.</param>
    /// <param name="time">Gives the dates of certificates that name none; the system's clock by default.</param>
    public TestCa(string name = "Test CA", TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        // Wide enough for leaves that have expired or are not valid yet: no issuer may end before its certificates do.
        var now = _time.GetUtcNow();
        var (from, to) = (now.AddYears(-20), now.AddYears(20));
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var root = new CertificateRequest($"CN={name} Root", rootKey, HashAlgorithmName.SHA256);
        AddAuthority(root, pathLength: 1);
        _root = root.CreateSelfSigned(from, to);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var intermediate = new CertificateRequest($"CN={name} Intermediate", key, HashAlgorithmName.SHA256);
        AddAuthority(intermediate, pathLength: 0);
        intermediate.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root, true, false));
        using var signed = intermediate.Create(_root, from, to, Serial());
        _intermediate = signed.CopyWithPrivateKey(key);
    }

    /// <summary>What a client trusts; never sent by a host.</summary>
    public string RootPem => Pem(_root);

    /// <summary>Stands between the root and the leaf.</summary>
    public string IntermediatePem => Pem(_intermediate);

    /// <summary>The common name of the CA that signs the leaves.</summary>
    public string IssuerName => _intermediate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    /// <summary>The root without its key, for a client's trust store.</summary>
    public X509Certificate2 Root() => X509CertificateLoader.LoadCertificate(_root.RawData);

    /// <param name="names">The subject alternative names: DNS names, wildcards too, or addresses. None: a certificate without any. What no
    /// host name could be goes in as it is.</param>
    /// <param name="notBefore">An hour ago when not given.</param>
    /// <param name="notAfter">In 90 days when not given.</param>
    /// <param name="key">Of the leaf; the CAs have ECDSA keys.</param>
    public TestCertificate Issue(
        IEnumerable<string> names, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null, TestKey key = TestKey.Ecdsa)
    {
        var now = _time.GetUtcNow();
        var all = names.ToList();
        using AsymmetricAlgorithm pair = key == TestKey.Rsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = CommonName(all.Count == 0 ? "no names" : all[0]);
        var request = pair is RSA rsa
            ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)pair, HashAlgorithmName.SHA256);
        var usage = X509KeyUsageFlags.DigitalSignature | (key == TestKey.Rsa ? X509KeyUsageFlags.KeyEncipherment : X509KeyUsageFlags.None);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false)); // serverAuth
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_intermediate, true, false));
        if (all.Count > 0) request.CertificateExtensions.Add(AlternativeNames(all));
        using var leaf = request.Create(
            _intermediate.SubjectName,
            X509SignatureGenerator.CreateForECDsa(_intermediate.GetECDsaPrivateKey()!),
            notBefore ?? now.AddHours(-1),
            notAfter ?? now.AddDays(90),
            Serial());
        using var withKey = pair is RSA rsaKey ? leaf.CopyWithPrivateKey(rsaKey) : leaf.CopyWithPrivateKey((ECDsa)pair);
        return new TestCertificate(Pem(leaf), IntermediatePem, pair.ExportPkcs8PrivateKeyPem() + "\n");
    }

    public void Dispose()
    {
        _root.Dispose();
        _intermediate.Dispose();
    }

    private static X500DistinguishedName CommonName(string name)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddCommonName(name);
        return builder.Build();
    }

    private static void AddAuthority(CertificateRequest request, int pathLength)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, pathLength, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
    }

    private static X509Extension AlternativeNames(IReadOnlyCollection<string> names)
    {
        if (names.Any(name => name.Any(char.IsControl))) return RawAlternativeNames(names);
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address)) builder.AddIpAddress(address);
            else builder.AddDnsName(name);
        }

        return builder.Build();
    }

    /// <summary>RFC 5280 §4.2.1.6, ignoring the names.</summary>
    private static X509SubjectAlternativeNameExtension RawAlternativeNames(IEnumerable<string> names)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var name in names) writer.WriteCharacterString(UniversalTagNumber.IA5String,
                name, new Asn1Tag(TagClass.ContextSpecific, 2));
        }

        return new X509SubjectAlternativeNameExtension(writer.Encode());
    }

    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40); // positive, and never a leading zero
        return serial;
    }

    private static string Pem(X509Certificate2 certificate) => certificate.ExportCertificatePem() + "\n";
}

/// <summary>A server certificate of a <see cref="TestCa"/>.</summary>
/// <param name="CertificatePem">The leaf alone.</param>
/// <param name="IntermediatePem">The CA's certificate between leaf and root.</param>
/// <param name="KeyPem">PKCS#8, not encrypted.</param>
public sealed record TestCertificate(string CertificatePem, string IntermediatePem, string KeyPem)
{
    /// <summary>The leaf and the intermediate after it, as <c>fullchain.pem</c> has them.</summary>
    public string ChainPem => CertificatePem + IntermediatePem;

    /// <summary>Leaf, intermediate and key in one PKCS#12 file.</summary>
    public byte[] Pkcs12(string? password)
    {
        using var leaf = X509Certificate2.CreateFromPem(CertificatePem, KeyPem);
        using var intermediate = X509Certificate2.CreateFromPem(IntermediatePem);
        return new X509Certificate2Collection { intermediate, leaf }.Export(X509ContentType.Pkcs12, password)!;
    }

    /// <summary>The key as an encrypted PKCS#8 file has it.</summary>
    public string EncryptedKeyPem(string password)
    {
        using var leaf = X509Certificate2.CreateFromPem(CertificatePem, KeyPem);
        using var key = (AsymmetricAlgorithm?)leaf.GetECDsaPrivateKey() ?? leaf.GetRSAPrivateKey()!;
        return key.ExportEncryptedPkcs8PrivateKeyPem(password,
            new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10_000)) + "\n";
    }

    /// <summary>The leaf without its key.</summary>
    public X509Certificate2 Leaf() => X509Certificate2.CreateFromPem(CertificatePem);

    /// <summary>Writes chain and key as two PEM files, each replaced by rename, as ACME clients do it.</summary>
    public (string ChainPath, string KeyPath) Write(string folder, string name = "tls")
    {
        Directory.CreateDirectory(folder);
        var (chain, key) = (Path.Combine(folder, $"{name}.pem"), Path.Combine(folder, $"{name}.key"));
        Replace(key, KeyPem);
        Replace(chain, ChainPem);
        return (chain, key);
    }

    // A record's own text would print the key.
    public override string ToString() => CertificatePem;

    private static void Replace(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}
