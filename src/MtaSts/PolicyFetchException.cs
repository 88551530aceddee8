namespace MtaSts;

/// <summary>A policy could not be fetched. RFC 8461 §3.3. The message is one line without control characters.</summary>
public sealed class PolicyFetchException : Exception
{
    /// <summary>Creates an exception without a reason.</summary>
    public PolicyFetchException()
        : this(PolicyFetchFailure.Protocol, "The policy could not be fetched.")
    {
    }

    /// <summary>Creates an exception of the kind <see cref="PolicyFetchFailure.Protocol"/>.</summary>
    public PolicyFetchException(string message)
        : this(PolicyFetchFailure.Protocol, message)
    {
    }

    /// <summary>Creates an exception of the kind <see cref="PolicyFetchFailure.Protocol"/>.</summary>
    public PolicyFetchException(string message, Exception? innerException)
        : this(PolicyFetchFailure.Protocol, message, innerException)
    {
    }

    /// <summary>Creates an exception.</summary>
    /// <param name="kind">Which step failed, and how.</param>
    /// <param name="message">What went wrong; control characters become spaces.</param>
    /// <param name="innerException">The cause.</param>
    public PolicyFetchException(PolicyFetchFailure kind, string message, Exception? innerException = null)
        : base(ToOneLine(message), innerException) => Kind = kind;

    /// <summary>Which step failed, and how.</summary>
    public PolicyFetchFailure Kind { get; }

    /// <summary>The HTTP status; null without a response.</summary>
    public int? StatusCode { get; init; }

    /// <summary>What is wrong with the body, when the kind is <see cref="PolicyFetchFailure.InvalidPolicy"/>; else null.</summary>
    public PolicyParseError? ParseError { get; init; }

    // Anyone's certificates and HTTP headers end up in logs and on terminals, where U+0085, U+2028 and bidi controls do harm too.
    private static string ToOneLine(string message) => string.Concat(message.Select(static c => char.GetUnicodeCategory(c)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Surrogate ? ' ' : c));
}

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
