using Acme.Testing;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>Accounts that the CA makes not, or loses.</summary>
public sealed class AccountFaultTests : IAsyncDisposable
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly IssuingFixture _issuing = new();

    public ValueTask DisposeAsync() => _issuing.DisposeAsync();

    [Theory]
    [InlineData(403, "externalAccountRequired")]
    [InlineData(403, "unauthorized")]
    [InlineData(400, "malformed")]
    [InlineData(400, "invalidContact")]
    [InlineData(400, "unsupportedContact")]
    public async Task WorkOn_AccountRefused_DailyAndWithTheWordsOfTheCa(int status, string type)
    {
        _issuing.Ca.Intercept = request => request.Operation == "newAccount"
            ? FakeResponse.Problem(status, type, "No account for you.") : null;
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_hour);

        var row = await _issuing.RowAsync();
        Assert.Equal(FailureKind.Account, row.Failure!.Kind);
        Assert.Contains("No account for you.", row.Failure.Message, StringComparison.Ordinal);
        Assert.InRange(row.DueAt!.Value - row.Failure.At, TimeSpan.FromDays(1), TimeSpan.FromDays(1.2));
        Assert.Equal(0, _issuing.Ca.Count("newOrder"));

        _issuing.Ca.Intercept = null;
        await _issuing.RunUntilAsync(done => done.Certificate is not null, TimeSpan.FromDays(2));
        Assert.Single(_issuing.Ca.Accounts);
    }

    [Fact]
    public async Task WorkOn_AnswerAboutTheAccountIsLost_FoundByItsKeyAndNotMadeTwice()
    {
        var lost = false;
        _issuing.Ca.Alter = (request, response) =>
        {
            if (request.Operation != "newAccount" || lost) return;
            lost = true;
            response.Fault = WireFault.Reset;
        };
        await _issuing.ObtainAsync(TimeSpan.FromMinutes(5));

        Assert.True(lost);
        Assert.Single(_issuing.Ca.Accounts);
    }

    [Fact]
    public async Task WorkOn_CaLosesTheAccount_MadeAgainOnceForAllNames()
    {
        await _issuing.ObtainAsync();
        _issuing.Ca.Accounts.Clear();
        var names = Enumerable.Range(0, 8).Select(number => $"mta-sts.n{number}.example").ToList();

        _issuing.Hosts.Add(names);
        await _issuing.RunAsync(TimeSpan.FromMinutes(2));

        Assert.All(names, name => Assert.NotNull(_issuing.Host.Serves(name)));
        Assert.Single(_issuing.Ca.Accounts);
        Assert.Equal(0, _issuing.Host.Log.Count(1421));
        Assert.InRange(_issuing.Host.Log.Count(1422), 1, 8);
    }

    [Fact]
    public async Task WorkOn_CaHasAnotherUrlForTheKey_OrdersWithThat()
    {
        await _issuing.ObtainAsync();
        var before = _issuing.Ca.Accounts.Single();
        var moved = new FakeAccount { Id = "9999", Jwk = before.Jwk };
        _issuing.Ca.Accounts[0] = moved;

        _issuing.Hosts.Add("mta-sts.b.example");
        await _issuing.RunAsync(TimeSpan.FromMinutes(2));

        Assert.NotNull(_issuing.Host.Serves("mta-sts.b.example"));
        Assert.Same(moved, _issuing.Ca.Accounts.Single());
    }

    [Fact]
    public async Task WorkOn_CaNeverKnowsTheAccount_AccountFailureAndNoLoop()
    {
        _issuing.Ca.Intercept = request => request.Operation == "newOrder"
            ? FakeResponse.Problem(400, "accountDoesNotExist", "Who are you?") : null;
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_hour);

        var row = await _issuing.RowAsync();
        Assert.Equal(FailureKind.Account, row.Failure!.Kind);
        Assert.Contains("Who are you?", row.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, _issuing.Ca.Count("newOrder"));
    }

    [Fact]
    public async Task WorkOn_AccountWasDeactivated_SaysSoAndTriesDaily()
    {
        await _issuing.ObtainAsync();
        _issuing.Ca.Accounts[0].Status = "deactivated";

        _issuing.Hosts.Add("mta-sts.b.example");
        await _issuing.RunAsync(TimeSpan.FromMinutes(2));

        var row = await _issuing.RowAsync("mta-sts.b.example");
        Assert.Contains("The account has ended.", row.Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(1, _issuing.Host.Log.Count(1421));
    }
}
