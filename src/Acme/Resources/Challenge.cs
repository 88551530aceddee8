using System.Security.Cryptography;
using System.Text;

namespace Acme;

/// <summary>The states of a challenge. RFC 8555 §7.1.6.</summary>
public enum ChallengeStatus
{
    /// <summary>A state that this library doesn't know.</summary>
    Unknown,

    /// <summary>Waits for the client to respond.</summary>
    Pending,

    /// <summary>The server is validating, or will again.</summary>
    Processing,

    /// <summary>The server is satisfied.</summary>
    Valid,

    /// <summary>Validation has failed.</summary>
    Invalid,
}

/// <summary>One way to show control of an identifier. RFC 8555 §7.1.5, §8.</summary>
public sealed record Challenge
{
    /// <summary>The challenge over HTTP on port 80: RFC 8555 §8.3.</summary>
    public const string Http01 = "http-01";

    /// <summary>The challenge in a TLS handshake on port 443: RFC 8737.</summary>
    public const string TlsAlpn01 = "tls-alpn-01";

    /// <summary>The challenge by a TXT record: RFC 8555 §8.4.</summary>
    public const string Dns01 = "dns-01";

    /// <summary>The path before the token that the server fetches for <see cref="Http01"/>: RFC 8555 §8.3.</summary>
    public const string Http01Path = "/.well-known/acme-challenge/";

    private const int LongestToken = 256;

    /// <summary><see cref="Http01"/>, <see cref="TlsAlpn01"/>, <see cref="Dns01"/> or one that this library doesn't know.</summary>
    public required string Type { get; init; }

    /// <summary>Where the client responds.</summary>
    public required Uri Url { get; init; }

    /// <summary>How far it is.</summary>
    public required ChallengeStatus Status { get; init; }

    /// <summary>
    /// The server's random value: 1 to 256 characters of base64url, so it is safe in a path. Null only where a type that this
    /// library doesn't know has none.
    /// </summary>
    public string? Token { get; init; }

    /// <summary>When the server was satisfied; null before.</summary>
    public DateTimeOffset? Validated { get; init; }

    /// <summary>Why validation failed; null when it has not.</summary>
    public AcmeProblem? Error { get; init; }

    /// <summary>When to look again, from this answer's <c>Retry-After</c>; null when it has none.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// The token and the thumbprint of the account's key with a dot between them: RFC 8555 §8.1. It is the whole body that the
    /// server wants for <see cref="Http01"/>, and what <see cref="TlsAlpn01Certificate"/> is made of.
    /// </summary>
    /// <param name="key">The key of the account that the challenge belongs to.</param>
    /// <returns>The key authorization, in ASCII.</returns>
    /// <exception cref="InvalidOperationException">The challenge has no token.</exception>
    public string KeyAuthorization(AccountKey key) => Token is null
        ? throw new InvalidOperationException($"A challenge of the type {Type} without a token has no key authorization.")
        : $"{Token}.{key.Thumbprint}";

    /// <summary>The SHA-256 of a key authorization: what <see cref="TlsAlpn01"/> proves, RFC 8737 §3.</summary>
    /// <param name="keyAuthorization">From <see cref="KeyAuthorization"/>.</param>
    /// <returns>32 bytes.</returns>
    public static byte[] Digest(string keyAuthorization) => SHA256.HashData(Encoding.ASCII.GetBytes(keyAuthorization));

    /// <summary>Whether a text can be a token: 1 to 256 characters of base64url. RFC 8555 §8.3.</summary>
    /// <param name="text">From the path of a request, say.</param>
    /// <returns>Whether it can.</returns>
    public static bool IsToken(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= LongestToken && !text.ContainsAnyExcept(Base64UrlAlphabet.Characters);

    /// <summary>Type and state; the token doesn't belong into logs.</summary>
    /// <returns>Type and state.</returns>
    public override string ToString() => $"{Type} {Status}";
}
