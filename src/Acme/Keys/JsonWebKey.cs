using System.Buffers.Text;

namespace Acme;

/// <summary>A public key in JSON, in the canonical form that RFC 7638 §3 hashes.</summary>
internal sealed class JsonWebKey
{
    private JsonWebKey(string json)
    {
        Json = json;
        Thumbprint = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(json)));
    }

    public string Json { get; }

    public string Thumbprint { get; }

    public static JsonWebKey From(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new JsonWebKey(
            $$"""{"crv":"P-{{key.KeySize}}","kty":"EC","x":"{{Encode(point.X)}}","y":"{{Encode(point.Y)}}"}""");
    }

    public static JsonWebKey From(RSA key)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return new JsonWebKey(
            $$"""{"e":"{{Encode(parameters.Exponent)}}","kty":"RSA","n":"{{Encode(parameters.Modulus)}}"}""");
    }

    private static string Encode(byte[]? bytes) => Base64Url.EncodeToString(bytes);
}
