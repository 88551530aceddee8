using System.Net;
using Acme.Testing;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Configuration;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>Attempts that failed under other settings, or because of something that is fixed meanwhile.</summary>
public sealed class SettingsChangeTests : IAsyncDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly IssuingFixture _issuing = new();

    private TestHost Host => _issuing.Host;

    public ValueTask DisposeAsync() => _issuing.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Profile_IsFixed_TriedAtOnceAndFailureForgotten(bool isRestarted)
    {
        _issuing.Ca.Profiles["classic"] = "";
        var settings = _issuing.Settings;
        _issuing.Settings = settings with { Profile = "clasic" };
        await FailAsync();
        Assert.Equal(FailureKind.Profile, (await _issuing.RowAsync()).Failure!.Kind);

        _issuing.Ca.Intercept = request => request.Operation == "newOrder" ? FakeResponse.Broken(WireFault.Hang) : null;
        await ChangeAsync(settings with { Profile = "classic" }, isRestarted);

        Assert.Equal(1, Host.Log.Count(1409));
        // Not the text about a profile that isn't configured any more.
        Assert.Null((await _issuing.RowAsync()).Failure);
        Assert.Equal(1, Host.Counters.UnderWay);
    }

    [Fact]
    public async Task Start_SameSettings_NothingIsTriedBeforeItsTimeAndTheLogSaysWhatFails()
    {
        _issuing.Ca.Intercept = request => request.Operation == "newOrder"
            ? FakeResponse.Problem(400, "rejectedIdentifier", "Not here.") : null;
        await FailAsync();
        var due = (await _issuing.RowAsync()).DueAt;
        var requests = _issuing.Ca.Requests.Count;

        await ChangeAsync(_issuing.Settings, isRestarted: true);
        await _issuing.RunAsync(TimeSpan.FromHours(3), s_minute);

        Assert.Equal((due, requests), ((await _issuing.RowAsync()).DueAt, _issuing.Ca.Requests.Count));
        var line = Assert.Single(Host.Log.Lines, line => line.StartsWith("1411 Warning", StringComparison.Ordinal));
        Assert.Contains($"{IssuingFixture.Name} failed, and the next one is at {due:u}: ", line, StringComparison.Ordinal);
        Assert.Contains("Not here.", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ManyFail_TenLinesAndOneForTheOthers()
    {
        _issuing.Ca.Intercept = request => request.Operation == "newOrder" ? FakeResponse.Problem(400, "rejectedIdentifier") : null;
        await _issuing.StartAsync(Enumerable.Range(0, 12).Select(number => $"mta-sts.n{number:00}.example"));
        await _issuing.RunAsync(s_minute);

        await ChangeAsync(_issuing.Settings, isRestarted: true);

        Assert.Equal((10, 1), (Host.Log.Count(1411), Host.Log.Count(1412)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RateLimit_OtherSettingsOfTheSameAccount_CaIsNotAskedBeforeItsTime(bool isRestarted)
    {
        _issuing.Ca.Intercept = request => request.Operation == "newOrder"
            ? FakeResponse.Problem(429, "rateLimited", "Later.").With("Retry-After", "36000") : null;
        await FailAsync();

        await ChangeAsync(_issuing.Settings with { EmailAddress = "a@a.example", PreferredChain = "Other" }, isRestarted);
        await _issuing.RunAsync(TimeSpan.FromHours(9), TimeSpan.FromMinutes(10));
        Assert.Equal(1, _issuing.Ca.Count("newOrder"));

        // Another CA has limits of its own.
        await ChangeAsync(_issuing.Settings
            with { Authorities = [new AuthoritySettings(_issuing.OtherCa.DirectoryUrl, null, null)] }, isRestarted);
        Assert.Single(_issuing.OtherCa.Orders);
    }

    [Fact]
    public async Task Profile_IsFixedAndThereIsAFallback_CaThatRefusedIsAskedAtOnceToo()
    {
        _issuing.Ca.Profiles["classic"] = "";
        var settings = _issuing.Settings with
        {
            Authorities = [.. _issuing.Settings.Authorities, new AuthoritySettings(_issuing.OtherCa.DirectoryUrl, null, null)],
        };
        _issuing.OtherCa.Intercept = _ => FakeResponse.Broken(WireFault.Reset);
        _issuing.Settings = settings with { Profile = "clasic" };
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is { Attempts: 2 }, TimeSpan.FromDays(2));

        await ChangeAsync(settings with { Profile = "classic" }, isRestarted: false);

        Assert.Equal(_issuing.Ca.DirectoryUrl.OriginalString, (await _issuing.RowAsync()).Certificate!.DirectoryUrl);
    }

    [Fact]
    public async Task Settings_ChangeDuringAnAttemptThatFails_TriedAgainAtOnce()
    {
        _issuing.Ca.LooksUntilValidated = 5;
        _issuing.Ca.Validate = _ => "connection";
        await _issuing.StartAsync(IssuingFixture.Name);
        Assert.Equal(1, Host.Counters.UnderWay);
        Host.Settings.Replace(_issuing.Settings with { PreferredChain = "Other" });
        await _issuing.SettleAsync();
        _issuing.Ca.LooksUntilValidated = 0;
        _issuing.Ca.Authorizations[0].LooksUntilValidated = 0;

        await _issuing.RunAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(2, _issuing.Ca.Orders.Count);
    }

    [Fact]
    public async Task Resolvers_AreChanged_TriedAtOnce()
    {
        _issuing.Settings = _issuing.Settings with { Preflight = true };
        await FailAsync();
        await _issuing.RunAsync(TimeSpan.FromHours(5), s_minute);
        Assert.Equal((FailureKind.Preflight, 0), ((await _issuing.RowAsync()).Failure!.Kind, _issuing.Ca.Orders.Count));

        Host.Dns.Addresses[IssuingFixture.Name] = [IPAddress.Loopback];
        Host.Background.Replace(new BackgroundSettings(CheckSettings.Default, [new IPEndPoint(IPAddress.Loopback, 53)], null));
        await _issuing.SettleAsync();

        Assert.NotNull((await _issuing.RowAsync()).Certificate);
    }

    [Fact]
    public async Task HostFixed_PreflightHeldItBack_TriedAtOnce()
    {
        _issuing.Settings = _issuing.Settings with { Preflight = true };
        await FailAsync();
        await _issuing.RunAsync(TimeSpan.FromHours(5), s_minute);

        Host.Dns.Addresses[IssuingFixture.Name] = [IPAddress.Loopback];
        Host.Manager.HostFixed(IssuingFixture.Name);
        await _issuing.SettleAsync();

        Assert.NotNull((await _issuing.RowAsync()).Certificate);
    }

    [Fact]
    public async Task HostFixed_AgainAndAgain_AtMostFourFailedAuthorizationsAnHour()
    {
        _issuing.Ca.Validate = _ => "connection";
        await FailAsync();
        var times = new List<int>();
        for (var minute = 0; minute < 120; minute++)
        {
            Host.Manager.HostFixed(IssuingFixture.Name);
            await _issuing.RunAsync(s_minute);
            times.Add(_issuing.Ca.Orders.Count);
        }

        Assert.InRange(times[59], 3, 4);
        Assert.InRange(times[119] - times[59], 1, 3);
    }

    [Theory]
    [InlineData("rejectedIdentifier", 400)]
    [InlineData("rateLimited", 429)]
    public async Task HostFixed_CaRefusedForAnotherReason_NotTriedBeforeItsTime(string type, int status)
    {
        _issuing.Ca.Intercept = request => request.Operation == "newOrder" ? FakeResponse.Problem(status, type) : null;
        await FailAsync();

        Host.Manager.HostFixed(IssuingFixture.Name);
        await _issuing.RunAsync(TimeSpan.FromMinutes(40), s_minute);

        Assert.Equal(1, _issuing.Ca.Count("newOrder"));
    }

    private async Task FailAsync()
    {
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is not null, TimeSpan.FromHours(1));
    }

    private async Task ChangeAsync(AcmeSettings settings, bool isRestarted)
    {
        if (!isRestarted)
        {
            Host.Settings.Replace(settings);
            await _issuing.SettleAsync();
            return;
        }

        await _issuing.StopAsync(Host);
        _issuing.Settings = settings;
        await _issuing.StartAsync(_issuing.Make());
    }
}
