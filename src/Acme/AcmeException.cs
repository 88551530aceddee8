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
    /// <param name="message">What went wrong.</param>
    public AcmeException(string message)
        : this(AcmeFailure.InvalidResponse, message)
    {
    }

    /// <summary>Creates an exception of the kind <see cref="AcmeFailure.InvalidResponse"/>.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">The cause.</param>
    public AcmeException(string message, Exception? innerException)
        : this(AcmeFailure.InvalidResponse, message, innerException)
    {
    }

    /// <summary>Creates an exception.</summary>
    /// <param name="failure">Where it failed.</param>
    /// <param name="message">What went wrong; control characters become spaces.</param>
    /// <param name="innerException">The cause.</param>
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
