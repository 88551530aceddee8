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

    /// <summary>What a CA sends, and what of it is served. L: the certificate, I: its issuer, R: the root, X: the root certified by
    /// another one, x and i: X and I, expired; n: an issuer of the same name with another key; F: a foreign one.</summary>
    [Theory]
    [InlineData("LI", "LI")]
    [InlineData("LIR", "LIR")]
    [InlineData("LIX", "LIX")]
    [InlineData("IL", "LI")]
    [InlineData("RIL", "LIR")]
    [InlineData("LRI", "LIR")]
    [InlineData("LLI", "LI")]
    [InlineData("LII", "LI")]
    [InlineData("LIRR", "LIR")]
    [InlineData("LIF", "LI")]
    [InlineData("FLI", "LI")]
    [InlineData("LFI", "LI")]
    [InlineData("LnI", "LI")]
    [InlineData("LIx", "LI")]
    [InlineData("LIxX", "LIX")]
    [InlineData("LiI", "LI")]
    [InlineData("L", "L")]
    [InlineData("LL", "L")]
    public void Arrange_AnyOrder_IsThePathFromTheKeysCertificate(string received, string expected)
    {
        using var certificates = new Certificates(this);
        using var chain = Parse(certificates.Pem(received));
        using var arranged = chain.Arrange(_key, s_now);
        Assert.Equal(certificates.Pem(expected), arranged.Pem);
        Assert.Equal(CertificateChainFaults.None, arranged.Check(_key, [Identifier.Dns("a.example")], s_now));
    }

    [Theory]
    [InlineData("Li", CertificateChainFaults.IssuerExpired)]
    [InlineData("LiR", CertificateChainFaults.IssuerExpired)]
    [InlineData("LF", CertificateChainFaults.OutOfOrder)]
    [InlineData("IR", CertificateChainFaults.WrongKey | CertificateChainFaults.WrongName)]
    public void Arrange_NoUsablePath_IsForCheckToFind(string received, CertificateChainFaults faults)
    {
        using var certificates = new Certificates(this);
        using var chain = Parse(certificates.Pem(received));
        using var arranged = chain.Arrange(_key, s_now);
        Assert.Equal(faults, arranged.Check(_key, [Identifier.Dns("a.example")], s_now));
    }

    [Theory]
    [InlineData("LI", "Test Root")]
    [InlineData("IL", "Test Root")]
    [InlineData("LRI", "Test Root")]
    [InlineData("LXI", "Test Other Root")]
    [InlineData("LIF", "Test Root")]
    public void RootCommonName_AnyOrder_IsTheEndOfThePath(string received, string expected)
    {
        using var certificates = new Certificates(this);
        using var chain = Parse(certificates.Pem(received));
        Assert.Equal(expected, chain.RootCommonName);
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

    private sealed class Certificates : IDisposable
    {
        private readonly Dictionary<char, X509Certificate2> _byLetter;

        public Certificates(CertificateChainTests test)
        {
            using var sameName = new FakeCa("Test", s_now);
            using var foreign = new FakeCa("Other CA", s_now);
            var (longAgo, yesterday) = (s_now.AddYears(-10), s_now.AddDays(-1));
            _byLetter = new()
            {
                ['L'] = X509Certificate2.CreateFromPem(test.Issue("a.example")),
                ['I'] = test._ca.IntermediateCertificate(),
                ['i'] = test._ca.IntermediateCertificate(longAgo, yesterday),
                ['n'] = sameName.IntermediateCertificate(),
                ['R'] = test._ca.Root(),
                ['X'] = test._ca.CrossCertificate(longAgo, s_now.AddYears(5)),
                ['x'] = test._ca.CrossCertificate(longAgo, yesterday),
                ['F'] = foreign.IntermediateCertificate(),
            };
        }

        public string Pem(string letters) => string.Concat(letters.Select(one => _byLetter[one].ExportCertificatePem() + "\n"));

        public void Dispose()
        {
            foreach (var one in _byLetter.Values) one.Dispose();
        }
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
