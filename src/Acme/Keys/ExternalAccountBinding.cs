using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Acme;

/// <summary>The MAC algorithms of external account binding. RFC 7518 §3.2.</summary>
public enum MacAlgorithm
{
    /// <summary>HMAC with SHA-256; what CAs use.</summary>
    HS256,

    /// <summary>HMAC with SHA-384.</summary>
    HS384,

    /// <summary>HMAC with SHA-512.</summary>
    HS512,
}

/// <summary>Ties a new account to one that the CA knows already, by a MAC key that the CA handed out. RFC 8555 §7.3.4.</summary>
public sealed class ExternalAccountBinding : IEquatable<ExternalAccountBinding>
{
    private readonly byte[] _key;

    private ExternalAccountBinding(string keyId, byte[] key, MacAlgorithm algorithm)
    {
        KeyId = keyId;
        _key = key;
        Algorithm = algorithm;
    }

    /// <summary>The CA's name for the MAC key.</summary>
    public string KeyId { get; }

    /// <summary>What the binding is authenticated with.</summary>
    public MacAlgorithm Algorithm { get; }

    /// <summary>Reads the credentials that a CA shows on its pages.</summary>
    /// <param name="keyId">The key's name; not empty.</param>
    /// <param name="key">The key in base64url; padding, and base64 with <c>+</c> and <c>/</c>, are taken too. A secret.</param>
    /// <param name="algorithm">HS256 where the CA names none.</param>
    /// <param name="binding">The binding, when the credentials can be read.</param>
    /// <param name="error">What is wrong, else; it doesn't repeat the key.</param>
    /// <returns>Whether they can be read.</returns>
    public static bool TryCreate(
        string? keyId, string? key, MacAlgorithm algorithm,
        [NotNullWhen(true)] out ExternalAccountBinding? binding, [NotNullWhen(false)] out string? error)
    {
        binding = null;
        error = string.IsNullOrEmpty(keyId) ? "the key id is empty"
            : string.IsNullOrEmpty(key) ? "the key is empty"
            : !Enum.IsDefined(algorithm) ? "the algorithm is none of HS256, HS384 and HS512"
            : null;
        if (error is not null)
            return false;
        var text = key!.Trim().Replace('+', '-').Replace('/', '_').TrimEnd('=');
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (!Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length) || length == 0)
        {
            error = "the key is not base64url";
            return false;
        }

        binding = new ExternalAccountBinding(keyId!, bytes[..length], algorithm);
        return true;
    }

    /// <summary>Whether it is the same key under the same name, with the same algorithm.</summary>
    /// <param name="other">Another binding, or null.</param>
    /// <returns>Whether it is.</returns>
    public bool Equals(ExternalAccountBinding? other) =>
        other is not null && KeyId == other.KeyId && Algorithm == other.Algorithm
            && CryptographicOperations.FixedTimeEquals(_key, other._key);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ExternalAccountBinding);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(KeyId, Algorithm);

    /// <summary>Says which key it is, and nothing of the key.</summary>
    /// <returns>Key id and algorithm.</returns>
    public override string ToString() => $"{KeyId} {Algorithm}";

    internal byte[] Authenticate(ReadOnlySpan<byte> data) => Algorithm switch
    {
        MacAlgorithm.HS384 => HMACSHA384.HashData(_key, data),
        MacAlgorithm.HS512 => HMACSHA512.HashData(_key, data),
        _ => HMACSHA256.HashData(_key, data),
    };
}
