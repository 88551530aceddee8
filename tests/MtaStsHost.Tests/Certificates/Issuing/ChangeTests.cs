using Acme.Testing;
using MtaStsHost.Certificates;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Configuration;
using MtaStsHost.Testing;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>Names and settings that change while the host runs, and its end in the middle of an order.</summary>
public sealed class ChangeTests : IAsyncDisposable
{
    private const string Other = "mta-sts.b.example";

    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly IssuingFixture _issuing = new();

    public ValueTask DisposeAsync() => _issuing.DisposeAsync();

    [Fact]
    public async Task Manager_NameIsAdded_OrderedAtOnce()
    {
        await _issuing.ObtainAsync();
        _issuing.Hosts.Add(Other);

        // The clock stands still.
        await Eventually.IsTrueAsync(() => _issuing.Host.Serves(Other) is not null, "the new name has a certificate");
    }

    [Fact]
    public async Task Manager_NameIsRemovedAndComesBack_NotRenewedMeanwhileAndCertificateKept()
    {
        _issuing.Ca.RenewalWindows = null;
        var before = await _issuing.ObtainAsync();
        _issuing.Hosts.Remove(IssuingFixture.Name);
        await _issuing.RunAsync(TimeSpan.FromDays(70), TimeSpan.FromDays(1));
        Assert.Single(_issuing.Ca.Orders);
        Assert.Null((await _issuing.RowAsync()).DueAt);
        Assert.Equal(before.Certificate, (await _issuing.RowAsync()).Certificate);

        _issuing.Hosts.Add(IssuingFixture.Name);
        await _issuing.RunAsync(s_minute);
        Assert.Equal(2, _issuing.Ca.Orders.Count);
    }

    [Fact]
    public async Task Manager_NameIsRemovedInTheMiddleOfItsOrder_StaysParked()
    {
        _issuing.Ca.LooksUntilIssued = 5;
        await _issuing.StartAsync(IssuingFixture.Name);
        Assert.Equal(1, _issuing.Host.Counters.UnderWay);
        _issuing.Hosts.Remove(IssuingFixture.Name);
        await _issuing.RunAsync(5 * s_minute, s_minute);

        Assert.Equal(0, _issuing.Host.Counters.UnderWay);
        Assert.Null((await _issuing.RowAsync()).DueAt);
    }

    [Fact]
    public async Task Manager_FileCoversTheName_NotOrdered()
    {
        var host = _issuing.Make();
        using var ca = new TestCa(time: _issuing.Right);
        var (leaf, intermediate, key) = ca.Issue([Other]);
        host.Files.Replace([new FileCertificates.Entry(null!, ServingCertificate.FromPem(leaf + intermediate, key), 1, null)]);
        _issuing.Hosts.Add(IssuingFixture.Name, Other);
        await _issuing.StartAsync(host);
        await _issuing.RunAsync(s_minute);

        Assert.Equal(IssuingFixture.Name, Assert.Single(_issuing.Ca.Orders).Authorizations[0].Name);
    }

    [Fact]
    public async Task Manager_OtherDirectory_FailedNameIsTriedThereAtOnce()
    {
        _issuing.Ca.Intercept = request => request.Operation == "newOrder" ? FakeResponse.Problem(400, "rejectedIdentifier") : null;
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_minute);

        _issuing.Host.Settings.Replace(_issuing.Settings
            with { Authorities = [new AuthoritySettings(_issuing.OtherCa.DirectoryUrl, null, null)] });
        await _issuing.RunAsync(s_minute);

