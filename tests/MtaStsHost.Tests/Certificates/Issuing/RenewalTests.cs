using System.Net;
using Acme.Testing;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Storage;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>Certificates that get old: when they are renewed, and what is served while that fails.</summary>
public sealed class RenewalTests : IAsyncDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly IssuingFixture _issuing = new();

    public RenewalTests() => _issuing.Ca.RenewalWindows = null;

    public ValueTask DisposeAsync() => _issuing.DisposeAsync();

    [Theory]
    [InlineData(90, 60)]
    [InlineData(45, 30)]
    [InlineData(6, 3)]
    public async Task WorkOn_TimePasses_RenewedAtAShareOfTheLife(int life, int renewAfter)
    {
        _issuing.Ca.CertificateLife = TimeSpan.FromDays(life);
        var first = await _issuing.ObtainAsync();
        var renewAt = first.Certificate!.NotBefore + TimeSpan.FromDays(renewAfter);
        Assert.Equal(renewAt, first.DueAt);

        await _issuing.RunAsync(renewAt - _issuing.Now - s_minute, TimeSpan.FromDays(1));
        Assert.Single(_issuing.Ca.Orders);
        await _issuing.RunAsync(2 * s_minute);

        var second = await _issuing.RowAsync();
        Assert.Equal(2, _issuing.Ca.Orders.Count);
        Assert.Equal(second.Certificate!.NotAfter, _issuing.Host.Serves(IssuingFixture.Name));
        Assert.True(second.Certificate.NotAfter > first.Certificate.NotAfter);
        Assert.NotEqual(first.Certificate.KeyPem, second.Certificate.KeyPem);
    }

    [Fact]
    public async Task WorkOn_ResolverDoesNotKnowTheName_RenewedAllTheSame()
    {
        await ObtainWithPreflightAsync();

        await _issuing.RunAsync(TimeSpan.FromDays(61), TimeSpan.FromDays(1));

        Assert.Equal(2, _issuing.Ca.Orders.Count);
        Assert.Null((await _issuing.RowAsync()).Failure);
    }

    [Fact]
    public async Task WorkOn_ResolverDoesNotKnowTheNameNorDoesTheCa_CaIsAskedOnceADayAndTheNameIsCheckedMoreOften()
    {
        var first = await ObtainWithPreflightAsync();
        _issuing.Ca.Authorizations.Clear();
        _issuing.Ca.Validate = _ => "dns";
        await _issuing.RunUntilAsync(row => row.Failure is not null, TimeSpan.FromDays(61));
        var failure = (await _issuing.RowAsync()).Failure!;
        Assert.Equal(FailureKind.Validation, failure.Kind);
        Assert.Contains("has no address in DNS", failure.Message, StringComparison.Ordinal);

        var before = _issuing.Ca.Orders.Count;
        await _issuing.RunAsync(TimeSpan.FromDays(5), TimeSpan.FromMinutes(10));
        Assert.InRange(_issuing.Ca.Orders.Count - before, 5, 6);
        Assert.True((await _issuing.RowAsync()).Failure!.Attempts > 5 * 20);

        // Fixed: within the hour.
        _issuing.Ca.Validate = _ => null;
        _issuing.Host.Dns.Addresses[IssuingFixture.Name] = [IPAddress.Loopback];
        await _issuing.RunAsync(TimeSpan.FromMinutes(75));
        Assert.True((await _issuing.RowAsync()).Certificate!.NotAfter > first.Certificate!.NotAfter);
    }

    [Fact]
    public async Task WorkOn_CaDownFor120Days_OldCertificateServesAndRecoveryNeedsNoRestart()
    {
        var first = await _issuing.ObtainAsync();
        _issuing.Ca.Intercept = _ => FakeResponse.Broken(WireFault.Reset);

        await _issuing.RunAsync(TimeSpan.FromDays(120));

        Assert.True(_issuing.Now > first.Certificate!.NotAfter);
        Assert.Equal(first.Certificate.NotAfter, _issuing.Host.Serves(IssuingFixture.Name));
        var row = await _issuing.RowAsync();
        Assert.Equal(first.Certificate, row.Certificate);
        Assert.Equal(FailureKind.Network, row.Failure!.Kind);

        _issuing.Ca.Intercept = null;
        await _issuing.RunAsync(TimeSpan.FromDays(1.3));
        Assert.True(_issuing.Host.Serves(IssuingFixture.Name) > _issuing.Now);
        Assert.Null((await _issuing.RowAsync()).Failure);
    }

    [Fact]
    public async Task WorkOn_CaDownFor30Days_AttemptsAreThoseOfTheSchedule()
    {
        await _issuing.StartAsync();
        _issuing.Ca.Intercept = _ => FakeResponse.Broken(WireFault.Reset);
        var start = _issuing.Now;
        _issuing.Hosts.Add(IssuingFixture.Name);

        await _issuing.RunAsync(TimeSpan.FromDays(30));

        var asked = _issuing.Host.Counters.Failures.Single(one => one.Key == FailureKind.Network).Value;
        // At once, after 1, 10, 100 minutes, then daily, with up to a fifth more.
        Assert.InRange(asked, 4 + (29 / 1.2) - 1, 4 + 29);
        Assert.Equal(asked, (await _issuing.RowAsync()).Failure!.Attempts);
        Assert.Equal(asked, _issuing.Ca.Requests.Count);
        Assert.Equal(start + TimeSpan.FromDays(30), _issuing.Now);

        _issuing.Ca.Intercept = null;
        await _issuing.RunUntilAsync(row => row.Certificate is not null, TimeSpan.FromDays(1.3));
    }

    [Fact]
    public async Task WorkOn_CaDown_AtMost5AttemptsInTheFirstHour()
    {
        _issuing.Ca.Intercept = _ => FakeResponse.Broken(WireFault.Reset);
        await _issuing.StartAsync(IssuingFixture.Name);

        await _issuing.RunAsync(TimeSpan.FromHours(1));

        Assert.Equal(3, _issuing.Ca.Requests.Count);
    }

    [Fact]
    public async Task WorkOn_LongRetryAfterNearTheEnd_NotPastHalfOfWhatIsLeft()
    {
        var first = await _issuing.ObtainAsync();
        _issuing.Ca.Intercept = _ => FakeResponse.Problem(503, "serverInternal", "Later.").With("Retry-After", "31536000");
        await _issuing.RunUntilAsync(row => row.Failure is not null, TimeSpan.FromDays(61));

        // A week is the most in any case; with 30 days left, half of these is more.
        var row = await _issuing.RowAsync();
        Assert.Equal(TimeSpan.FromDays(7), row.DueAt - row.Failure!.At);
        await _issuing.RunUntilAsync(late => late.Failure!.Attempts == 4, TimeSpan.FromDays(30));
        row = await _issuing.RowAsync();
        Assert.Equal((first.Certificate!.NotAfter - row.Failure!.At).TotalSeconds / 2,
            (row.DueAt!.Value - row.Failure.At).TotalSeconds, tolerance: 1);
    }

    [Fact]
    public async Task WorkOn_OperatorAsksForRenewal_RenewedNow()
    {
        await _issuing.ObtainAsync();

        Assert.True(await _issuing.Host.Store.Inner.RequestRenewalAsync(IssuingFixture.Name, TestContext.Current.CancellationToken));
        await _issuing.RunAsync(s_minute);

        Assert.Equal(2, _issuing.Ca.Orders.Count);
        Assert.False((await _issuing.RowAsync()).RenewalRequested);
    }

    /// <summary>With a certificate from when the resolver still knew the name.</summary>
    private async Task<CertificateRecord> ObtainWithPreflightAsync()
    {
        _issuing.Settings = _issuing.Settings with { Preflight = true };
        var host = _issuing.Make();
        host.Dns.Addresses[IssuingFixture.Name] = [IPAddress.Loopback];
        _issuing.Hosts.Add(IssuingFixture.Name);
        await _issuing.StartAsync(host);
        await _issuing.RunAsync(s_minute);
        host.Dns.Addresses.Clear();
        return await _issuing.RowAsync();
    }

    [Fact]
    public async Task WorkOn_CertificateRevokedHere_RenewedWhenDue()
    {
        var row = await _issuing.ObtainAsync();
        var store = _issuing.Host.Store.Inner;
        Assert.NotNull(await store.ClaimAsync(row.Host, "operator", s_minute, TestContext.Current.CancellationToken));
        await store.SaveAsync(row with { Certificate = row.Certificate! with { RevokedAt = _issuing.Now }, DueAt = _issuing.Now },
            [], "operator", release: true, TestContext.Current.CancellationToken);

        await _issuing.RunAsync(s_minute);

        Assert.Equal(2, _issuing.Ca.Orders.Count);
    }
}
