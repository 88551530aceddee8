using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Acme.Testing;

/// <summary>Reads and verifies JWS by RFC 7515, with no code of the client's.</summary>
public sealed class FakeJws
{
    private readonly string _signed;
    private readonly byte[] _signature;

    private FakeJws(JsonObject header, byte[] payload, string signed, byte[] signature) =>
        (Header, Payload, _signed, _signature) = (header, payload, signed, signature);

    public JsonObject Header { get; }

    public byte[] Payload { get; }

    public string Algorithm => (string)Header["alg"]!;

    public string? Kid => (string?)Header["kid"];

    public JsonObject? Jwk => Header["jwk"]?.AsObject();

    public string? Nonce => (string?)Header["nonce"];

    public string? Url => (string?)Header["url"];

    public static FakeJws Parse(JsonNode json)
    {
        var jws = json.AsObject();
        if (jws.Count != 3) throw new FormatException("A flattened JWS has just protected, payload and signature.");
        var (header, payload) = ((string)jws["protected"]!, (string)jws["payload"]!);
        return new FakeJws(
            JsonNode.Parse(Decode(header))!.AsObject(), Decode(payload), $"{header}.{payload}", Decode((string)jws["signature"]!));
    }

    public bool IsSignedBy(JsonObject jwk)
    {
        var data = Encoding.ASCII.GetBytes(_signed);
        if ((string?)jwk["kty"] != (Algorithm == "RS256" ? "RSA" : "EC")) return false;
        switch (Algorithm)
        {
            case "RS256":
                using (var rsa = RSA.Create(new RSAParameters { Modulus = Part(jwk, "n"), Exponent = Part(jwk, "e") }))
                    return rsa.VerifyData(data, _signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            case "ES256":
                return IsSignedBy(jwk, ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256, data, 64);
            case "ES384":
                return IsSignedBy(jwk, ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384, data, 96);
            default:
                return false;
        }
    }

    public bool IsAuthenticatedBy(byte[] macKey)
    {
        var data = Encoding.ASCII.GetBytes(_signed);
        return Algorithm switch
        {
            "HS256" => HMACSHA256.HashData(macKey, data),
            "HS384" => HMACSHA384.HashData(macKey, data),
            "HS512" => HMACSHA512.HashData(macKey, data),
            _ => [],
        } is { Length: > 0 } mac && mac.AsSpan().SequenceEqual(_signature);
    }

    /// <summary>The thumbprint of RFC 7638, by its own way.</summary>
    public static string Thumbprint(JsonObject jwk)
    {
        string[] required = (string)jwk["kty"]! == "RSA" ? ["e", "kty", "n"] : ["crv", "kty", "x", "y"];
        var canonical = "{" + string.Join(',', required.Select(name => $"\"{name}\":\"{(string)jwk[name]!}\"")) + "}";
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
    }

    private bool IsSignedBy(JsonObject jwk, ECCurve curve, HashAlgorithmName hash, byte[] data, int length)
    {
        using var key = ECDsa.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = Part(jwk, "x"), Y = Part(jwk, "y") } });
        return _signature.Length == length && key.VerifyData(data, _signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static byte[] Part(JsonObject jwk, string name) => Decode((string)jwk[name]!);

    private static byte[] Decode(string text) =>
        text.Contains('=', StringComparison.Ordinal) ? throw new FormatException("Base64url has no padding here.")
            : Base64Url.DecodeFromChars(text);
}
