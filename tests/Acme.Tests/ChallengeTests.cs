using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Acme.Tests;

public sealed class ChallengeTests
{
    private static readonly DateTimeOffset s_now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void KeyAuthorization_Token_IsTokenDotThumbprint()
    {
        using var key = AccountKey.Create();
        Assert.Equal($"evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA.{key.Thumbprint}",
            Make("evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA").KeyAuthorization(key));
    }

    [Fact]
    public void KeyAuthorization_NoToken_Throws()
    {
        using var key = AccountKey.Create();
        Assert.Throws<InvalidOperationException>(() => Make(null).KeyAuthorization(key));
    }

    [Fact]
    public void ToString_Challenge_DoesNotShowTheToken() => Assert.Equal("http-01 Pending", Make("secret-token").ToString());

    [Theory]
    [InlineData("a", true)]
    [InlineData("AZaz09-_", true)]
    [InlineData("", false)]
    [InlineData("../../etc/passwd", false)]
    [InlineData("a.b", false)]
    [InlineData("a=", false)]
    [InlineData("a+b", false)]
    [InlineData("a b", false)]
    [InlineData("\u00E9", false)]
    public void IsToken_Text_TakesBase64UrlOnly(string text, bool expected) => Assert.Equal(expected, Challenge.IsToken(text));

    [Fact]
    public void IsToken_AnyText_IsSafeInAPath() =>
        Gen.String[0, 300].Sample(static text => !Challenge.IsToken(text)
            || (text.Length <= 256 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')));

    [Fact]
    public void Create_HostName_IsTheCertificateOfRfc8737()
    {
        const string keyAuthorization = "token.thumbprint";
        using var certificate = TlsAlpn01Certificate.Create(Identifier.Dns("Mta-Sts.Example.com."),
            keyAuthorization, new FakeTimeProvider(s_now));
        Assert.True(certificate.HasPrivateKey);
        var names = Assert.Single(certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>());
        Assert.Equal(["mta-sts.example.com"], names.EnumerateDnsNames());
        var extension = Assert.Single(certificate.Extensions, static one => one.Oid!.Value == "1.3.6.1.5.5.7.1.31");
        Assert.True(extension.Critical);
        // An OCTET STRING of 32 bytes: 04 20 and the digest.
        Assert.Equal([0x04, 0x20, .. SHA256.HashData("token.thumbprint"u8)], extension.RawData);
        Assert.True(certificate.NotBefore.ToUniversalTime() < s_now && certificate.NotAfter.ToUniversalTime() > s_now);
    }

    [Fact]
    public void Create_Address_HasItAsItsName()
    {
        using var certificate = TlsAlpn01Certificate.Create(Identifier.Ip(System.Net.IPAddress.IPv6Loopback),
            "a.b", new FakeTimeProvider(s_now));
        var names = Assert.Single(certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>());
        Assert.Equal([System.Net.IPAddress.IPv6Loopback], names.EnumerateIPAddresses());
    }

    [Fact]
    public void Create_OtherIdentifier_Throws() =>
        Assert.Throws<ArgumentException>(() => TlsAlpn01Certificate.Create(new Identifier("email", "a@b"),
            "a.b", new FakeTimeProvider(s_now)));

    [Theory]
    [InlineData(KeyAlgorithm.ES256, "SHA256")]
    [InlineData(KeyAlgorithm.ES384, "SHA384")]
    [InlineData(KeyAlgorithm.RS256, "SHA256")]
    public void CreateSigningRequest_Identifiers_AreItsNamesAlone(KeyAlgorithm algorithm, string hash)
    {
        using var key = CertificateKey.Create(algorithm);
        var request = CertificateSigningRequest.Create(key,
            [Identifier.Dns("a.example"), Identifier.Dns("*.b.example"), new("ip", "192.0.2.1")]);
        // Loading verifies the signature; it is the hash that must be right.
        var read = CertificateRequest.LoadSigningRequest(request.Der.Span,
            new HashAlgorithmName(hash), out var length, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        Assert.Equal(request.Der.Length, length);
        Assert.Equal("", read.SubjectName.Name);
        var names = Assert.IsType<X509SubjectAlternativeNameExtension>(Assert.Single(read.CertificateExtensions));
        Assert.Equal(["a.example", "*.b.example"], names.EnumerateDnsNames());
        Assert.Equal(["192.0.2.1"], names.EnumerateIPAddresses().Select(static one => one.ToString()));
    }

    [Fact]
    public void CreateSigningRequest_NoIdentifiers_Throws()
    {
        using var key = CertificateKey.Create();
        Assert.Throws<ArgumentException>(() => CertificateSigningRequest.Create(key, []));
        Assert.Throws<ArgumentException>(() => CertificateSigningRequest.Create(key, [new Identifier("ip", "no address")]));
    }

    private static Challenge Make(string? token) =>
        new() { Type = Challenge.Http01, Url = new Uri("https://acme.test/challenge/1"), Status = ChallengeStatus.Pending, Token = token };
}
