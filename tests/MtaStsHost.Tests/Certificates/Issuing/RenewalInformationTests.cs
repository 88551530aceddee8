using System.Text;
using Acme;
using Acme.Testing;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Configuration;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>RFC 9773: the CA says when it wants a certificate renewed. And certificate profiles.</summary>
public sealed class RenewalInformationTests : IAsyncDisposable
{
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    private readonly IssuingFixture _issuing = new();

    public ValueTask DisposeAsync() => _issuing.DisposeAsync();

    [Fact]
    public async Task AskWindow_WindowStays_OneTimeIsKept()
    {
        await _issuing.ObtainAsync();
        var (start, end) = SetWindow(20 * s_day, 22 * s_day);

        await _issuing.RunUntilAsync(row => row.Window is not null, s_day);
        var chosen = (await _issuing.RowAsync()).RenewAt!.Value;
        await _issuing.RunAsync(10 * s_day);

        Assert.InRange(chosen, start, end);
        Assert.Equal(chosen, (await _issuing.RowAsync()).RenewAt);
        Assert.InRange(_issuing.Ca.Count("renewalInfo"), 30, 45); // every six hours, a tenth more at most
        Assert.Equal(1, _issuing.Host.Log.Count(1423));
        Assert.Single(_issuing.Ca.Orders);
        await _issuing.RunAsync(chosen - _issuing.Now + TimeSpan.FromMinutes(1));
        Assert.Equal(2, _issuing.Ca.Orders.Count);
    }

    [Fact]
    public async Task AskWindow_WindowWithNanoseconds_IsStillTheSame()
    {
        await _issuing.ObtainAsync();
        SetWindow(20 * s_day, 22 * s_day);
        _issuing.Ca.Alter = (request, response) =>
        {
            if (request.Operation == "renewalInfo") response.Body =
                Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(response.Body).Replace("Z", ".123456789Z", StringComparison.Ordinal));
        };

        await _issuing.RunAsync(5 * s_day);

