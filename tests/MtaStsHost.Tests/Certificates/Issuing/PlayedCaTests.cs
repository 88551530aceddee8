using Acme;
using Acme.Testing;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>Certificates from each CA that the fake server can play.</summary>
public sealed class PlayedCaTests
{
    public static TheoryData<string> Names => [.. PlayedCa.All.Select(ca => ca.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task WorkOn_FourMonths_RenewedInTimeWithoutAFailure(string name)
    {
        await using var issuing = Play(name);
        issuing.Ca.LooksUntilIssued = 1;
        issuing.Ca.LooksUntilValidated = 1;
        await issuing.ObtainAsync();

        await issuing.RunAsync(TimeSpan.FromDays(123));

        Assert.Equal(3, issuing.Ca.Certificates.Count);
        Assert.Equal(0, issuing.Host.Log.Count(1421));
        // RFC 9773 §5, where the CA knows it: each replaces the one before.
        Assert.Equal(issuing.Ca.Plays.HasExtensions ? issuing.Ca.Orders.Count - 1 : 0,
            issuing.Ca.Orders.Count(order => order.Replaces is not null));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task WorkOn_FirstChallengeFails_OtherOneWorks(string name)
    {
        await using var issuing = Play(name);
        issuing.Ca.Validate = one => one.Responded == Challenge.TlsAlpn01 ? "connection" : null;

        var row = await issuing.ObtainAsync(TimeSpan.FromMinutes(3));

        Assert.Equal(Challenge.Http01, row.ChallengeType);
        // Where the authorization stays pending, in the same one; otherwise it takes another order, a minute later.
        Assert.Equal(issuing.Ca.Plays.KeepsFailedPending ? 1 : 2, issuing.Ca.Orders.Count);
        Assert.Equal(issuing.Ca.Orders.Count - 1, issuing.Host.Log.Count(1421));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task WorkOn_NoChallengeWorks_ValidationFailsWithinSecondsWithTheReason(string name)
    {
        await using var issuing = Play(name);
        issuing.Ca.Validate = one => one.Responded == Challenge.TlsAlpn01 ? "connection" : "unauthorized";
        issuing.Ca.LooksUntilValidated = 1;
        var started = issuing.Now;
        await issuing.StartAsync(IssuingFixture.Name);
        await issuing.RunUntilAsync(row => row.Failure is not null, TimeSpan.FromMinutes(1));

        var row = await issuing.RowAsync();
        Assert.Equal((FailureKind.Validation, null), (row.Failure!.Kind, row.Order));
        Assert.InRange(row.Failure.At - started, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.Contains("ca.test did not validate tls-alpn-01: ", row.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(issuing.Ca.Plays.KeepsFailedPending,
            row.Failure.Message.Contains("; http-01: rejectedIdentifier: ", StringComparison.Ordinal));
        Assert.InRange(issuing.Ca.Count("authorization"), 1, 8);
        Assert.DoesNotContain(issuing.Ca.Requests, request => request.Operation == "challenge" && request.Payload is null);
        Assert.False(issuing.Host.Challenges.Any);

        issuing.Ca.Validate = _ => null;
        await issuing.RunUntilAsync(done => done.Certificate is not null, TimeSpan.FromMinutes(5));
        Assert.Equal(2, issuing.Ca.Orders.Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task WorkOn_AccountsLostAndNoncesRefused_RenewedAllTheSame(string name)
    {
        await using var issuing = Play(name);
        var count = 0;
        issuing.Ca.RefuseNonce = () => ++count % 2 == 1;
        await issuing.ObtainAsync();
        issuing.Ca.Accounts.Clear();

        await issuing.RunAsync(TimeSpan.FromDays(62));

        Assert.Equal(2, issuing.Ca.Certificates.Count);
        Assert.Equal(0, issuing.Host.Log.Count(1421));
    }

    private static IssuingFixture Play(string name)
    {
        var issuing = new IssuingFixture(PlayedCa.All.Single(ca => ca.Name == name));
        issuing.Settings = issuing.Settings with { ChallengeTypes = [Challenge.TlsAlpn01, Challenge.Http01] };
        return issuing;
    }
}
