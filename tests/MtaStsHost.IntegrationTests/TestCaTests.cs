using System.Security.Cryptography.X509Certificates;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests;

/// <summary>The certificates of the tests must be good ones, or tests of bad ones prove nothing.</summary>
public sealed class TestCaTests : IDisposable
{
    private readonly TestCa _ca = new();

    public void Dispose() => _ca.Dispose();

    [Theory]
    [InlineData(TestKey.Ecdsa)]
    [InlineData(TestKey.Rsa)]
    public void A_certificate_is_trusted_through_the_intermediate_by_clients_that_trust_the_root(TestKey key)
    {
        var certificate = _ca.Issue(["mta-sts.example.com"], key: key);

        Assert.True(Build(certificate, withIntermediate: true));
        Assert.False(Build(certificate, withIntermediate: false));
        Assert.True(certificate.Leaf().MatchesHostname("mta-sts.example.com"));
        Assert.False(certificate.Leaf().MatchesHostname("mta-sts.example.org"));
    }

    [Fact]
    public void An_expired_certificate_is_not_trusted() =>
        Assert.False(Build(_ca.Issue(["a.example"], DateTimeOffset.UnixEpoch.AddYears(40), DateTimeOffset.UnixEpoch.AddYears(41)),
            withIntermediate: true));

    [Fact]
    public void Pkcs12_holds_leaf_intermediate_and_key()
    {
        var all = X509CertificateLoader.LoadPkcs12Collection(_ca.Issue(["a.example"]).Pkcs12("secret"), "secret");

        Assert.Equal(2, all.Count);
        Assert.Equal("CN=a.example", Assert.Single(all, certificate => certificate.HasPrivateKey).Subject);
    }

    private bool Build(TestCertificate certificate, bool withIntermediate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.CustomTrustStore.Add(_ca.Root());
        if (withIntermediate) chain.ChainPolicy.ExtraStore.ImportFromPem(certificate.IntermediatePem);
        using var leaf = certificate.Leaf();
        return chain.Build(leaf);
    }
}
