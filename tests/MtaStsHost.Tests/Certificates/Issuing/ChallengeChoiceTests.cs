using System.Collections.Immutable;
using Acme;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Storage;

namespace MtaStsHost.Tests.Certificates.Issuing;

public sealed class ChallengeChoiceTests
{
    private static readonly ImmutableArray<string> s_types = [Challenge.TlsAlpn01, Challenge.Http01];

    [Theory]
    [InlineData(null, 0, Challenge.TlsAlpn01)]
    [InlineData(null, 1, Challenge.Http01)] // after a failure the other one
    [InlineData(null, 2, Challenge.TlsAlpn01)]
    [InlineData(Challenge.Http01, 0, Challenge.Http01)] // what worked last
    [InlineData(Challenge.Http01, 1, Challenge.TlsAlpn01)]
    public void Choose_BothOffered_GoesByWhatWorkedAndFailed(string? worked, int asked, string expected) =>
        Assert.Equal(expected, ChallengeChoice.Choose(Offer(Challenge.Http01, Challenge.TlsAlpn01, Challenge.Dns01),
            s_types, Record(worked, asked), [])?.Type);

    [Fact]
    public void Choose_OneOffered_IsThatOne() =>
        Assert.Equal(Challenge.Http01, ChallengeChoice.Choose(Offer(Challenge.Http01), s_types, Record(null, 0), [])?.Type);

    [Fact]
    public void Choose_NoneAllowed_IsNull() => Assert.Null(ChallengeChoice.Choose(Offer(Challenge.Dns01), s_types, Record(null, 0), []));

    [Fact]
    public void Choose_OneProcessing_IsThatOne()
    {
        var offer = Offer(Challenge.Http01, Challenge.TlsAlpn01);
        offer = offer with { Challenges = [offer.Challenges[0] with { Status = ChallengeStatus.Processing }, offer.Challenges[1]] };

        Assert.Equal(Challenge.Http01, ChallengeChoice.Choose(offer, s_types, Record(null, 0), [])?.Type);
    }

    [Fact]
    public void Choose_FirstHasFailedInThisAuthorization_IsTheOther()
    {
        var offer = Offer(Challenge.Http01, Challenge.TlsAlpn01);

        Assert.Equal(Challenge.Http01, ChallengeChoice.Choose(offer, s_types, Record(null, 0), [Challenge.TlsAlpn01])?.Type);
        Assert.Null(ChallengeChoice.Choose(offer, s_types, Record(null, 0), s_types));
    }

    [Fact]
    public void Choose_FirstIsInvalid_IsTheOther()
    {
        var offer = Offer(Challenge.TlsAlpn01, Challenge.Http01);
        offer = offer with { Challenges = [offer.Challenges[0] with { Status = ChallengeStatus.Invalid }, offer.Challenges[1]] };

        Assert.Equal(Challenge.Http01, ChallengeChoice.Choose(offer, s_types, Record(null, 0), [])?.Type);
    }

    private static CertificateRecord Record(string? worked, int asked) => new()
    {
        Host = "mta-sts.example.com",
        ChallengeType = worked,
        Failure = asked == 0 ? null : new StoredFailure(asked, asked, FailureKind.Validation, "…", default),
    };

    private static Authorization Offer(params string[] types) => new()
    {
        Url = new Uri("https://ca.example/authz"),
        Status = AuthorizationStatus.Pending,
        Identifier = new Identifier("dns", "mta-sts.example.com"),
        Challenges = [.. types.Select(type => new Challenge { Type = type,
            Url = new Uri("https://ca.example/" + type), Status = ChallengeStatus.Pending, Token = "token" })],
    };
}
