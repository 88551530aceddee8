using Acme;
using MtaStsHost.Certificates.Issuing;

namespace MtaStsHost.Tests.Certificates.Issuing;

public sealed class IssuanceExceptionTests
{
    [Theory]
    [InlineData(AcmeFailure.Network, null, FailureKind.Network, true)]
    [InlineData(AcmeFailure.Timeout, null, FailureKind.Network, true)]
    [InlineData(AcmeFailure.Tls, null, FailureKind.Tls, true)]
    [InlineData(AcmeFailure.Status, 503, FailureKind.Server, true)]
    [InlineData(AcmeFailure.Status, 429, FailureKind.RateLimited, true)]
    [InlineData(AcmeFailure.Status, 302, FailureKind.InvalidAnswer, false)]
    [InlineData(AcmeFailure.InvalidResponse, null, FailureKind.InvalidAnswer, false)]
    [InlineData(AcmeFailure.NotOffered, null, FailureKind.Refused, false)]
    public void From_FailureWithoutProblem_HasItsKind(AcmeFailure failure, int? status, string kind, bool orderLives)
    {
        var e = IssuanceException.From(new AcmeException(failure, "…") { StatusCode = status });

        Assert.Equal(kind, e.Kind);
        Assert.Equal(orderLives, e.OrderLives);
    }

    [Theory]
    [InlineData(AcmeErrorType.RateLimited, 429, FailureKind.RateLimited)]
    [InlineData(AcmeErrorType.RejectedIdentifier, 403, FailureKind.Refused)]
    [InlineData(AcmeErrorType.UnsupportedIdentifier, 400, FailureKind.Refused)]
    [InlineData(AcmeErrorType.UserActionRequired, 403, FailureKind.Refused)]
    [InlineData(AcmeErrorType.InvalidProfile, 400, FailureKind.Profile)]
    [InlineData(AcmeErrorType.ExternalAccountRequired, 403, FailureKind.Account)]
    [InlineData(AcmeErrorType.Connection, 400, FailureKind.Validation)]
    [InlineData(AcmeErrorType.Caa, 403, FailureKind.Validation)]
    [InlineData(AcmeErrorType.ServerInternal, 500, FailureKind.Server)]
    [InlineData(AcmeErrorType.Unknown, 503, FailureKind.Server)]
    [InlineData(AcmeErrorType.Unknown, 400, FailureKind.InvalidAnswer)]
    public void KindOf_Problem_IsItsClass(AcmeErrorType type, int? status, string kind) =>
        Assert.Equal(kind, IssuanceException.KindOf(type, status));

    [Theory]
    [InlineData(AcmeErrorType.Connection, 400, FailureKind.Validation)]
    [InlineData(AcmeErrorType.RejectedIdentifier, null, FailureKind.Validation)]
    [InlineData(AcmeErrorType.UserActionRequired, 403, FailureKind.Validation)]
    [InlineData(AcmeErrorType.AccountDoesNotExist, 400, FailureKind.Validation)]
    [InlineData(AcmeErrorType.Malformed, 400, FailureKind.Validation)]
    [InlineData(AcmeErrorType.Caa, 403, FailureKind.Validation)]
    [InlineData(AcmeErrorType.RateLimited, null, FailureKind.RateLimited)]
    [InlineData(AcmeErrorType.ServerInternal, null, FailureKind.Server)]
    [InlineData(AcmeErrorType.Unknown, 500, FailureKind.Server)]
    public void KindOfValidation_ProblemInAChallenge_IsAboutTheValidation(AcmeErrorType type, int? status, string kind) =>
        Assert.Equal(kind, IssuanceException.KindOfValidation(new AcmeProblem { Type = "…", ErrorType = type, Status = status }));

    [Theory]
    [InlineData(FailureKind.Validation, false)]
    [InlineData(FailureKind.Preflight, false)]
    [InlineData(FailureKind.Network, true)]
    [InlineData(FailureKind.Refused, true)]
    public void OthersMayDo_OurOwnFault_IsFalse(string kind, bool others) =>
        Assert.Equal(others, new IssuanceException(kind, "…").OthersMayDo);
}