        Assert.Equal(_issuing.OtherCa.DirectoryUrl.OriginalString, (await _issuing.RowAsync()).Certificate!.DirectoryUrl);
        Assert.Equal(1, _issuing.Ca.Count("newOrder"));
    }

    [Fact]
    public async Task Manager_OtherDirectoryInTheMiddleOfAnOrder_OldOrderIsNotShownToTheNewCa()
    {
        _issuing.Ca.LooksUntilIssued = int.MaxValue;
        await _issuing.StartAsync(IssuingFixture.Name);
        _issuing.Host.Settings.Replace(_issuing.Settings
            with { Authorities = [new AuthoritySettings(_issuing.OtherCa.DirectoryUrl, null, null)] });
        await _issuing.RunUntilAsync(row => row.Certificate is not null, TimeSpan.FromMinutes(20));

        Assert.All(_issuing.OtherCa.Requests, request => Assert.Equal("other.test", request.Url.Authority));
        Assert.All(_issuing.Ca.Requests, request => Assert.Equal("ca.test", request.Url.Authority));
        Assert.Single(_issuing.OtherCa.Orders);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Manager_OtherDirectory_CertificateOfTheOldOneIsReplacedAtOnce(bool isRestarted)
    {
        await _issuing.ObtainAsync();
        var settings = _issuing.Settings with { Authorities = [new AuthoritySettings(_issuing.OtherCa.DirectoryUrl, null, null)] };
        if (isRestarted)
        {
            await _issuing.StopAsync(_issuing.Host);
            _issuing.Settings = settings;
            await _issuing.StartAsync(_issuing.Make());
        }
        else
        {
            _issuing.Host.Settings.Replace(settings);
        }

        await _issuing.RunAsync(s_minute);

        Assert.Equal(_issuing.OtherCa.DirectoryUrl.OriginalString, (await _issuing.RowAsync()).Certificate!.DirectoryUrl);
        Assert.Equal((1, 1), (_issuing.OtherCa.Orders.Count, _issuing.Host.Log.Count(1410)));
    }

    [Fact]
    public async Task Manager_OldDirectoryBecomesAFallback_ItsCertificateStays()
    {
        await _issuing.ObtainAsync();
        _issuing.Host.Settings.Replace(_issuing.Settings with
        {
            Authorities = [new AuthoritySettings(_issuing.OtherCa.DirectoryUrl, null, null), .. _issuing.Settings.Authorities],
        });
        await _issuing.RunAsync(TimeSpan.FromDays(1), TimeSpan.FromHours(1));

        Assert.Empty(_issuing.OtherCa.Orders);
    }

    [Fact]
    public async Task Manager_OtherDirectoryFails_OldCertificateIsServedAndAttemptsAreThoseOfTheSchedule()
    {
        var before = await _issuing.ObtainAsync();
        _issuing.OtherCa.Intercept = _ => FakeResponse.Broken(WireFault.Reset);
        var settings = _issuing.Settings with { Authorities = [new AuthoritySettings(_issuing.OtherCa.DirectoryUrl, null, null)] };
        _issuing.Host.Settings.Replace(settings);
        await _issuing.RunAsync(TimeSpan.FromHours(1), s_minute);
        await _issuing.StopAsync(_issuing.Host);
        _issuing.Settings = settings;
        await _issuing.StartAsync(_issuing.Make());

        Assert.Equal(before.Certificate, (await _issuing.RowAsync()).Certificate);
        Assert.Equal(3, _issuing.OtherCa.Requests.Count);
    }

    [Fact]
    public async Task Manager_TermsNotAcceptedAnyMore_NothingIsOrderedUntilTheyAreAgain()
    {
        await _issuing.ObtainAsync();
        _issuing.Host.Settings.Replace(null);
        _issuing.Hosts.Add(Other);
        await _issuing.RunAsync(TimeSpan.FromDays(1), TimeSpan.FromMinutes(10));
        Assert.Single(_issuing.Ca.Orders);
        Assert.NotNull(_issuing.Host.Serves(IssuingFixture.Name));

        _issuing.Host.Settings.Replace(_issuing.Settings);
        await _issuing.RunAsync(s_minute);
        Assert.NotNull(_issuing.Host.Serves(Other));
    }

    [Fact]
    public async Task Stop_InTheMiddleOfAnOrder_NextStartGoesOnWithIt()
    {
        _issuing.Ca.LooksUntilIssued = 5;
        var host = await _issuing.StartAsync(IssuingFixture.Name);
        Assert.Equal(1, host.Counters.UnderWay);

        await host.StopAsync();
        var row = await _issuing.RowAsync();
        Assert.NotNull(row.Order);
        Assert.Null(row.Failure);
        Assert.True(await host.Store.Inner.TryLeaseAsync("certificate/"
            + IssuingFixture.Name, "another replica", TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));
        Assert.Equal(0, host.Log.Count(1407) + host.Log.Count(1403));
        await _issuing.StopAsync(host);
        _issuing.Right.Advance(TimeSpan.FromSeconds(2));

        await _issuing.StartAsync(_issuing.Make());
        await _issuing.RunAsync(2 * s_minute, TimeSpan.FromSeconds(10));
        Assert.NotNull((await _issuing.RowAsync()).Certificate);
        Assert.Single(_issuing.Ca.Orders);
    }

    [Fact]
    public async Task Stop_WhileTheCaIsSilent_EndsAtOnceAndTheChallengeIsClosed()
    {
        _issuing.Ca.Intercept = request => request.Operation == "challenge" ? FakeResponse.Broken(WireFault.Hang) : null;
        var host = await _issuing.StartAsync(IssuingFixture.Name);
        Assert.True(host.Challenges.Any);

        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.False(host.Challenges.Any);
        Assert.NotNull((await _issuing.RowAsync()).Order);
    }
}
