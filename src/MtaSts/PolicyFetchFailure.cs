namespace MtaSts;

/// <summary>Why a policy could not be fetched. RFC 8461 §3.3.</summary>
public enum PolicyFetchFailure
{
    /// <summary>The policy host has no address in DNS.</summary>
    HostNotFound,

    /// <summary>DNS gave no answer about the policy host; whether it has an address is not known.</summary>
    ResolutionFailed,

    /// <summary>No address of the policy host takes a TCP connection.</summary>
    Unreachable,

    /// <summary>The TLS handshake failed before a certificate could be judged, or TLS 1.2 is not offered.</summary>
    TlsHandshake,

    /// <summary>The chain ends at no trusted root, lacks an intermediate, or may not be used for a server.</summary>
    CertificateUntrusted,

    /// <summary>No DNS-ID of the certificate matches the policy host; a common name alone doesn't count.</summary>
    CertificateName,

    /// <summary>The certificate, or one above it, is past its end or before its start.</summary>
    CertificateExpired,

    /// <summary>The whole answer did not come in time.</summary>
    Timeout,

    /// <summary>The connection broke off before the whole answer had come.</summary>
    ConnectionLost,

    /// <summary>The answer is not HTTP/1.1, or its header is too long.</summary>
    Protocol,

    /// <summary>The answer is a redirect; senders must not follow it.</summary>
    Redirect,

    /// <summary>The answer has another status than 200.</summary>
    Status,

    /// <summary>The answer's media type is missing or not <c>text/plain</c>.</summary>
    MediaType,

    /// <summary>The answer is compressed, which the request didn't ask for.</summary>
    ContentEncoding,

    /// <summary>The body has more than <see cref="Policy.MaxBodyBytes"/> bytes.</summary>
    TooLarge,

    /// <summary>The body is no policy; see <see cref="PolicyFetchException.ParseError"/>.</summary>
    InvalidPolicy,
}
