using System.Security.Cryptography.X509Certificates;
using Acme.Testing;
using CsCheck;

namespace Acme.Tests;

public sealed class CertificateChainTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeCa _ca = new("Test", s_now);
    private readonly CertificateKey _key = CertificateKey.Create();

    [Fact]
    public void TryParse_Chain_HasLeafFirstAndTheRootsName()
    {
        using var chain = Parse(Issue("a.example"));
        Assert.Equal(2, chain.Certificates.Count);
        Assert.Equal("Test Root", chain.RootCommonName);
        Assert.True(_key.Matches(chain.Leaf));
        Assert.Equal(CertificateChainFaults.None, chain.Check(_key, [Identifier.Dns("A.example")], s_now));
    }

    [Fact]
    public void Pem_ChainWithText_HasTheCertificatesAlone()
    {
        var pem = Issue("a.example");
        using var chain = Parse("subject=/CN=x\n" + pem.Replace("\n", "\r\n", StringComparison.Ordinal) + "\nThe end.");
        Assert.Equal(pem, chain.Pem);
    }

    [Fact]
    public void TryParse_AnythingElse_SaysWhy()
    {
        var pem = Issue("a.example");
        var secret = _key.ExportPem();
        Assert.Equal("it has no certificates", Error(""));
        Assert.Equal("it has no certificates", Error("<html>"));
        Assert.Equal("it has a PEM block that is not a certificate", Error(pem + secret));
        Assert.Equal("it has a PEM block that is not a certificate", Error(secret + pem));
        Assert.Equal("certificate 3 is incomplete", Error(pem + "-----BEGIN CERTIFICATE-----\nMIIB"));
        Assert.Equal("certificate 2 is incomplete", Error(pem[..^30]));
        Assert.Equal("certificate 1 is incomplete", Error("-----BEGIN CERTIFICATE-----\nMII!\n-----END CERTIFICATE-----\n" + pem));
        Assert.Equal("certificate 1 can't be read", Error("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + pem));
        Assert.Equal("it has more than 16 certificates", Error(string.Concat(Enumerable.Repeat(pem, 9))));
    }

    [Fact]
    public void Check_EachFault_IsFound()
    {
        using var chain = Parse(Issue("a.example"));
        using var other = CertificateKey.Create(KeyAlgorithm.ES384);
        Assert.Equal(CertificateChainFaults.WrongKey, chain.Check(other, [Identifier.Dns("a.example")], s_now));
        Assert.Equal(CertificateChainFaults.WrongName,
            chain.Check(_key, [Identifier.Dns("a.example"), Identifier.Dns("b.example")], s_now));
        Assert.Equal(CertificateChainFaults.WrongName, chain.Check(_key, [new Identifier("ip", "192.0.2.1")], s_now));
        Assert.Equal(CertificateChainFaults.Expired, chain.Check(_key, [Identifier.Dns("a.example")], s_now.AddDays(90)));
        Assert.Equal(CertificateChainFaults.None, chain.Check(_key, [Identifier.Dns("a.example")], s_now.AddDays(90).AddSeconds(-1)));
        Assert.Equal(CertificateChainFaults.NotYetValid, chain.Check(_key, [Identifier.Dns("a.example")], s_now.AddHours(-2)));
        Assert.Equal(
            CertificateChainFaults.WrongKey | CertificateChainFaults.WrongName | CertificateChainFaults.Expired,
            chain.Check(other, [Identifier.Dns("c.example")], s_now.AddYears(1)));
    }

    [Fact]
    public void Check_AnotherIssuerInBetween_IsOutOfOrder()
    {
        using var otherCa = new FakeCa("Other CA", s_now);
        using var one = Parse(Issue("a.example"));
        using var foreign = otherCa.IntermediateCertificate();
        using var chain = Parse(one.Leaf.ExportCertificatePem() + "\n" + foreign.ExportCertificatePem());
        Assert.Equal(CertificateChainFaults.OutOfOrder, chain.Check(_key, [Identifier.Dns("a.example")], s_now));
    }

    [Fact]
    public void Check_LeafLast_IsFound()
    {
        using var one = Parse(Issue("a.example"));
        using var chain = Parse(one.Certificates[1].ExportCertificatePem() + "\n" + one.Leaf.ExportCertificatePem());
        Assert.Equal(
            CertificateChainFaults.WrongKey | CertificateChainFaults.WrongName | CertificateChainFaults.OutOfOrder,
            chain.Check(_key, [Identifier.Dns("a.example")], s_now));
    }

    [Fact]
    public void TryParse_DamagedPem_NeverThrows()
    {
        var pem = Issue("a.example");
        Gen.Select(Gen.Int[0, pem.Length - 1], Gen.Char["-A=\n !z"], Gen.Int[0, 40]).Sample((index, replacement, length) =>
        {
            var damaged = string.Concat(pem.AsSpan(0, index), new string(replacement, length),
                pem.AsSpan(Math.Min(pem.Length, index + 20)));
            var parsed = CertificateChain.TryParse(damaged, out var chain, out var error);
            chain?.Dispose();
            return parsed == error is null;
        }, iter: 2000);
    }

    [Fact]
    public void Matches_SameKindOfKey_IsNotEnough()
    {
        using var chain = Parse(Issue("a.example"));
        using var other = CertificateKey.Create();
        Assert.False(other.Matches(chain.Leaf));
    }

    public void Dispose()
    {
        _ca.Dispose();
        _key.Dispose();
    }

    private string Issue(string name)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        var publicKey = _key.Use(static key => new PublicKey(key));
        var (leaf, chains) = _ca.Issue(publicKey, names.Build(), s_now.AddHours(-1), s_now.AddDays(90));
        leaf.Dispose();
        return chains[0];
    }

    private static CertificateChain Parse(string pem)
    {
        Assert.True(CertificateChain.TryParse(pem, out var chain, out var error), error);
        return chain;
    }

    private static string Error(string pem)
    {
        Assert.False(CertificateChain.TryParse(pem, out var chain, out var error));
        Assert.Null(chain);
        return error;
    }
}
