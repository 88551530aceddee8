namespace MtaSts;

/// <summary>Why a policy could not be fetched. RFC 8461 §3.3.</summary>
public enum PolicyFetchFailure
{
    /// <summary>The policy host has no address in DNS.</summary>
    HostNotFound,

    /// <summary>The lookup of the policy host's addresses failed; they are unknown.</summary>
    ResolutionFailed,

    /// <summary>No address of the policy host accepts a TCP connection.</summary>
    Unreachable,

    /// <summary>The TLS handshake failed before a certificate could be checked, or TLS 1.2 is not offered.</summary>
    TlsHandshake,

    /// <summary>The chain doesn't end at a trusted root, lacks an intermediate, or is not for servers.</summary>
    CertificateUntrusted,

    /// <summary>No DNS-ID of the certificate matches the policy host; a common name alone doesn't count.</summary>
    CertificateName,

    /// <summary>The certificate, or one above it, has expired or is not valid yet.</summary>
    CertificateExpired,

    /// <summary>The whole response did not arrive in time.</summary>
    Timeout,

    /// <summary>The connection broke before the whole response arrived.</summary>
    ConnectionLost,

    /// <summary>The response is not HTTP/1.1, or its header is too long.</summary>
    Protocol,

    /// <summary>The response is a redirect, which senders must not follow.</summary>
    Redirect,

    /// <summary>The response has a status other than 200.</summary>
    Status,

    /// <summary>The response's media type is missing or not <c>text/plain</c>.</summary>
    MediaType,

    /// <summary>The response is compressed, which the request didn't allow.</summary>
    ContentEncoding,

    /// <summary>The body has more than <see cref="Policy.MaxBodyBytes"/> bytes.</summary>
    TooLarge,

    /// <summary>The body is not a policy; see <see cref="PolicyFetchException.ParseError"/>.</summary>
    InvalidPolicy,
}
