namespace Acme;

/// <summary>The kinds of key pairs this library makes and reads; named by their JWS algorithm. RFC 7518 §3.1.</summary>
public enum KeyAlgorithm
{
    /// <summary>ECDSA on P-256 with SHA-256. Every ACME server must take it for accounts: RFC 8555 §6.2.</summary>
    ES256,

    /// <summary>ECDSA on P-384 with SHA-384.</summary>
    ES384,

    /// <summary>RSA with PKCS#1 v1.5 padding and SHA-256; new keys have 2048 bits.</summary>
    RS256,
}
