using System.Security.Cryptography;

namespace MailRecords.Tests;

public sealed class DkimKeyRecordTests
{
    private static readonly string s_rsa2048 = RsaKey(2048);
    private static readonly string s_rsa1024 = RsaKey(1024);
    private static readonly string s_rsa512 = RsaKey(512);
    private static readonly string s_ed25519 = Convert.ToBase64String(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
    private static readonly string s_ec = EcKey();

    [Theory]
    [InlineData("v=DKIM1; k=rsa; p=RSA2048", 2048)]
    [InlineData("p=RSA2048", 2048)]
    [InlineData("v=DKIM1; h=sha1:sha256; s=email:x; t=s; n=note; x=y; p=RSA1024;", 1024)]
    [InlineData("v=DKIM1; k=rsa; p=RSA512", 512)]
    [InlineData("v=DKIM1; k=ed25519; p=ED25519", 256)]
    [InlineData("v=DKIM1; p=", 0)]
    public void TryParse_Good_IsAKey(string text, int bits)
    {
        Assert.True(DkimKeyRecord.TryParse(Fill(text), out var record, out var error), error?.ToString());
        Assert.Equal(bits, record.Bits);
        Assert.False(record.IsTest || record.IsSha1Only);
    }

    [Fact]
    public void TryParse_OtherFormsOfTheSameKey_AreTaken()
    {
        using var rsa = RSA.Create(2048);
        var bare = Convert.ToBase64String(rsa.ExportRSAPublicKey());
        Assert.True(DkimKeyRecord.TryParse($"v=DKIM1; p={bare}", out var record, out _));
        Assert.Equal(2048, record.Bits);
        Assert.True(DkimKeyRecord.TryParse($"v=DKIM1; p={s_rsa2048[..50]} \t{s_rsa2048[50..]}", out record, out _));
        Assert.Equal(2048, record.Bits);
    }

    [Theory]
    [InlineData("v=DKIM2; p=RSA2048", 3, "expected the version DKIM1, found 'DKIM2'")]
    [InlineData("k=rsa; v=DKIM1; p=RSA2048", 8, "v= must be the first tag")]
    [InlineData("v=DKIM1; k=rsa", 15, "p=, the public key, is missing")]
    [InlineData("v=DKIM1; k=dsa; p=RSA2048", 12, "k='dsa' is not a key type; expected rsa or ed25519")]
    [InlineData("v=DKIM1; s=tlsrpt; p=RSA2048", 12, "excludes mail")]
    [InlineData("v=DKIM1; p=a!b", 12, "not valid base64")]
    [InlineData("v=DKIM1; p=AAAA", 12, "not an RSA key, or is truncated")]
    [InlineData("v=DKIM1; p=EC", 12, "the key is not an RSA key")]
    [InlineData("v=DKIM1; p=ED25519", 12, "try k=ed25519")]
    [InlineData("v=DKIM1; k=ed25519; p=RSA2048", 23, "has 32, without ASN.1")]
    [InlineData("v=DKIM1; p=RSA2048; p=", 0, "a second p=")]
    public void TryParse_Bad_SaysWhere(string text, int position, string what)
    {
        Assert.False(DkimKeyRecord.TryParse(Fill(text), out _, out var error));
        Assert.Contains(what, error.Message);
        if (position > 0) Assert.Equal(position, error.Position);
    }

    [Fact]
    public void TryParse_CutOff_IsNoKey()
    {
        for (var length = 4; length < s_rsa2048.Length; length += 4)
            Assert.False(DkimKeyRecord.TryParse($"v=DKIM1; p={s_rsa2048[..length]}", out _, out _));
        Assert.False(DkimKeyRecord.TryParse($"v=DKIM1; p={new string('A', 8192)}", out _, out var error));
        Assert.Contains("8192 characters", error.Message);
    }

    private static string Fill(string text) => text.Replace("p=RSA2048", $"p={s_rsa2048}")
        .Replace("p=RSA1024", $"p={s_rsa1024}").Replace("p=RSA512", $"p={s_rsa512}")
        .Replace("p=ED25519", $"p={s_ed25519}").Replace("p=EC", $"p={s_ec}");

    private static string RsaKey(int bits)
    {
        using var rsa = RSA.Create(bits);
        return Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo());
    }

    private static string EcKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }
}
