using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtaSts.Tests;

public sealed class PolicyHostCertificateTests
{
    [Fact]
    public void Judge_NamesThatCannotBeRead_NameNobody()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mta-sts.example.com", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("2.5.29.17", [0x30, 0x7F, 0x82], critical: false));
        using var certificate = request.CreateSelfSigned(TestCertificates.Now, TestCertificates.Now.AddDays(1));
        using var chain = new X509Chain();

        var failure = PolicyHostCertificate.Judge("mta-sts.example.com", certificate, chain);

        Assert.Equal(PolicyFetchFailure.CertificateName, failure!.Kind);
        Assert.Contains("names that can't be read", failure.Message, StringComparison.Ordinal);
    }
}
