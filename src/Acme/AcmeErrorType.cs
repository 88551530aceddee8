namespace Acme;

/// <summary>
/// The error types of RFC 8555 §6.7, RFC 9773 §7.4 and the profiles draft. Each is <c>urn:ietf:params:acme:error:</c> and its name.
/// </summary>
public enum AcmeErrorType
{
    /// <summary>A type that this library doesn't know, or none; see <see cref="AcmeProblem.Type"/>.</summary>
    Unknown,

    /// <summary>There is no account for that key.</summary>
    AccountDoesNotExist,

    /// <summary>The certificate is revoked already.</summary>
    AlreadyRevoked,

    /// <summary>The certificate of <c>replaces</c> has been replaced already: RFC 9773 §5.</summary>
    AlreadyReplaced,

    /// <summary>The certificate signing request is not acceptable.</summary>
    BadCSR,

    /// <summary>The nonce is not acceptable; the client has tried again as often as it may.</summary>
    BadNonce,

    /// <summary>The server doesn't take such keys.</summary>
    BadPublicKey,

    /// <summary>The server doesn't take that reason for a revocation.</summary>
    BadRevocationReason,

    /// <summary>The server doesn't take that signature algorithm.</summary>
    BadSignatureAlgorithm,

    /// <summary>CAA records forbid the CA to issue.</summary>
    Caa,

    /// <summary>Several things are wrong; see <see cref="AcmeProblem.Subproblems"/>.</summary>
    Compound,

    /// <summary>The server could not connect to the host that is to be validated.</summary>
    Connection,

    /// <summary>A DNS query failed during validation.</summary>
    Dns,

    /// <summary>An account needs an external account binding here.</summary>
    ExternalAccountRequired,

    /// <summary>The response to a challenge was not the expected one.</summary>
    IncorrectResponse,

    /// <summary>A contact URL is not acceptable.</summary>
    InvalidContact,

    /// <summary>The server doesn't know the profile, or not for this account.</summary>
    InvalidProfile,

    /// <summary>The request is malformed.</summary>
    Malformed,

    /// <summary>The order is not ready to be finalized.</summary>
    OrderNotReady,

    /// <summary>Too many requests.</summary>
    RateLimited,

    /// <summary>The server will not issue for that identifier.</summary>
    RejectedIdentifier,

    /// <summary>The server failed.</summary>
    ServerInternal,

    /// <summary>The server met a TLS error during validation.</summary>
    Tls,

    /// <summary>The client may not do that.</summary>
    Unauthorized,

    /// <summary>The server doesn't know contacts of that scheme.</summary>
    UnsupportedContact,

    /// <summary>The server doesn't issue for identifiers of that type.</summary>
    UnsupportedIdentifier,

    /// <summary>Somebody must visit <see cref="AcmeProblem.Instance"/>, to agree to new terms for instance.</summary>
    UserActionRequired,
}
