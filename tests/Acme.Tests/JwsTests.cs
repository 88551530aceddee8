using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Acme.Testing;
using CsCheck;

namespace Acme.Tests;

public sealed class JwsTests
{
    [Theory]
    [InlineData(KeyAlgorithm.ES256, 64)]
    [InlineData(KeyAlgorithm.ES384, 96)]
    [InlineData(KeyAlgorithm.RS256, 256)]
    public void Sign_NewKey_IsGoodAndCarriesThePublicKey(KeyAlgorithm algorithm, int length)
    {
        using var key = AccountKey.Create(algorithm);
        var json = JsonNode.Parse(Jws.Sign(key, null, "n0nce", "https://acme.test/newAccount", "{}"u8))!;
        var jws = FakeJws.Parse(json);
        Assert.Equal(length, Base64Url.DecodeFromChars((string)json["signature"]!).Length);
        Assert.Equal((algorithm.ToString(), "n0nce", "https://acme.test/newAccount", null), (jws.Algorithm, jws.Nonce, jws.Url, jws.Kid));
        Assert.Equal(key.Jwk.Json, jws.Jwk!.ToJsonString());
        Assert.True(jws.IsSignedBy(jws.Jwk));
        Assert.Equal("{}", Encoding.UTF8.GetString(jws.Payload));
    }

    [Fact]
    public void Sign_WithKid_HasNoJwk()
    {
        using var key = AccountKey.Create();
        var jws = FakeJws.Parse(JsonNode.Parse(Jws.Sign(key, "https://acme.test/account/1", "n", "https://acme.test/x?a=1&b=2", default))!);
        Assert.Null(jws.Jwk);
        Assert.Equal("https://acme.test/account/1", jws.Kid);
        Assert.Equal("https://acme.test/x?a=1&b=2", jws.Url);
        Assert.Empty(jws.Payload);
    }

    [Fact]
    public void Sign_PostAsGet_HasAnEmptyPayloadText()
    {
        using var key = AccountKey.Create();
        Assert.Equal("", (string?)JsonNode.Parse(Jws.Sign(key, "k", "n", "u", default))!["payload"]);
    }

    [Fact]
    public void Sign_AnyPayloadAndUrl_ComesBack()
    {
        using var key = AccountKey.Create();
        Gen.Select(Gen.Byte.Array[0, 200], Gen.String).Sample((payload, url) =>
        {
            if (url.Any(char.IsSurrogate)) return true;
            var jws = FakeJws.Parse(JsonNode.Parse(Jws.Sign(key, null, null, url, payload))!);
            return jws.Url == url && jws.Payload.AsSpan().SequenceEqual(payload) && jws.Nonce is null && jws.IsSignedBy(jws.Jwk!);
        }, iter: 200);
    }

    // RFC 7515 A.1: the same key and data by the same function.
    [Fact]
    public void Authenticate_ExampleOfRfc7515_GivesItsMac()
    {
        Assert.True(ExternalAccountBinding.TryCreate(
            "kid", "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow", MacAlgorithm.HS256,
            out var binding, out _));
        var mac = binding.Authenticate(
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAs"u8
                + "DQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"u8);
        Assert.Equal("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", Base64Url.EncodeToString(mac));
    }

    [Theory]
    [InlineData(MacAlgorithm.HS256)]
    [InlineData(MacAlgorithm.HS384)]
    [InlineData(MacAlgorithm.HS512)]
    public void Authenticate_Binding_IsGoodAndHasNoNonce(MacAlgorithm algorithm)
    {
        Assert.True(ExternalAccountBinding.TryCreate("kid-1", "c2VjcmV0", algorithm, out var binding, out _));
        var jws = FakeJws.Parse(JsonNode.Parse(Jws.Authenticate(binding, "https://acme.test/newAccount", "{}"u8))!);
        Assert.Equal((algorithm.ToString(), "kid-1", "https://acme.test/newAccount", null), (jws.Algorithm, jws.Kid, jws.Url, jws.Nonce));
        Assert.True(jws.IsAuthenticatedBy("secret"u8.ToArray()));
        Assert.False(jws.IsAuthenticatedBy("Secret"u8.ToArray()));
    }

    [Theory]
    [InlineData("-_8")] // base64url
    [InlineData("-_8=")]
    [InlineData("+/8=")] // base64
    [InlineData(" +/8= ")]
    public void TryCreate_KeyInAnyBase64_IsRead(string key)
    {
        Assert.True(ExternalAccountBinding.TryCreate("kid", key, MacAlgorithm.HS256, out var binding, out _));
        Assert.Equal(System.Security.Cryptography.HMACSHA256.HashData([0xfb, 0xff], "x"u8), binding.Authenticate("x"u8));
        Assert.Equal("kid HS256", binding.ToString());
    }

    [Theory]
    [InlineData(null, "c2VjcmV0", "the key id is empty")]
    [InlineData("", "c2VjcmV0", "the key id is empty")]
    [InlineData("kid", null, "the key is empty")]
    [InlineData("kid", "", "the key is empty")]
    [InlineData("kid", "====", "the key is not base64url")]
    [InlineData("kid", "not a key!", "the key is not base64url")]
    [InlineData("kid", "abcde", "the key is not base64url")]
    public void TryCreate_NoCredentials_SaysWhyWithoutTheKey(string? keyId, string? key, string expected)
    {
        Assert.False(ExternalAccountBinding.TryCreate(keyId, key, MacAlgorithm.HS256, out var binding, out var error));
        Assert.Null(binding);
        Assert.Equal(expected, error);
    }

    [Fact]
    public void TryCreate_AnyText_NeverThrowsNorRepeatsTheKey() =>
        Gen.String.Sample(static key => ExternalAccountBinding.TryCreate("kid", key, MacAlgorithm.HS512, out _, out var error)
            || key.Length < 4 || !error.Contains(key, StringComparison.Ordinal));
}
