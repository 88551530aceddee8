using System.Buffers.Text;

namespace Acme;

/// <summary>The MAC algorithms of external account binding. RFC 7518 §3.2.</summary>
public enum MacAlgorithm
{
    /// <summary>HMAC with SHA-256, the usual one.</summary>
    HS256,

    /// <summary>HMAC with SHA-384.</summary>
    HS384,

    /// <summary>HMAC with SHA-512.</summary>
    HS512,
}

/// <summary>Binds a new ACME account to an existing account with the CA, by a MAC key from the CA. RFC 8555 §7.3.4.</summary>
public sealed class ExternalAccountBinding : IEquatable<ExternalAccountBinding>
{
    private readonly byte[] _key;

    private ExternalAccountBinding(string keyId, byte[] key, MacAlgorithm algorithm)
    {
        KeyId = keyId;
        _key = key;
        Algorithm = algorithm;
    }

    /// <summary>The CA's identifier for the MAC key.</summary>
    public string KeyId { get; }

    /// <summary>The MAC algorithm.</summary>
    public MacAlgorithm Algorithm { get; }

    /// <summary>Text that changes with the key, and doesn't reveal it: its MAC of a constant, in lower-case hexadecimal.</summary>
    public string Fingerprint => Convert.ToHexStringLower(Authenticate("fingerprint"u8));

    /// <summary>Reads credentials as a CA displays them.</summary>
    /// <param name="keyId">The key's identifier; not empty.</param>
    /// <param name="key">The key, a secret, in base64url or base64, with or without padding.</param>
    /// <param name="algorithm">HS256 unless the CA says otherwise.</param>
    /// <param name="binding">The binding.</param>
    /// <param name="error">What is wrong; never repeats the key.</param>
    public static bool TryCreate(
        string? keyId, string? key, MacAlgorithm algorithm,
        [NotNullWhen(true)] out ExternalAccountBinding? binding, [NotNullWhen(false)] out string? error)
    {
        binding = null;
        error = string.IsNullOrEmpty(keyId) ? "the key id is empty"
            : string.IsNullOrEmpty(key) ? "the key is empty"
            : !Enum.IsDefined(algorithm) ? "expected the algorithm HS256, HS384 or HS512"
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

    /// <summary>Whether key, identifier and algorithm are the same.</summary>
    public bool Equals(ExternalAccountBinding? other) =>
        other is not null && KeyId == other.KeyId && Algorithm == other.Algorithm
            && CryptographicOperations.FixedTimeEquals(_key, other._key);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ExternalAccountBinding);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(KeyId, Algorithm);

    /// <summary>The identifier and the algorithm, without any key material.</summary>
    public override string ToString() => $"{KeyId} {Algorithm}";

    internal byte[] Authenticate(ReadOnlySpan<byte> data) => Algorithm switch
    {
        MacAlgorithm.HS384 => HMACSHA384.HashData(_key, data),
        MacAlgorithm.HS512 => HMACSHA512.HashData(_key, data),
        _ => HMACSHA256.HashData(_key, data),
    };
}
