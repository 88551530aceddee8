namespace Acme;

/// <summary>Where an operation failed.</summary>
public enum AcmeFailure
{
    /// <summary>The server refused with a problem document: <see cref="AcmeException.Problem"/> has it. RFC 8555 §6.7.</summary>
    Problem,

    /// <summary>The server refused, or something before it, with a status but no problem document. A redirect is one too.</summary>
    Status,

    /// <summary>No connection, or it broke before the whole answer had come. Whether the server acted is not known.</summary>
    Network,

    /// <summary>The TLS handshake failed, or the server's certificate is not trusted. Nothing was sent.</summary>
    Tls,

    /// <summary>The answer did not come in time. Whether the server acted is not known.</summary>
    Timeout,

    /// <summary>The answer is not what RFC 8555 says: wrong media type, broken JSON, a missing header or URL, or too long.</summary>
    InvalidResponse,

    /// <summary>The server's directory doesn't have that operation. RFC 8555 §7.1.1.</summary>
    NotOffered,
}
