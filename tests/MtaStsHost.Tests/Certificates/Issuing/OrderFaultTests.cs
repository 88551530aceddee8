using System.Text;
using System.Text.Json.Nodes;
using Acme.Testing;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Configuration;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>Orders that take long, go wrong after a good start, or end in a certificate that can't be used.</summary>
public sealed class OrderFaultTests : IAsyncDisposable
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly IssuingFixture _issuing = new();

    public ValueTask DisposeAsync() => _issuing.DisposeAsync();

    [Theory]
    [InlineData(404, "text/html")]
    [InlineData(404, "application/problem+json")]
    [InlineData(301, "text/html")]
    [InlineData(200, "text/html")]
    public async Task WorkOn_NoDirectoryAtTheUrl_RemedyIsTheSetting(int status, string mediaType)
    {
        _issuing.Ca.Intercept = _ => mediaType == "application/problem+json" ? FakeResponse.Problem(status, "malformed")
            : FakeResponse.Text("<html>", mediaType, status);
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_hour);

        var failure = (await _issuing.RowAsync()).Failure!;
        Assert.Equal(FailureKind.Directory, failure.Kind);
        Assert.StartsWith("there is no ACME directory at https://ca.test/directory: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Acme:DirectoryUrl", FailureKind.Remedy(failure.Kind, IssuingFixture.Name), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WorkOn_NoChainEndsAtThePreferredRoot_OneLine()
    {
        _issuing.Settings = _issuing.Settings with { PreferredChain = "Unknown Root" };
        await _issuing.StartAsync(IssuingFixture.Name, "mta-sts.b.example", "mta-sts.c.example");
        await _issuing.RunAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(3, _issuing.Host.Log.Count(1420));
        var line = Assert.Single(_issuing.Host.Log.Lines, line => line.StartsWith("1426 Warning", StringComparison.Ordinal));
        Assert.Contains("Unknown Root", line, StringComparison.Ordinal);
        Assert.Contains("Fake Root", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WorkOn_OrderStaysProcessing_GoneOnWithAndNotOrderedAgain()
    {
        _issuing.Ca.LooksUntilIssued = int.MaxValue;
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is { Attempts: 3 }, s_hour);

        var row = await _issuing.RowAsync();
        Assert.Equal((FailureKind.Slow, 0), (row.Failure!.Kind, row.Failure.Asked));
        Assert.NotNull(row.Order);
        Assert.Contains("ca.test has not finished the order yet", row.Failure.Message, StringComparison.Ordinal);

        _issuing.Ca.Orders[0].LooksUntilIssued = 0;
        await _issuing.RunUntilAsync(done => done.Certificate is not null, s_hour);
        Assert.Single(_issuing.Ca.Orders);
        Assert.Equal(1, _issuing.Ca.Count("finalize"));
    }

    [Fact]
    public async Task WorkOn_ChallengeStaysPending_GoneOnWithAndNotOrderedAgain()
    {
        _issuing.Ca.LooksUntilValidated = int.MaxValue;
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_hour);

        var row = await _issuing.RowAsync();
        Assert.Equal(FailureKind.Slow, row.Failure!.Kind);
        Assert.False(_issuing.Host.Challenges.Any);

        _issuing.Ca.Authorizations[0].LooksUntilValidated = 1; // the look before the challenge is shown again
        var wasOpen = false;
        _issuing.Ca.Validate = one =>
        {
            wasOpen = _issuing.Host.Challenges.FindHttp01(one.Name, one.Token) is not null;
            return null;
        };
        await _issuing.RunUntilAsync(done => done.Certificate is not null, s_hour);
        Assert.True(wasOpen);
        Assert.Single(_issuing.Ca.Orders);
    }

    [Fact]
    public async Task WorkOn_OrderIsInvalidAfterFinalize_OrderedAnewWithTheWordsOfTheCa()
    {
        _issuing.Ca.FailIssuance = _ => "caa";
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_hour);

        var row = await _issuing.RowAsync();
        Assert.Equal(FailureKind.Validation, row.Failure!.Kind);
        Assert.Null(row.Order);
        Assert.Contains("The certificate could not be made.", row.Failure.Message, StringComparison.Ordinal);

        _issuing.Ca.FailIssuance = _ => null;
        await _issuing.RunUntilAsync(done => done.Certificate is not null, s_hour);
        Assert.Equal(2, _issuing.Ca.Orders.Count);
    }

    [Fact]
    public async Task WorkOn_EndsBeforeAFailedValidationIsKept_CountedAtTheNextStartAndNotAskedForAgain()
    {
        var host = _issuing.Make();
        var (isLost, lost) = (false, 0);
        host.Store.Saving = (row, _) => isLost = row.Failure is not null && lost++ == 0;
        host.Store.Fails = call => call == "Save" && isLost;
        _issuing.Ca.Validate = _ => "connection";
        _issuing.Hosts.Add([IssuingFixture.Name]);
        await _issuing.StartAsync(host);
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_hour);

        var row = await _issuing.RowAsync();
        Assert.Equal(2, lost);
        Assert.Equal((FailureKind.Validation, 1), (row.Failure!.Kind, row.Failure.Asked));
        Assert.Contains("did not validate", row.Failure.Message, StringComparison.Ordinal);
        Assert.Null(row.Order);
        Assert.Single(_issuing.Ca.Orders); // each one more would be a failed authorization more in the CA's books
    }

    [Theory]
    [InlineData("caa", FailureKind.Validation, 1)]
    [InlineData("connection", FailureKind.Validation, 1)]
    [InlineData("dns", FailureKind.Validation, 1)]
    [InlineData("unauthorized", FailureKind.Validation, 1)]
    [InlineData("malformed", FailureKind.Validation, 1)]
    [InlineData("notInAnyList", FailureKind.Validation, 1)]
    [InlineData("rejectedIdentifier", FailureKind.Validation, 1)]
    [InlineData("serverInternal", FailureKind.Server, 1)]
    [InlineData("rateLimited", FailureKind.RateLimited, 60)]
    public async Task WorkOn_ChallengeFails_KindOfTheCaAndTriedAgain(string error, string kind, int minutes)
    {
        _issuing.Ca.Validate = _ => error;
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_hour);

        var row = await _issuing.RowAsync();
        Assert.Equal(kind, row.Failure!.Kind);
        Assert.Contains($"{IssuingFixture.Name} could not be validated.", row.Failure.Message, StringComparison.Ordinal);
        Assert.InRange(row.DueAt!.Value - row.Failure.At, TimeSpan.FromMinutes(minutes), TimeSpan.FromMinutes(minutes) * 1.2);
        Assert.False(_issuing.Host.Challenges.Any);

        _issuing.Ca.Validate = _ => null;
        await _issuing.RunUntilAsync(done => done.Certificate is not null, TimeSpan.FromDays(2));
    }

    [Fact]
    public async Task WorkOn_ChallengesFailFor2Hours_AtMost5AnHour()
    {
        var failed = new List<DateTimeOffset>();
        _issuing.Ca.Validate = _ =>
        {
            failed.Add(_issuing.Now);
            return "connection";
        };
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunAsync(TimeSpan.FromDays(30));

        Assert.All(failed, time => Assert.InRange(failed.Count(other => other >= time && other - time < s_hour), 1, 5));
        Assert.InRange(failed.Count, 25, 33);
    }

    [Fact]
    public async Task WorkOn_OneOrderFailsForGood_AnotherIsMade()
    {
        _issuing.Ca.Intercept = request => request.Operation is "order" or "finalize"
            && _issuing.Ca.Orders.Count < 2 ? FakeResponse.Problem(500, "serverInternal") : null;
        await _issuing.StartAsync(IssuingFixture.Name);

        await _issuing.RunUntilAsync(row => row.Certificate is not null, TimeSpan.FromDays(3));

        Assert.Equal(2, _issuing.Ca.Orders.Count);
    }

    [Fact]
    public async Task WorkOn_OrderIsValidWithoutCertificate_AnotherOrderSoon()
    {
        _issuing.Ca.Alter = (request, response) =>
        {
            if (request.Operation is "finalize" or "order" && _issuing.Ca.Orders.Count == 1) response.Set("certificate", null);
        };
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_hour);

        var row = await _issuing.RowAsync();
        Assert.Equal((FailureKind.InvalidAnswer, null), (row.Failure!.Kind, row.Order));
        Assert.Contains("ca.test finished the order without a certificate", row.Failure.Message, StringComparison.Ordinal);
        Assert.InRange(_issuing.Ca.Count("order"), 3, 12);

        await _issuing.RunUntilAsync(done => done.Certificate is not null, TimeSpan.FromMinutes(5));
        Assert.Equal(2, _issuing.Ca.Orders.Count);
    }

    [Theory]
    [InlineData("expired cross-certificate")]
    [InlineData("another order")]
    [InlineData("twice")]
    [InlineData("one too many")]
    public async Task WorkOn_ChainIsUntidy_ServedAsThePath(string what)
    {
        using var other = new FakeCa("Other", _issuing.Now);
        using var more = what == "one too many" ? other.IntermediateCertificate()
            : _issuing.Ca.Ca.CrossCertificate(_issuing.Now.AddYears(-5), _issuing.Now.AddDays(-1));
        var tidy = "";
        AlterChain(pem =>
        {
            tidy = pem;
            var issuer = pem.LastIndexOf("-----BEGIN", StringComparison.Ordinal);
            return what switch
            {
                "another order" => pem[issuer..] + pem[..issuer],
                "twice" => pem + pem,
                _ => pem + more.ExportCertificatePem() + "\n",
            };
        });

        var row = await _issuing.ObtainAsync();

        Assert.Equal(tidy, row.Certificate!.ChainPem);
        Assert.Equal(0, _issuing.Host.Log.Count(1421));
    }

    [Fact]
    public async Task WorkOn_OnlyIssuerHasExpired_TheClockIsNotBlamedAndAnotherCaIsAsked()
    {
        using var expired = _issuing.Ca.Ca.IntermediateCertificate(_issuing.Now.AddYears(-5), _issuing.Now.AddDays(-1));
        AlterChain(pem => pem[..pem.LastIndexOf("-----BEGIN", StringComparison.Ordinal)] + expired.ExportCertificatePem() + "\n");
        _issuing.Settings = _issuing.Settings
            with { Authorities = [.. _issuing.Settings.Authorities, new AuthoritySettings(_issuing.OtherCa.DirectoryUrl, null, null)] };
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_hour);

        Assert.Equal(FailureKind.InvalidAnswer, (await _issuing.RowAsync()).Failure!.Kind);

        await _issuing.RunUntilAsync(row => row.Certificate is not null, TimeSpan.FromMinutes(5));
        Assert.Equal(_issuing.OtherCa.DirectoryUrl.OriginalString, (await _issuing.RowAsync()).Certificate!.DirectoryUrl);
    }

    public static TheoryData<string> Unusable => ["another key", "another name", "expired", "not yet valid"];

    [Theory]
    [MemberData(nameof(Unusable))]
    public async Task WorkOn_CertificateCannotBeUsed_NotInForceAndOrderedAnew(string what)
    {
        var ca = _issuing.Ca;
        (ca.IssueForAnotherKey, ca.IssueForAnotherName) = (what == "another key", what == "another name");
        ca.CertificateAge = what switch { "expired" => TimeSpan.FromDays(91),
            "not yet valid" => TimeSpan.FromDays(-2), _ => ca.CertificateAge };
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_hour);

        var row = await _issuing.RowAsync();
        Assert.Equal(what is "expired" or "not yet valid" ? FailureKind.Clock : FailureKind.InvalidAnswer, row.Failure!.Kind);
        Assert.Contains("the certificate from ca.test", row.Failure.Message, StringComparison.Ordinal);
        Assert.Equal((null, null), (row.Certificate, row.Order));
        Assert.Null(_issuing.Host.Serves(IssuingFixture.Name));

        (ca.IssueForAnotherKey, ca.IssueForAnotherName, ca.CertificateAge) = (false, false, s_hour);
        await _issuing.RunUntilAsync(done => done.Certificate is not null, s_hour);
        Assert.Equal(2, ca.Orders.Count);
    }

    [Fact]
    public async Task WorkOn_StatusesThatNobodyKnows_NothingBreaks()
    {
        var strange = true;
        _issuing.Ca.Alter = (request, response) =>
        {
            if (strange && request.Operation is "order" or "authorization" or "finalize" or "challenge") response.Set("status",
                JsonValue.Create("dreaming"));
        };
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is { Attempts: 2 }, s_hour);
        Assert.Equal(0, _issuing.Host.Log.Count(1407));

        strange = false;
        _issuing.Ca.Alter = null;
        await _issuing.RunUntilAsync(done => done.Certificate is not null, s_hour);
    }

    [Fact]
    public async Task WorkOn_NoneOfOurChallenges_RefusedAndSaysSo()
    {
        _issuing.Ca.ChallengeTypes = ["dns-01"];
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_hour);

        var row = await _issuing.RowAsync();
        Assert.Equal(FailureKind.Refused, row.Failure!.Kind);
        Assert.Contains("ca.test offers none of the challenges http-01", row.Failure.Message, StringComparison.Ordinal);
    }

    private void AlterChain(Func<string, string> change) => _issuing.Ca.Alter = (request, response) =>
    {
        if (request.Operation == "certificate") response.Body = Encoding.ASCII.GetBytes(change(Encoding.ASCII.GetString(response.Body)));
    };
}
