namespace Acme;

/// <summary>
/// The error types of RFC 8555 §6.7, RFC 9773 §7.4 and the profiles draft. Each is <c>urn:ietf:params:acme:error:</c> and its name.
/// </summary>
public enum AcmeErrorType
{
    /// <summary>An unknown type, or none; see <see cref="AcmeProblem.Type"/>.</summary>
    Unknown,

    /// <summary>The key has no account.</summary>
    AccountDoesNotExist,

    /// <summary>The certificate is already revoked.</summary>
    AlreadyRevoked,

    /// <summary>The certificate of <c>replaces</c> has already been replaced. RFC 9773 §5.</summary>
    AlreadyReplaced,

    /// <summary>The certificate signing request is not acceptable.</summary>
    BadCSR,

    /// <summary>The nonce is not acceptable, and all retries are used up.</summary>
    BadNonce,

    /// <summary>The server doesn't accept keys of this kind.</summary>
    BadPublicKey,

    /// <summary>The server doesn't accept this revocation reason.</summary>
    BadRevocationReason,

    /// <summary>The server doesn't accept this signature algorithm.</summary>
    BadSignatureAlgorithm,

    /// <summary>CAA records forbid the CA to issue.</summary>
    Caa,

    /// <summary>Several things are wrong; see <see cref="AcmeProblem.Subproblems"/>.</summary>
    Compound,

    /// <summary>The server could not connect to the host to validate.</summary>
    Connection,

    /// <summary>A DNS query failed during validation.</summary>
    Dns,

    /// <summary>Accounts need an external account binding.</summary>
    ExternalAccountRequired,

    /// <summary>The response to a challenge was not the expected one.</summary>
    IncorrectResponse,

    /// <summary>A contact URL is not acceptable.</summary>
    InvalidContact,

    /// <summary>The profile is unknown, or not available to this account.</summary>
    InvalidProfile,

    /// <summary>The request is malformed.</summary>
    Malformed,

    /// <summary>The order is not ready to be finalized.</summary>
    OrderNotReady,

    /// <summary>Too many requests.</summary>
    RateLimited,

    /// <summary>The server does not issue for this identifier.</summary>
    RejectedIdentifier,

    /// <summary>An internal server error.</summary>
    ServerInternal,

    /// <summary>A TLS error during validation.</summary>
    Tls,

    /// <summary>The client is not authorized.</summary>
    Unauthorized,

    /// <summary>The server doesn't support contacts with this URI scheme.</summary>
    UnsupportedContact,

    /// <summary>The server doesn't issue for identifiers of this type.</summary>
    UnsupportedIdentifier,

    /// <summary>The operator must visit <see cref="AcmeProblem.Instance"/>, for example to agree to new terms.</summary>
    UserActionRequired,
}
