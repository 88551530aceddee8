using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;

namespace MtaSts.Tests;

public sealed class ServerCertificateTests
{
    [Theory]
    [InlineData("mail.example.com", true)]
    [InlineData("MAIL.example.com", true)]
    [InlineData("*.example.com", true)]
    [InlineData("m*.example.com", false)]
    [InlineData("*.com", false)]
    [InlineData("*.mail.example.com", false)]
    [InlineData("example.com", false)]
    public void IsFor_OneName_ComparesAsRfc6125(string name, bool isFor)
    {
        using var certificate = Create(Names(name));

        Assert.Equal(isFor, ServerCertificate.IsFor("mail.example.com", certificate));
    }

    [Fact]
    public void IsFor_CommonNameAlone_CountsForNothing()
    {
        using var certificate = Create(null);

        Assert.False(ServerCertificate.IsFor("mail.example.com", certificate));
        Assert.Equal("no DNS name at all", ServerCertificate.DescribeNames(certificate));
    }

    [Fact]
    public void IsFor_NamesThatCannotBeRead_NameNobody()
    {
        using var certificate = Create(new X509Extension("2.5.29.17", [0x30, 0x7F, 0x82], critical: false));

        Assert.False(ServerCertificate.IsFor("mail.example.com", certificate));
        Assert.Equal("names that can't be read", ServerCertificate.DescribeNames(certificate));
    }

    [Theory]
    [InlineData(1, "mx1.example.net")]
    [InlineData(5, "mx1.example.net, mx2.example.net, mx3.example.net, mx4.example.net, mx5.example.net")]
    [InlineData(6, "mx1.example.net, mx2.example.net, mx3.example.net, mx4.example.net, mx5.example.net, …")]
    public void DescribeNames_Many_AreCut(int count, string expected)
    {
        using var certificate = Create(Names([.. Enumerable.Range(1, count).Select(i => $"mx{i}.example.net")]));

        Assert.Equal(expected, ServerCertificate.DescribeNames(certificate));
    }

    [Fact]
    public void ChainPolicy_NoRoots_TakesTheSystems()
    {
        var time = new FakeTimeProvider(TestCertificates.Now);

        var policy = ServerCertificate.ChainPolicy(null, time);

        Assert.Equal((X509ChainTrustMode.System, TestCertificates.Now.UtcDateTime, true),
            (policy.TrustMode, policy.VerificationTime, policy.DisableCertificateDownloads));
    }

    [Fact]
    public void ChainPolicy_Roots_AreTheOnlyOnes()
    {
        using var root = Create(null);

        var policy = ServerCertificate.ChainPolicy([root], TimeProvider.System);

        Assert.Equal(X509ChainTrustMode.CustomRootTrust, policy.TrustMode);
        Assert.Equal([root], policy.CustomTrustStore);
    }

    private static X509Extension Names(params string[] names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names) builder.AddDnsName(name);
        return builder.Build();
    }

    private static X509Certificate2 Create(X509Extension? names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mail.example.com", key, HashAlgorithmName.SHA256);
        if (names is not null) request.CertificateExtensions.Add(names);
        return request.CreateSelfSigned(TestCertificates.Now, TestCertificates.Now.AddDays(1));
    }
}
