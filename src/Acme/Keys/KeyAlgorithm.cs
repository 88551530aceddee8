namespace Acme;

/// <summary>The supported kinds of key pairs, named after their JWS algorithms. RFC 7518 §3.1.</summary>
public enum KeyAlgorithm
{
    /// <summary>ECDSA on P-256 with SHA-256. ACME servers must support it for accounts: RFC 8555 §6.2.</summary>
    ES256,

    /// <summary>ECDSA on P-384 with SHA-384.</summary>
    ES384,

    /// <summary>RSA with PKCS#1 v1.5 padding and SHA-256; new keys have 2048 bits.</summary>
    RS256,
}
