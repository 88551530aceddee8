namespace Acme;

/// <summary>The states of a challenge. RFC 8555 §7.1.6.</summary>
public enum ChallengeStatus
{
    /// <summary>An unknown state.</summary>
    Unknown,

    /// <summary>Waiting for the client's response.</summary>
    Pending,

    /// <summary>Validation is running, or will be retried.</summary>
    Processing,

    /// <summary>Validation succeeded.</summary>
    Valid,

    /// <summary>Validation failed.</summary>
    Invalid,
}

/// <summary>One way to prove control of an identifier. RFC 8555 §7.1.5, §8.</summary>
public sealed record Challenge
{
    /// <summary>The challenge over HTTP on port 80: RFC 8555 §8.3.</summary>
    public const string Http01 = "http-01";

    /// <summary>The challenge in a TLS handshake on port 443: RFC 8737.</summary>
    public const string TlsAlpn01 = "tls-alpn-01";

    /// <summary>The challenge by a TXT record: RFC 8555 §8.4.</summary>
    public const string Dns01 = "dns-01";

    /// <summary>The path that the server fetches for <see cref="Http01"/>, without the token: RFC 8555 §8.3.</summary>
    public const string Http01Path = "/.well-known/acme-challenge/";

    private const int LongestToken = 256;

    /// <summary><see cref="Http01"/>, <see cref="TlsAlpn01"/>, <see cref="Dns01"/> or an unknown one.</summary>
    public required string Type { get; init; }

    /// <summary>The URL for the response.</summary>
    public required Uri Url { get; init; }

    /// <summary>The state.</summary>
    public required ChallengeStatus Status { get; init; }

    /// <summary>The server's random value: 1 to 256 characters of base64url, safe in a path. Null for unknown types only.</summary>
    public string? Token { get; init; }

    /// <summary>When validation succeeded; null before.</summary>
    public DateTimeOffset? Validated { get; init; }

    /// <summary>Why validation failed; else null.</summary>
    public AcmeProblem? Error { get; init; }

    /// <summary>When to fetch it again, from <c>Retry-After</c>; null without one.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// Whether validation has failed, for a challenge that the client has responded to: it is invalid, or pending again with an error, as
    /// step-ca and Caddy leave it. While the server itself retries, it is processing, also with an error: RFC 8555 §8.2.
    /// </summary>
    public bool HasFailed => Status == ChallengeStatus.Invalid || (Status == ChallengeStatus.Pending && Error is not null);

    /// <summary>
    /// The token and the thumbprint of the account's key, separated by a dot: RFC 8555 §8.1. The whole body of the response for
    /// <see cref="Http01"/>, and the input of <see cref="TlsAlpn01Certificate"/>.
    /// </summary>
    /// <param name="key">The key of the account that the challenge belongs to.</param>
    /// <returns>The key authorization, in ASCII.</returns>
    /// <exception cref="InvalidOperationException">The challenge has no token.</exception>
    public string KeyAuthorization(AccountKey key) => Token is null
        ? throw new InvalidOperationException($"A challenge of the type {Type} without a token has no key authorization.")
        : $"{Token}.{key.Thumbprint}";

    /// <summary>The SHA-256 of a <see cref="KeyAuthorization"/>, 32 bytes, for <see cref="TlsAlpn01"/>: RFC 8737 §3.</summary>
    public static byte[] Digest(string keyAuthorization) => SHA256.HashData(Encoding.ASCII.GetBytes(keyAuthorization));

    /// <summary>Whether a text has the form of a token: 1 to 256 characters of base64url. RFC 8555 §8.3.</summary>
    public static bool IsToken(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= LongestToken && !text.ContainsAnyExcept(Base64UrlAlphabet.Characters);

    /// <summary>Type and state; tokens don't belong in logs.</summary>
    public override string ToString() => $"{Type} {Status}";
}
