using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MtaStsHost.Certificates;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Configuration;
using MtaStsHost.Testing;
using MtaStsHost.Text;

namespace MtaStsHost.Tests.Certificates.Files;

public sealed class CertificateFileTests : IDisposable
{
    private static readonly TestCa s_ca = new();
    private static readonly TestCertificate s_good = s_ca.Issue(["mta-sts.example.com", "*.example.net"]);
    private static readonly TestCertificate s_other = s_ca.Issue(["mta-sts.example.org"]);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TestKey.Ecdsa)]
    [InlineData(TestKey.Rsa)]
    public void Load_PemWithItsOwnKeyFile_IsTheCertificateWithItsChain(TestKey key)
    {
        var issued = s_ca.Issue(["mta-sts.example.com", "*.EXAMPLE.net"], key: key);

        var certificate = Load(_folder.Write("c.pem", issued.ChainPem), _folder.Write("k.pem", issued.KeyPem));

        Assert.Equal(["mta-sts.example.com", "*.example.net"], certificate.DnsNames);
        Assert.Equal(s_ca.IssuerName, certificate.Issuer);
        Assert.Equal(issued.Leaf().NotAfter.ToUniversalTime(), certificate.NotAfter.UtcDateTime);
        Assert.Equal([s_ca.IssuerName], Chain(certificate)
            .Select(element => element.GetNameInfo(X509NameType.SimpleName, forIssuer: false)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_PemWithTheKeyInTheSameFile_TakesItWhereverItStands(bool keyFirst)
    {
        var certificate = Load(_folder.Write("all.pem", keyFirst ? s_good.KeyPem
            + s_good.ChainPem : "some words\n" + s_good.ChainPem + s_good.KeyPem));

        Assert.Single(Chain(certificate));
        Assert.True(certificate.TlsOptions(HttpProtocols.Http1AndHttp2).ServerCertificateContext!.TargetCertificate.HasPrivateKey);
    }

    [Fact]
    public void Load_WindowsLineEnds_AreFine() =>
        Assert.Single(Chain(Load(_folder.Write("all.pem", (s_good.ChainPem + s_good.KeyPem).ReplaceLineEndings("\r\n")))));

    [Fact]
    public void Load_LeafAlone_IsServedWithoutChain() =>
        Assert.Empty(Chain(Load(_folder.Write("c.pem", s_good.CertificatePem), _folder.Write("k.pem", s_good.KeyPem))));

    [Fact]
    public void Load_EncryptedKey_OpensWithItsPassword() =>
        Assert.Single(
            Chain(Load(_folder.Write("c.pem", s_good.ChainPem), _folder.Write("k.pem", s_good.EncryptedKeyPem("secret")), "secret")));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("secret")]
    public void Load_Pkcs12_IsTheCertificateWithItsChain(string? password)
    {
        var certificate = Load(_folder.Write("c.pfx", s_good.Pkcs12(password)), password: password);

        Assert.Equal("mta-sts.example.com", certificate.DnsNames[0]);
        Assert.Single(Chain(certificate));
    }

    [Fact]
    public void Load_Options_AreTls12And13WithHttp2()
    {
        var options = Load(_folder.Write("all.pem", s_good.ChainPem + s_good.KeyPem)).TlsOptions(HttpProtocols.Http1AndHttp2);

#pragma warning disable CA5398 // the versions are what is tested
        Assert.Equal(System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13,
            options.EnabledSslProtocols);
#pragma warning restore CA5398
        Assert.Equal([SslApplicationProtocol.Http2, SslApplicationProtocol.Http11], options.ApplicationProtocols);
    }

    [Fact]
    public void Load_Unusable_NamesFileAndRemedy()
    {
        var good = _folder.Write("good.pem", s_good.ChainPem);
        var key = _folder.Write("good.key", s_good.KeyPem);
        var encrypted = _folder.Write("encrypted.key", s_good.EncryptedKeyPem("secret"));
        var garbage = _folder.Write("garbage", [1, 2, 3, 0xff, 0]);
        var empty = _folder.Write("empty", "");
        var broken = _folder.Write("broken.pem", s_good.ChainPem.Replace("MII", "M*I", StringComparison.Ordinal));
        var notBase64 = _folder.Write("words.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        var cut = _folder.Write("cut.pem", s_good.CertificatePem[..200]);
        var p12 = _folder.Write("c.pfx", s_good.Pkcs12("secret"));
        using var keyless = s_good.Leaf();
        var noKey = _folder.Write("nokey.pfx", keyless.Export(X509ContentType.Pkcs12)!);
        var noNames = s_ca.Issue([]);
        var onlyAddress = s_ca.Issue(["192.0.2.1"]);
        var huge = _folder.Write("huge", new byte[(1024 * 1024) + 1]);

        Fails($"{_folder["none.pem"]} can't be read; there is no such file; check the path", _folder["none.pem"]);
        Fails($"{_folder["none/none.pem"]} can't be read; there is no such file; check the path", _folder["none/none.pem"]);
        Fails($"{_folder["none.key"]} can't be read; there is no such file; check the path", good, _folder["none.key"]);
        Fails($"{_folder.Path} can't be read; it is a folder, or this user may not read it; check its path and permissions", _folder.Path);
        Fails(
            $"{empty} is neither PEM nor a PKCS#12 file that opens without a password; check the file, and set Password if it has one",
            empty);
        Fails(
            $"{garbage} is neither PEM nor a PKCS#12 file that opens without a password; check the file, and set Password if it has "
            + $"one", garbage);
        Fails($"{garbage} is not PEM, and KeyPath is for PEM only; name a PEM file, or remove KeyPath for PKCS#12", garbage, key);
        Fails($"{garbage} contains no private key; name the file with the private key, such as privkey.pem", good, garbage);
        Fails($"{empty} contains no private key; name the file with the private key, such as privkey.pem", good, empty);
        Fails($"{good} contains no private key; set KeyPath to the key's file", good);
        Fails($"{good} contains no private key; name the file with the private key, such as privkey.pem", good, good);
        Fails($"{key} contains no certificate; name the file with the certificate and its chain, such as fullchain.pem", key);
        Fails($"{cut} contains no certificate; name the file with the certificate and its chain, such as fullchain.pem", cut, key);
        Fails($"{broken} contains no certificate", broken, key);
        Fails($"{notBase64} has a certificate that can't be read: ", notBase64, key);
        Fails(
            $"the key in {_folder["other.key"]} doesn't match the first certificate in {good}; name the key of that certificate, "
            + "and put the certificate before its chain",
            good, _folder.Write("other.key", s_other.KeyPem));
        Fails($"the key in {key} doesn't match the first certificate in {_folder["reversed.pem"]}",
            _folder.Write("reversed.pem", s_good.IntermediatePem + s_good.CertificatePem), key);
        Fails($"the key in {encrypted} is encrypted; set Password", good, encrypted);
        Fails($"the key in {encrypted} can't be decrypted with that password, or doesn't match the certificate; check Password and KeyPath",
            good, encrypted, "wrong");
        Fails($"{p12} is neither PEM nor a PKCS#12 file that opens without a password; check the file, and set Password if it has one",
            p12);
        Fails($"{p12} is neither PEM nor a PKCS#12 file that this password opens; check the file and Password", p12, password: "wrong");
        Fails($"{noKey} contains no private key; export the certificate together with its key", noKey);
        Fails(
            $"{_folder["nonames.pem"]} has no DNS name (subject alternative name); senders match nothing else (RFC 8461 §3.3): get a "
            + $"certificate for mta-sts.<domain>",
            _folder.Write("nonames.pem", noNames.ChainPem + noNames.KeyPem));
        Fails($"{_folder["address.pem"]} has no DNS name", _folder.Write("address.pem", onlyAddress.ChainPem + onlyAddress.KeyPem));
        Fails($"{huge} can't be read; it has more than 1048576 bytes", huge);
        Fails("/dev/zero can't be read; it is not a regular file; name one", "/dev/zero");
    }

    private const string Ed25519 = """
        -----BEGIN CERTIFICATE-----
        MIIBTzCCAQGgAwIBAgIUERbi9ofSPQA4T1Bm84N0o+0xsrcwBQYDK2VwMAwxCjAI
        BgNVBAMMAWEwIBcNMjYxMTI4MjIwNDUwWhgPMjEyNjExMDQyMjA0NTBaMAwxCjAI
        BgNVBAMMAWEwKjAFBgMrZXADIQDYYOBpw1khNFj0o9thmxKJdBdXxg2aR1w2BOi8
        Ik193KNzMHEwHQYDVR0OBBYEFB3Q3taW1uVNuKjSFhtr8JstJ+cUMB8GA1UdIwQY
        MBaAFB3Q3taW1uVNuKjSFhtr8JstJ+cUMA8GA1UdEwEB/wQFMAMBAf8wHgYDVR0R
        BBcwFYITbXRhLXN0cy5leGFtcGxlLmNvbTAFBgMrZXADQQCDWpOt/uxbM0BfHDuw
        IWFb4MmLxu8+FrXnpaExB5/KSkpIQ3YnkRyWG1mSL+hO62Hibe6z3Phe+jAY/na1
        JWcD
        -----END CERTIFICATE-----
        """;

    private const string ExplicitCurve = """
        -----BEGIN CERTIFICATE-----
        MIICgzCCAimgAwIBAgIUZHEHdM7nVc08QSLxBVD8bmkkL+gwCgYIKoZIzj0EAwIw
        DDEKMAgGA1UEAwwBYTAgFw0yNjExMjgyMjA0NTBaGA8yMTI2MTEwNDIyMDQ1MFow
        DDEKMAgGA1UEAwwBYTCCAUswggEDBgcqhkjOPQIBMIH3AgEBMCwGByqGSM49AQEC
        IQD/////AAAAAQAAAAAAAAAAAAAAAP///////////////zBbBCD/////AAAAAQAA
        AAAAAAAAAAAAAP///////////////AQgWsY12Ko6k+ez671VdpiGvGUdBrDMU7D2
        O848PifSYEsDFQDEnTYIhucEk2pmeOETnSa3gZ9+kARBBGsX0fLhLEJH+Lzm5WOk
        QPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/
        UfUCIQD/////AAAAAP//////////vOb6racXnoTzucrC/GMlUQIBAQNCAAT2mAc3
        otBsI3MPWPlxvkxNEsx1Au9Fc6vz6m/0GwZ6f+cfmRUCB4w/+IuQzzJNLUGW32AG
        y1DsIqg9Mf/dbhZto3MwcTAdBgNVHQ4EFgQUyrFkUAoD0q7Ys2z1dBUicoQtzPgw
        HwYDVR0jBBgwFoAUyrFkUAoD0q7Ys2z1dBUicoQtzPgwDwYDVR0TAQH/BAUwAwEB
        /zAeBgNVHREEFzAVghNtdGEtc3RzLmV4YW1wbGUuY29tMAoGCCqGSM49BAMCA0gA
        MEUCIGIc7ZLdYlboCPy71DmmZX32PS8IQqJO2N9Krlq+6G4iAiEAvvGvJM+GIog1
        0SUgWpr4am27uecjBhH88CxG2ncbN4E=
        -----END CERTIFICATE-----
        """;

    /// <summary>What a CA or OpenSSL may write and can't be served with: the true reason, not one about the key.</summary>
    [Fact]
    public void Load_KeyOrFormatThatIsNotSupported_SaysSo()
    {
        var key = _folder.Write("good.key", s_good.KeyPem);
        var good = _folder.Write("good.pem", s_good.ChainPem);
        var ed25519 = _folder.Write("ed25519.pem", Ed25519);
        var curve = _folder.Write("explicit.pem", ExplicitCurve);
        var trusted = _folder.Write("trusted.pem",
            s_good.CertificatePem.Replace("CERTIFICATE", "TRUSTED CERTIFICATE", StringComparison.Ordinal));
        var old = _folder.Write("old.key",
            "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n");

        Fails($"the certificate in {ed25519} has an Ed25519 or Ed448 key, which .NET and many senders don't support; get one with",
            ed25519, key);
        Fails($"the certificate in {curve} has a key with explicit curve parameters instead of a named curve", curve, key);
        Fails($"{trusted} has a TRUSTED CERTIFICATE, which only OpenSSL reads; convert it with openssl x509", trusted, key);
        foreach (var password in new[] { null, "secret" })
            Fails($"the key in {old} is encrypted in OpenSSL's old format, which is not supported; convert it with openssl pkcs8",
                good, old, password);
    }

    [Fact]
    public void Load_MalformedAlternativeNames_NamesTheFile()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mta-sts.example.com", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("2.5.29.17", [0x30, 0x05, 0x82, 0x7f, 1], critical: false));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        var path = _folder.Write("c.pem", certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());

        Fails($"{path} has a certificate that can't be read: ", path);
    }

    [Fact]
    public void Load_AnyDamage_IsThatErrorAndNoOther()
    {
        var random = new Random(8461);
        var pem = Encoding.ASCII.GetBytes(s_good.ChainPem + s_good.KeyPem);
        var p12 = s_good.Pkcs12("secret");
        var (loaded, refused) = (0, 0);
        for (var i = 0; i < 600; i++)
        {
            var bytes = (i % 3 == 0 ? p12 : pem).ToArray();
            for (var edits = random.Next(1, 4); edits > 0; edits--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (i % 5 == 0) bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                Load(_folder.Write("damaged", bytes), password: i % 3 == 0 ? "secret" : null);
                loaded++;
            }
            catch (CertificateFileException e)
            {
                Assert.True(Printable.IsPrintable(e.Message), Printable.Text(e.Message));
                refused++;
            }
        }

        Assert.True(refused > 300 && loaded > 0, $"{loaded} loaded, {refused} refused");
    }

    private static ServingCertificate Load(string path, string? keyPath = null, string? password = null) =>
        CertificateFile.Load(new CertificateSource("Tls:Certificates:0", default, path, keyPath, password));

    private static System.Collections.ObjectModel.ReadOnlyCollection<X509Certificate2> Chain(ServingCertificate certificate) =>
        certificate.TlsOptions(HttpProtocols.Http1AndHttp2).ServerCertificateContext!.IntermediateCertificates;

    private static void Fails(string message, string path, string? keyPath = null, string? password = null) =>
        Assert.StartsWith(message, Assert.Throws<CertificateFileException>(() => Load(path, keyPath, password)).Message,
            StringComparison.Ordinal);
}