        Assert.Equal(1, _issuing.Host.Log.Count(1423));
    }

    [Fact]
    public async Task AskWindow_WindowMoves_TimeMoves()
    {
        await _issuing.ObtainAsync();
        SetWindow(20 * s_day, 22 * s_day);
        await _issuing.RunAsync(s_day);
        var (start, end) = SetWindow(4 * s_day, 5 * s_day);
        await _issuing.RunAsync(s_day);

        Assert.InRange((await _issuing.RowAsync()).RenewAt!.Value, start, end);
    }

    [Fact]
    public async Task AskWindow_WindowIsPast_RenewedAtOnce()
    {
        await _issuing.ObtainAsync();
        SetWindow(-2 * s_day, -s_day);

        await _issuing.RunAsync(TimeSpan.FromHours(7));

        Assert.Equal(2, _issuing.Ca.Orders.Count);
    }

    [Fact]
    public async Task AskWindow_EveryWindowIsPast_NoLoopOfOrders()
    {
        await _issuing.StartAsync(IssuingFixture.Name);
        // Each certificate's window is past before the CA is asked for it for the first time.
        for (var end = _issuing.Now + TimeSpan.FromHours(1); _issuing.Now < end;)
        {
            if (_issuing.Ca.Certificates.Count > 0) SetWindow(-2 * s_day, -s_day);
            await _issuing.RunAsync(TimeSpan.FromSeconds(20));
        }

        Assert.Single(_issuing.Ca.Orders);
    }

    [Fact]
    public async Task AskWindow_CaDoesNotAnswer_NothingChanges()
    {
        var first = await _issuing.ObtainAsync();
        foreach (var answer in (Func<FakeResponse>[])[() => FakeResponse.Broken(WireFault.Reset),
            () => FakeResponse.Problem(500, "serverInternal"), () => FakeResponse.Text("x", "text/html")])
        {
            _issuing.Ca.Intercept = request => request.Operation == "renewalInfo" ? answer() : null;
            await _issuing.RunAsync(3 * s_day);
        }

        var row = await _issuing.RowAsync();
        Assert.Equal((first.RenewAt, null), (row.RenewAt, row.Failure));
        Assert.Single(_issuing.Ca.Orders);
        Assert.InRange(_issuing.Ca.Count("renewalInfo"), 25, 40);
        Assert.Equal(0, _issuing.Host.Log.Count(1421));
    }

    [Fact]
    public async Task WorkOn_Renewal_SaysWhatItReplaces()
    {
        await _issuing.ObtainAsync();
        SetWindow(-2 * s_day, -s_day);
        var id = LastId();
        await _issuing.RunAsync(TimeSpan.FromHours(7));

        Assert.Equal([null, id], _issuing.Ca.Orders.Select(order => order.Replaces));
    }

    [Theory]
    [InlineData(409, "alreadyReplaced")]
    [InlineData(400, "malformed")]
    [InlineData(403, "unauthorized")]
    [InlineData(404, "malformed")]
    [InlineData(500, "serverInternal")]
    [InlineData(400, "somethingNew")]
    public async Task WorkOn_ReplacesIsRefused_OrderedWithoutAtOnce(int status, string type)
    {
        await _issuing.ObtainAsync();
        SetWindow(-2 * s_day, -s_day);
        _issuing.Ca.Intercept = request => request.Operation == "newOrder" && request.SentObject()["replaces"] is not null
            ? FakeResponse.Problem(status, type) : null;
        await _issuing.RunAsync(TimeSpan.FromHours(7));

        Assert.Equal([null, null], _issuing.Ca.Orders.Select(order => order.Replaces));
        Assert.Equal(0, _issuing.Host.Log.Count(1421));
    }

    [Theory]
    [InlineData(429, "rateLimited")]
    [InlineData(503, "serverInternal")]
    public async Task WorkOn_CaIsOverloadedAtARenewal_NotAskedAgainAtOnce(int status, string type)
    {
        await _issuing.ObtainAsync();
        SetWindow(-2 * s_day, -s_day);
        _issuing.Ca.Intercept = request => request.Operation == "newOrder" ? FakeResponse.Problem(status, type) : null;
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_day);

        Assert.Equal(2, _issuing.Ca.Count("newOrder"));
    }

    [Fact]
    public async Task WorkOn_RenewalAtAnotherCa_DoesNotSayWhatItReplaces()
    {
        await _issuing.ObtainAsync();
        var other = _issuing.OtherCa;
        _issuing.Host.Settings.Replace(_issuing.Settings with { Authorities = [new AuthoritySettings(other.DirectoryUrl, null, null)] });
        await _issuing.RunAsync(s_day);

        Assert.Null(Assert.Single(other.Orders).Replaces);
        Assert.Single(_issuing.Ca.Orders);
    }

    [Fact]
    public async Task WorkOn_RenewalAtAnotherAccount_DoesNotSayWhatItReplaces()
    {
        await _issuing.ObtainAsync();
        _issuing.Ca.Accounts.Clear();
        await _issuing.RunAsync(61 * s_day);

        Assert.Null(_issuing.Ca.Orders[^1].Replaces);
        Assert.Equal(2, _issuing.Ca.Orders.Count);
    }

    [Fact]
    public async Task WorkOn_Profile_SentWithTheOrder()
    {
        _issuing.Ca.Profiles["classic"] = "";
        _issuing.Ca.Profiles["shortlived"] = "";
        _issuing.Settings = _issuing.Settings with { Profile = "shortlived" };
        await _issuing.ObtainAsync();

        Assert.Equal("shortlived", _issuing.Ca.Orders.Single().Profile);
    }

    [Theory]
    [InlineData(true, "set Acme:Profile to one of classic, shortlived")]
    [InlineData(false, "remove Acme:Profile, since it offers none")]
    public async Task WorkOn_UnknownProfile_RefusedWithTheList(bool hasProfiles, string remedy)
    {
        if (hasProfiles) (_issuing.Ca.Profiles["classic"], _issuing.Ca.Profiles["shortlived"]) = ("", "");
        _issuing.Settings = _issuing.Settings with { Profile = "tlsserver" };
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_day);

        var failure = (await _issuing.RowAsync()).Failure!;
        Assert.Equal(FailureKind.Profile, failure.Kind);
        Assert.Equal($"ca.test has no profile 'tlsserver'; {remedy}", failure.Message);
        Assert.Contains("Acme:Profile", FailureKind.Remedy(failure.Kind, IssuingFixture.Name), StringComparison.Ordinal);
        Assert.Empty(_issuing.Ca.Orders);
    }

    private string LastId() => CertificateId.From(_issuing.Ca.Certificates[^1].Leaf)!.ToString()!;

    private (DateTimeOffset Start, DateTimeOffset End) SetWindow(TimeSpan from, TimeSpan to) =>
        _issuing.Ca.RenewalWindows![LastId()] = (_issuing.Now + from, _issuing.Now + to);
}
