using System.Security.Cryptography;

namespace Acme.Tests;

public sealed class AccountKeyTests
{
    // RFC 7638 §3.1: the modulus of its RSA key, and the thumbprint.
    private const string Modulus =
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY"
        + "4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbO"
        + "pbISD08qNLyrdkt-bFTW"
        + "hAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

    // RFC 7515 A.3: a P-256 key.
    private const string X = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    private const string Y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    [Fact]
    public void Thumbprint_RsaKeyOfRfc7638_IsTheOneThere()
    {
        using var rsa = RSA.Create(new RSAParameters { Modulus = Decode(Modulus), Exponent = Decode("AQAB") });
        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", JsonWebKey.From(rsa).Thumbprint);
    }

    [Fact]
    public void Json_EcKeyOfRfc7515_HasTheMembersInOrder()
    {
        using var ec = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Decode(X), Y = Decode(Y) } });
        Assert.Equal($$"""{"crv":"P-256","kty":"EC","x":"{{X}}","y":"{{Y}}"}""", JsonWebKey.From(ec).Json);
    }

    [Theory]
    [InlineData(KeyAlgorithm.ES256)]
    [InlineData(KeyAlgorithm.ES384)]
    [InlineData(KeyAlgorithm.RS256)]
    public void FromPem_ExportedKey_IsTheSameKey(KeyAlgorithm algorithm)
    {
        using var key = AccountKey.Create(algorithm);
        using var read = AccountKey.FromPem(key.ExportPem());
        Assert.Equal(algorithm, read.Algorithm);
        Assert.Equal(key.Thumbprint, read.Thumbprint);
        Assert.Equal(43, read.Thumbprint.Length);
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----\n", key.ExportPem(), StringComparison.Ordinal);
    }

    [Fact]
    public void FromPem_Sec1AndPkcs1_AreRead()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        using var one = AccountKey.FromPem(ec.ExportECPrivateKeyPem());
        using var two = AccountKey.FromPem(rsa.ExportRSAPrivateKeyPem());
        Assert.Equal((KeyAlgorithm.ES384, KeyAlgorithm.RS256), (one.Algorithm, two.Algorithm));
    }

    public static TheoryData<string, string> NoKeys()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var p521 = ECDsa.Create(ECCurve.NamedCurves.nistP521);
        using var weak = RSA.Create(1024);
        var pbe = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
        return new()
        {
            { "empty", "" },
            { "garbage", "no key" },
            { "public", ec.ExportSubjectPublicKeyInfoPem() },
            { "encrypted", ec.ExportEncryptedPkcs8PrivateKeyPem("secret", pbe) },
            { "cut", ec.ExportPkcs8PrivateKeyPem()[..60] },
            { "P-521", p521.ExportPkcs8PrivateKeyPem() },
            { "RSA 1024", weak.ExportPkcs8PrivateKeyPem() },
        };
    }

    [Theory]
    [MemberData(nameof(NoKeys))]
    public void FromPem_NoUsableKey_ThrowsWithoutTheText(string what, string pem)
    {
        var error = Assert.Throws<CryptographicException>(() => AccountKey.FromPem(pem));
        Assert.Null(error.InnerException);
        Assert.True(pem.Length == 0 || !error.ToString().Contains(pem, StringComparison.Ordinal), what);
    }

    [Fact]
    public void ToString_AnyKey_ShowsTheAlgorithmAlone()
    {
        using var key = AccountKey.Create();
        Assert.Equal("AccountKey ES256", key.ToString());
        Assert.DoesNotContain("PRIVATE", new AccountCredentials(key, new Uri("https://acme.test/account/1")).ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sign_ManyThreads_AllSignaturesAreGood()
    {
        using var key = AccountKey.Create();
        using var check = ECDsa.Create();
        check.ImportFromPem(key.ExportPem());
        var data = new byte[100];
        var signatures = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => key.Sign(data))));
        Assert.All(signatures, one => Assert.True(
            check.VerifyData(data, one, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)));
    }

    private static byte[] Decode(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);
}
