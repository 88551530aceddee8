using Acme;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>One attempt at one CA failed. The message is one line with the CA's own words.</summary>
internal sealed class IssuanceException(string kind, string message, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>One of <see cref="FailureKind"/>.</summary>
    public string Kind { get; } = kind;

    /// <summary>How long the CA asks to wait; <c>null</c>: it doesn't say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>The order can still succeed, and the next attempt continues it.</summary>
    public bool OrderLives { get; init; }

    /// <summary>The preflight found a reason to expect it, and is soon made again: that costs the CA nothing.</summary>
    public bool WasForeseen { get; init; }

    /// <summary>Whether another CA may succeed: not where the fault is on our side.</summary>
    public bool OthersMayDo => Kind is not (FailureKind.Validation or FailureKind.Preflight or FailureKind.Clock or FailureKind.Internal);

    /// <param name="ca">For the message.</param>
    public static IssuanceException UnknownProfile(string ca, string profile, Acme.Directory directory)
    {
        var offered = string.Join(", ", directory.Profiles.Keys.Select(name => Printable.Text(name, 100)));
        return new(FailureKind.Profile, $"{ca} has no profile '{Printable.Text(profile, 100)}'; "
            + (offered.Length == 0 ? "remove Acme:Profile, since it offers none" : $"set Acme:Profile to one of {offered}"));
    }

    public static IssuanceException From(AcmeException e) => new(KindOf(e), e.Message, e.RetryAfter, e)
    {
        // It is unknown whether the CA acted, and the order may be good.
        OrderLives = e.Failure is AcmeFailure.Network or AcmeFailure.Timeout or AcmeFailure.Tls || e.StatusCode is 429 or >= 500,
    };

    /// <summary>By the CA's error type (RFC 8555 §6.7), otherwise by the status.</summary>
    private static string KindOf(AcmeException e) => e.Failure switch
    {
        AcmeFailure.Network or AcmeFailure.Timeout => FailureKind.Network,
        AcmeFailure.Tls => FailureKind.Tls,
        // A validation's result is in the authorization; in answer to a request, the error is about the account: RFC 8555 §7.3.6.
        AcmeFailure.Problem when e.ErrorType == AcmeErrorType.Unauthorized => FailureKind.Account,
        AcmeFailure.Problem or AcmeFailure.Status => KindOf(e.ErrorType, e.StatusCode),
        AcmeFailure.NotOffered => FailureKind.Refused,
        _ => FailureKind.InvalidAnswer,
    };

    /// <summary>
    /// A problem in a challenge is about the validation (RFC 8555 §8.2), whatever its type: step-ca and Caddy report a wrong response as
    /// rejectedIdentifier. Only the CA's limits and its own errors mean more.
    /// </summary>
    public static string KindOfValidation(AcmeProblem? problem) =>
        problem is not null && KindOf(problem.ErrorType, problem.Status) is FailureKind.RateLimited or FailureKind.Server
            ? KindOf(problem.ErrorType, problem.Status) : FailureKind.Validation;

    public static string KindOf(AcmeErrorType type, int? status) => type switch
    {
        AcmeErrorType.RateLimited => FailureKind.RateLimited,
        AcmeErrorType.RejectedIdentifier or AcmeErrorType.UnsupportedIdentifier or AcmeErrorType.UserActionRequired => FailureKind.Refused,
        AcmeErrorType.InvalidProfile => FailureKind.Profile,
        AcmeErrorType.AccountDoesNotExist or AcmeErrorType.ExternalAccountRequired or AcmeErrorType.InvalidContact
            or AcmeErrorType.UnsupportedContact or AcmeErrorType.BadPublicKey or AcmeErrorType.BadSignatureAlgorithm => FailureKind.Account,
        AcmeErrorType.Caa or AcmeErrorType.Connection or AcmeErrorType.Dns or AcmeErrorType.IncorrectResponse or AcmeErrorType.Tls
            or AcmeErrorType.Unauthorized or AcmeErrorType.Compound => FailureKind.Validation,
        AcmeErrorType.ServerInternal or AcmeErrorType.BadNonce => FailureKind.Server,
        _ when status is >= 500 => FailureKind.Server,
        _ when status is 429 => FailureKind.RateLimited,
        _ => FailureKind.InvalidAnswer,
    };
}
