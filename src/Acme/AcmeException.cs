namespace Acme;

/// <summary>
/// An ACME operation failed; every failure but cancellation comes as this type. RFC 8555 §6.7. The message is one line and has the
/// server's own words, never a key, token or body of ours.
/// </summary>
public sealed class AcmeException : Exception
{
    /// <summary>Makes an exception of the kind <see cref="AcmeFailure.InvalidResponse"/> without a reason.</summary>
    public AcmeException()
        : this(AcmeFailure.InvalidResponse, "The ACME operation failed.")
    {
    }

    /// <summary>Makes an exception of the kind <see cref="AcmeFailure.InvalidResponse"/>.</summary>
    /// <param name="message">What went wrong.</param>
    public AcmeException(string message)
        : this(AcmeFailure.InvalidResponse, message)
    {
    }

    /// <summary>Makes an exception of the kind <see cref="AcmeFailure.InvalidResponse"/>.</summary>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">Where it came from.</param>
    public AcmeException(string message, Exception? innerException)
        : this(AcmeFailure.InvalidResponse, message, innerException)
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="failure">Where it failed.</param>
    /// <param name="message">What went wrong; control characters in it become spaces.</param>
    /// <param name="innerException">Where it came from.</param>
    public AcmeException(AcmeFailure failure, string message, Exception? innerException = null)
        : base(AcmeProblem.Clean(message), innerException) => Failure = failure;

    /// <summary>Where it failed.</summary>
    public AcmeFailure Failure { get; }

    /// <summary>What the server says; null unless <see cref="Failure"/> is <see cref="AcmeFailure.Problem"/>.</summary>
    public AcmeProblem? Problem { get; init; }

    /// <summary>The problem's type; <see cref="AcmeErrorType.Unknown"/> without a problem.</summary>
    public AcmeErrorType ErrorType => Problem?.ErrorType ?? AcmeErrorType.Unknown;

    /// <summary>The HTTP status of the answer; null when none came.</summary>
    public int? StatusCode { get; init; }

    /// <summary>How long to wait before another try, from the answer's <c>Retry-After</c>; null when it has none. RFC 8555 §6.6.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
