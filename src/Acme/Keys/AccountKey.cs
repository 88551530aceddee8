namespace Acme;

/// <summary>An account's key pair, which signs all of the account's requests. RFC 8555 §6.2.</summary>
public sealed class AccountKey : AcmeKey
{
    private AccountKey(System.Security.Cryptography.AsymmetricAlgorithm key)
        : base(key)
    {
    }

    /// <summary>The key's JWK thumbprint with SHA-256, in base64url: 43 characters. RFC 7638; not a secret.</summary>
    public string Thumbprint => Jwk.Thumbprint;

    /// <summary>Generates a key. Every server supports ES256.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The algorithm is not defined.</exception>
    public static AccountKey Create(KeyAlgorithm algorithm = KeyAlgorithm.ES256) => new(Generate(algorithm));

    /// <summary>Reads a key, also that of another ACME client, from PEM: PKCS#8, SEC 1 or PKCS#1, not encrypted.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The text has no such key.</exception>
    public static AccountKey FromPem(string pem) => new(Import(pem));
}
