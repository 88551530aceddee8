namespace Acme;

/// <summary>
/// The failure of an ACME operation, for any reason but cancellation. RFC 8555 §6.7. The message is one line with the server's own
/// words, and never has a key, a token or a request body.
/// </summary>
public sealed class AcmeException : Exception
{
    /// <summary>Creates an exception of the kind <see cref="AcmeFailure.InvalidResponse"/> without a reason.</summary>
    public AcmeException()
        : this(AcmeFailure.InvalidResponse, "The ACME operation failed.")
    {
    }

    /// <summary>Creates an exception of the kind <see cref="AcmeFailure.InvalidResponse"/>.</summary>
    public AcmeException(string message)
        : this(AcmeFailure.InvalidResponse, message)
    {
    }

    /// <summary>Creates an exception of the kind <see cref="AcmeFailure.InvalidResponse"/>.</summary>
    public AcmeException(string message, Exception? innerException)
        : this(AcmeFailure.InvalidResponse, message, innerException)
    {
    }

    /// <summary>Creates an exception. Control characters in the message become spaces.</summary>
    public AcmeException(AcmeFailure failure, string message, Exception? innerException = null)
        : base(AcmeProblem.Clean(message), innerException) => Failure = failure;

    /// <summary>Where it failed.</summary>
    public AcmeFailure Failure { get; }

    /// <summary>The server's problem document; null unless <see cref="Failure"/> is <see cref="AcmeFailure.Problem"/>.</summary>
    public AcmeProblem? Problem { get; init; }

    /// <summary>The problem's type; <see cref="AcmeErrorType.Unknown"/> without a problem.</summary>
    public AcmeErrorType ErrorType => Problem?.ErrorType ?? AcmeErrorType.Unknown;

    /// <summary>The HTTP status of the response; null without one.</summary>
    public int? StatusCode { get; init; }

    /// <summary>How long to wait before the next attempt, from <c>Retry-After</c>; null without one. RFC 8555 §6.6.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

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
