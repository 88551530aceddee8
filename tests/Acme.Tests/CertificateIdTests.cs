using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CsCheck;

namespace Acme.Tests;

public sealed class CertificateIdTests
{
    // RFC 9773 appendix A.
    private const string Example = """
        -----BEGIN CERTIFICATE-----
        MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
        cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
        BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
        7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
        qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
        yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
        +FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
        -----END CERTIFICATE-----
        """;

    [Fact]
    public void From_ExampleOfRfc9773_KeepsTheLeadingZeroOfTheSerial()
    {
        using var certificate = X509Certificate2.CreateFromPem(Example);
        Assert.Equal("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", CertificateId.From(certificate)!.Value);
    }

    [Fact]
    public void From_NoAuthorityKeyIdentifier_IsNull()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSelfSigned(now, now.AddDays(1));
        Assert.Null(CertificateId.From(certificate));
    }

    [Theory]
    [InlineData("03")] // an authority key identifier that is not a sequence
    [InlineData("3000")] // one without a key identifier
    public void From_BadAuthorityKeyIdentifier_IsNull(string hex)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        var request = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("2.5.29.35", Convert.FromHexString(hex), critical: false));
        using var certificate = request.CreateSelfSigned(now, now.AddDays(1));
        Assert.Null(CertificateId.From(certificate));
    }

    [Theory]
    [InlineData("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", true)]
    [InlineData("a.b", true)]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("a.", false)]
    [InlineData(".b", false)]
    [InlineData("a.b.c", false)]
    [InlineData("a=.b", false)]
    [InlineData("a/../b.c", false)]
    [InlineData("a .b", false)]
    public void TryParse_Text_TakesTwoPartsOfBase64Url(string? text, bool expected)
    {
        Assert.Equal(expected, CertificateId.TryParse(text, out var id));
        Assert.Equal(expected ? text : null, id?.ToString());
    }

    [Fact]
    public void TryParse_AnyText_IsSafeInAPath() =>
        Gen.String[Gen.Char["aZ0-_.=/+%?# \n"], 0, 20].Sample(static text =>
            !CertificateId.TryParse(text, out var id) || Uri.EscapeDataString(id.Value) == id.Value);
}
