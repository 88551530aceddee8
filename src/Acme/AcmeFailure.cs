namespace Acme;

/// <summary>Where an operation failed.</summary>
public enum AcmeFailure
{
    /// <summary>The server refused with a problem document, <see cref="AcmeException.Problem"/>. RFC 8555 §6.7.</summary>
    Problem,

    /// <summary>The server or a proxy refused with a status and no problem document, or redirected.</summary>
    Status,

    /// <summary>The connection failed or broke before the whole response arrived. The server may have acted.</summary>
    Network,

    /// <summary>The TLS handshake failed, or the server's certificate is not trusted. Nothing was sent.</summary>
    Tls,

    /// <summary>No response in time. The server may have acted.</summary>
    Timeout,

    /// <summary>The response violates RFC 8555: wrong media type, malformed JSON, a missing header or URL, or too long.</summary>
    InvalidResponse,

    /// <summary>The server's directory doesn't list the operation. RFC 8555 §7.1.1.</summary>
    NotOffered,
}
