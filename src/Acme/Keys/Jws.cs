using System.Buffers;
using System.Buffers.Text;

namespace Acme;

/// <summary>JSON Web Signatures in the flattened JSON serialization. RFC 7515 §7.2.2, RFC 8555 §6.2.</summary>
internal static class Jws
{
    /// <summary>Signs a request's body.</summary>
    /// <param name="key">The signing key.</param>
    /// <param name="kid">The account's URL; null to send the public key instead.</param>
    /// <param name="nonce">Null only for a JWS inside another one.</param>
    /// <param name="url">The request's URL.</param>
    /// <param name="payload">Empty for POST-as-GET: RFC 8555 §6.3.</param>
    public static byte[] Sign(AcmeKey key, string? kid, string? nonce, string url, ReadOnlySpan<byte> payload) =>
        Serialize(Header(key.Algorithm.ToString(), kid is null ? key.Jwk : null, kid, nonce, url), payload, key.Sign);

    /// <summary>Authenticates a body with a MAC key. RFC 8555 §7.3.4.</summary>
    public static byte[] Authenticate(
        ExternalAccountBinding binding, string url, ReadOnlySpan<byte> payload) =>
        Serialize(Header(binding.Algorithm.ToString(), null, binding.KeyId, null, url), payload, binding.Authenticate);

    private static byte[] Header(string algorithm, JsonWebKey? jwk, string? kid, string? nonce, string url) => Write(writer =>
    {
        writer.WriteString("alg", algorithm);
        if (jwk is not null)
        {
            writer.WritePropertyName("jwk");
            writer.WriteRawValue(jwk.Json);
        }

        if (kid is not null)
            writer.WriteString("kid", kid);
        if (nonce is not null)
            writer.WriteString("nonce", nonce);
        writer.WriteString("url", url);
    });

    private static byte[] Serialize(byte[] header, ReadOnlySpan<byte> payload, Func<ReadOnlySpan<byte>, byte[]> sign)
    {
        var protectedText = Base64Url.EncodeToString(header);
        var payloadText = Base64Url.EncodeToString(payload);
        var signature = sign(Encoding.ASCII.GetBytes($"{protectedText}.{payloadText}"));
        return Write(writer =>
        {
            writer.WriteString("protected", protectedText);
            writer.WriteString("payload", payloadText);
            writer.WriteString("signature", Base64Url.EncodeToString(signature));
        });
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
