using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Acme;

/// <summary>A public key as RFC 7517 has it, its members in the order and without the spaces that RFC 7638 §3 hashes.</summary>
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
            $$"""{"crv":"P-{{key.KeySize}}","kty":"EC","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""");
    }

    public static JsonWebKey From(RSA key)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return new JsonWebKey(
            $$"""{"e":"{{Base64Url.EncodeToString(parameters.Exponent)}}","kty":"RSA","n":"{{Base64Url.EncodeToString(parameters.Modulus)}}"}""");
    }
}
