using System.Security.Cryptography.X509Certificates;
using MtaStsHost.Configuration;

namespace MtaStsHost.Certificates.Files;

/// <summary>A certificate file that can't be used. The message names the file and the remedy.</summary>
internal sealed class CertificateFileException(string what, string remedy, Exception? inner = null) : Exception($"{what}; {remedy}", inner)
{
    public string What { get; } = what;

    public string Remedy { get; } = remedy;
}

/// <summary>Reads a certificate with its chain and key from PEM or PKCS#12 files.</summary>
internal static class CertificateFile
{
    /// <summary>No chain is nearly this long; a path to an endless device must not fill the memory.</summary>
    private const int MaxBytes = 1024 * 1024;

    /// <exception cref="CertificateFileException">A file can't be read or isn't a certificate, or the key doesn't match.</exception>
    public static ServingCertificate Load(CertificateSource source)
    {
        var bytes = ReadFile(source.Path);
        var isPem = bytes.AsSpan().IndexOf("-----BEGIN "u8) >= 0;
        var (leaf, others) = isPem ? LoadPem(source, bytes) : LoadPkcs12(source, bytes);
        var certificate = Prepare(source, leaf, others);
        if (certificate.DnsNames.IsEmpty)
            throw new CertificateFileException($"{Name(source.Path)} has no DNS name (subject alternative name)",
                "senders match nothing else (RFC 8461 §3.3): get a certificate for mta-sts.<domain>");
        return certificate;
    }

    private static ServingCertificate Prepare(CertificateSource source, X509Certificate2 leaf, X509Certificate2Collection others)
    {
        try
        {
            return new ServingCertificate(leaf, others);
        }
        catch (CryptographicException e)
        {
            // Extensions are parsed only now: a certificate may be readable, and its names not.
            throw new CertificateFileException($"{Name(source.Path)} has a certificate that can't be read: {Printable.Text(e.Message)}",
                "replace the certificate", e);
        }
    }

    private static (X509Certificate2 Leaf, X509Certificate2Collection Others) LoadPem(CertificateSource source, byte[] bytes)
    {
        var pem = System.Text.Encoding.UTF8.GetString(bytes);
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new CertificateFileException($"{Name(source.Path)} has a certificate that can't be read: {Printable.Text(e.Message)}",
                "write the file again", e);
        }

        // RFC 7468 has no such label: OpenSSL adds trust settings, which other programs can't read.
        if (chain.Count == 0 && pem.Contains("BEGIN TRUSTED CERTIFICATE", StringComparison.Ordinal))
            throw new CertificateFileException($"{Name(source.Path)} has a TRUSTED CERTIFICATE, which only OpenSSL reads",
                "convert it with openssl x509 -in FILE -out NEW");
        if (chain.Count == 0)
            throw new CertificateFileException($"{Name(source.Path)} contains no certificate",
                "name the file with the certificate and its chain, such as fullchain.pem");

        var keyPath = source.KeyPath ?? source.Path;
        var keyPem = source.KeyPath is null ? pem : System.Text.Encoding.UTF8.GetString(ReadFile(source.KeyPath));
        if (!keyPem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw new CertificateFileException($"{Name(keyPath)} contains no private key",
                source.KeyPath is null ? "set KeyPath to the key's file" : "name the file with the private key, such as privkey.pem");

        if (KeyFault(chain[0]) is { } fault)
            throw new CertificateFileException($"the certificate in {Name(source.Path)} has {fault}",
                "get one with a key of type ECDSA P-256 (a named curve) or RSA");
        if (keyPem.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
            throw new CertificateFileException($"the key in {Name(keyPath)} is encrypted in OpenSSL's old format, which is not supported",
                "convert it with openssl pkcs8 -topk8 -in FILE -out NEW, and set Password");
        var leafPem = chain[0].ExportCertificatePem();
        var others = new X509Certificate2Collection(chain.Skip(1).ToArray());
        try
        {
            var leaf = source.Password is null
                ? X509Certificate2.CreateFromPem(leafPem, keyPem)
                : X509Certificate2.CreateFromEncryptedPem(leafPem, keyPem, source.Password);
            return (leaf, others);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            if (source.Password is null && keyPem.Contains("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal))
                throw new CertificateFileException($"the key in {Name(keyPath)} is encrypted", "set Password", e);
            if (source.Password is not null)
                throw new CertificateFileException(
                    $"the key in {Name(keyPath)} can't be decrypted with that password, or doesn't match the certificate",
                    "check Password and KeyPath", e);
            throw new CertificateFileException(
                $"the key in {Name(keyPath)} doesn't match the first certificate in {Name(source.Path)}",
                "name the key of that certificate, and put the certificate before its chain", e);
        }
    }

    /// <summary>Why no handshake works with the certificate's key; RFC 8410 §3, RFC 5480 §2.1.1.</summary>
    private static string? KeyFault(X509Certificate2 certificate) => certificate.PublicKey.Oid.Value switch
    {
        "1.3.101.112" or "1.3.101.113" => "an Ed25519 or Ed448 key, which .NET and many senders don't support",
        "1.2.840.10045.2.1" when certificate.PublicKey.EncodedParameters?.RawData is [0x30, ..] =>
            "a key with explicit curve parameters instead of a named curve, which TLS forbids",
        _ => null,
    };

    private static (X509Certificate2 Leaf, X509Certificate2Collection Others) LoadPkcs12(CertificateSource source, byte[] bytes)
    {
        if (source.KeyPath is not null)
            throw new CertificateFileException($"{Name(source.Path)} is not PEM, and KeyPath is for PEM only",
                "name a PEM file, or remove KeyPath for PKCS#12");
        X509Certificate2Collection all;
        try
        {
            all = X509CertificateLoader.LoadPkcs12Collection(bytes, source.Password);
        }
        catch (CryptographicException e)
        {
            var remedy = source.Password is null ? "check the file, and set Password if it has one" : "check the file and Password";
            throw new CertificateFileException(
                $"{Name(source.Path)} is neither PEM nor a PKCS#12 file that "
                + $"{(source.Password is null ? "opens without a password" : "this password opens")}", remedy, e);
        }

        var leaf = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
            ?? throw new CertificateFileException($"{Name(source.Path)} contains no private key",
                "export the certificate together with its key");
        return (leaf, new X509Certificate2Collection(all.Where(certificate => certificate != leaf).ToArray()));
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            return BoundedFile.Read(path, MaxBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CertificateFileException($"{Name(path)} can't be read", ConfigurationLoader.Reason(e), e);
        }
    }

    private static string Name(string path) => Printable.Text(path, 300);
}
