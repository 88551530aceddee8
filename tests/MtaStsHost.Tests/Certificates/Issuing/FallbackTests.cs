using Acme.Testing;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Configuration;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>A second CA, for when the first one fails.</summary>
public sealed class FallbackTests : IAsyncDisposable
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly IssuingFixture _issuing = new();

    public FallbackTests() =>
        _issuing.Settings = _issuing.Settings
            with { Authorities = [.. _issuing.Settings.Authorities, new AuthoritySettings(_issuing.OtherCa.DirectoryUrl, null, null)] };

    public ValueTask DisposeAsync() => _issuing.DisposeAsync();

    [Fact]
    public async Task WorkOn_FirstCaFails_OtherOneAtTheSecondAttempt()
    {
        _issuing.Ca.Intercept = _ => FakeResponse.Broken(WireFault.Reset);
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_hour);
        Assert.Empty(_issuing.OtherCa.Requests);

        await _issuing.RunUntilAsync(row => row.Certificate is not null, s_hour);
        var row = await _issuing.RowAsync();
        Assert.Equal(_issuing.OtherCa.DirectoryUrl.OriginalString, row.Certificate!.DirectoryUrl);
        Assert.Single(_issuing.OtherCa.Orders);
        Assert.Equal(2, _issuing.Ca.Requests.Count);
    }

    [Fact]
    public async Task WorkOn_FirstCaWorksAgain_RenewedThere()
    {
        _issuing.Ca.Intercept = _ => FakeResponse.Broken(WireFault.Reset);
        (_issuing.Ca.RenewalWindows, _issuing.OtherCa.RenewalWindows) = (null, null);
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Certificate is not null, s_hour);
        _issuing.Ca.Intercept = null;

        await _issuing.RunAsync(TimeSpan.FromDays(61));

        Assert.Single(_issuing.OtherCa.Orders);
        Assert.Single(_issuing.Ca.Orders);
        Assert.Equal(_issuing.Ca.DirectoryUrl.OriginalString, (await _issuing.RowAsync()).Certificate!.DirectoryUrl);
    }

    [Theory]
    [InlineData("connection")]
    [InlineData("unauthorized")]
    public async Task WorkOn_NameIsNotValidated_OtherCaIsNotAsked(string error)
    {
        _issuing.Ca.Validate = _ => error;
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunAsync(3 * s_hour);

        Assert.Empty(_issuing.OtherCa.Requests);
        Assert.Equal(4, _issuing.Ca.Orders.Count);
    }

    [Fact]
    public async Task WorkOn_BothFail_MessageNamesBothAndTheSoonerOneDecides()
    {
        _issuing.Ca.Intercept = request => request.Operation == "newOrder"
            ? FakeResponse.Problem(400, "rejectedIdentifier", "Not here.") : null;
        _issuing.OtherCa.Intercept = _ => FakeResponse.Broken(WireFault.Reset);
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is { Attempts: 2 }, TimeSpan.FromDays(2));

        var row = await _issuing.RowAsync();
        Assert.Contains("Not here.", row.Failure!.Message, StringComparison.Ordinal);
        Assert.Contains("other.test", row.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Network, row.Failure.Kind);
        Assert.True(row.DueAt - row.Failure.At < TimeSpan.FromMinutes(13));
    }

    [Fact]
    public async Task WorkOn_FirstCaAsksToWait_IsNotAskedAtThePaceOfTheOther()
    {
        _issuing.Ca.Intercept = request => request.Operation == "newOrder"
            ? FakeResponse.Problem(400, "rejectedIdentifier", "Not here.") : null;
        _issuing.OtherCa.Intercept = _ => FakeResponse.Broken(WireFault.Reset);
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(_ => _issuing.OtherCa.Requests.Count >= 3, TimeSpan.FromDays(4));

        // Refused: tried once a day, while the other one's outage is retried after 1, 10 and 100 minutes.
        Assert.InRange(_issuing.Ca.Requests.Count(request => request.Operation == "newOrder"), 1, 3);
    }

    [Fact]
    public async Task WorkOn_FirstCaIsSlow_ItsOrderIsKeptWhileTheOtherIsAsked()
    {
        _issuing.Ca.LooksUntilIssued = int.MaxValue;
        _issuing.OtherCa.Intercept = _ => FakeResponse.Broken(WireFault.Reset);
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is { Attempts: 3 }, 3 * s_hour);

        Assert.Single(_issuing.Ca.Orders);
        _issuing.Ca.Orders[0].LooksUntilIssued = 0;
        await _issuing.RunUntilAsync(row => row.Certificate is not null, 3 * s_hour);
        Assert.Single(_issuing.Ca.Orders);
    }
}
