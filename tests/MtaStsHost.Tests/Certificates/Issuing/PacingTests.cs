using MtaStsHost.Storage;
using MtaStsHost.Testing;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>The limit of orders, and hosts that share a store.</summary>
public sealed class PacingTests : IAsyncDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly IssuingFixture _issuing = new();

    public ValueTask DisposeAsync() => _issuing.DisposeAsync();

    [Fact]
    public async Task WorkOn_LimitReached_FirstOrdersWaitUntilTheWindowIsFree()
    {
        _issuing.Settings = _issuing.Settings with { OrdersPerThreeHours = 10 };
        await _issuing.StartAsync(Names(25));
        await _issuing.RunAsync(TimeSpan.FromHours(2.9), 10 * s_minute);
        Assert.Equal(10, _issuing.Ca.Orders.Count);
        Assert.InRange(_issuing.Ca.Count("newOrder"), 10, 10);
        Assert.InRange(_issuing.Host.Log.Count(1406), 1, 10);
        Assert.Equal(0, _issuing.Host.Log.Count(1421));

        await _issuing.RunAsync(TimeSpan.FromHours(0.2), s_minute);
        Assert.Equal(20, _issuing.Ca.Orders.Count);
        await _issuing.RunAsync(TimeSpan.FromHours(3.1), s_minute);
        Assert.Equal(25, _issuing.Ca.Orders.Count);
        Assert.All(Names(25), name => Assert.NotNull(_issuing.Host.Serves(name)));
    }

    [Fact]
    public async Task WorkOn_LimitReached_RenewalsGoOnALittle()
    {
        _issuing.Settings = _issuing.Settings with { OrdersPerThreeHours = 5 };
        await _issuing.ObtainAsync();
        _issuing.Hosts.Add(Names(10));
        await _issuing.RunAsync(5 * s_minute, s_minute);
        Assert.Equal(5, _issuing.Ca.Orders.Count);

        await _issuing.Host.Store.Inner.RequestRenewalAsync(IssuingFixture.Name, TestContext.Current.CancellationToken);
        await _issuing.RunAsync(5 * s_minute, s_minute);

        Assert.Equal(6, _issuing.Ca.Orders.Count);
        Assert.Equal(2, _issuing.Ca.Orders.Count(order => order.Authorizations[0].Name == IssuingFixture.Name));
    }

    [Fact]
    public async Task WorkOn_TwoHostsOnOneStore_EachNameOrderedOnce()
    {
        await _issuing.StartAsync();
        await _issuing.StartAsync(_issuing.Make());
        _issuing.Hosts.Add(Names(40));
        await _issuing.RunAsync(2 * s_minute, TimeSpan.FromSeconds(10));

        Assert.Equal(40, _issuing.Ca.Orders.Count);
        Assert.Single(_issuing.Ca.Accounts);
        Assert.Equal(40, await CountObtainedAsync());
        Assert.Equal(0, _issuing.Running.Sum(host => host.Log.Count(1421) + host.Log.Count(1407)));
    }

    [Fact]
    public async Task WorkOn_TwoHostsOnOneStore_LimitIsForBothTogether()
    {
        _issuing.Settings = _issuing.Settings with { OrdersPerThreeHours = 10 };
        await _issuing.StartAsync();
        await _issuing.StartAsync(_issuing.Make());
        _issuing.Hosts.Add(Names(30));
        await _issuing.RunAsync(TimeSpan.FromHours(1), 5 * s_minute);

        Assert.Equal(10, _issuing.Ca.Orders.Count);
    }

    [Fact]
    public async Task WorkOn_HostDiesInTheMiddle_OtherOneGoesOnWithItsOrderOnceTheLeaseIsOver()
    {
        _issuing.Ca.LooksUntilIssued = int.MaxValue;
        var first = await _issuing.StartAsync(IssuingFixture.Name);
        Assert.Equal(1, first.Counters.UnderWay);
        await Eventually.IsTrueAsync(async () => (await _issuing.RowAsync()).Order is not null, "the order is made, and kept");
        first.Store.Fails = _ => true; // nothing more of it reaches the store, as if it were dead
        await _issuing.StartAsync(_issuing.Make());
        _issuing.Ca.Orders[0].LooksUntilIssued = 3;
        await _issuing.RunAsync(3 * s_minute, TimeSpan.FromSeconds(10));

        Assert.Single(_issuing.Ca.Orders);
        Assert.NotNull((await _issuing.RowAsync()).Certificate);
    }

    [Fact]
    public async Task Watch_OtherHostRenews_NewCertificateIsServedHereToo()
    {
        var first = await _issuing.ObtainAsync();
        var other = await _issuing.StartAsync(_issuing.Make());
        await other.Watch.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.NotNull((await other.Cache.FindAsync(IssuingFixture.Name)).Certificate);
        var challenge = new StoredChallenge(IssuingFixture.Name, "http-01", "token", "token.thumb", _issuing.Now + s_minute);
        var store = _issuing.Host.Store.Inner;
        Assert.NotNull(await store.ClaimAsync(IssuingFixture.Name, "third", s_minute, TestContext.Current.CancellationToken));
        var renewed = first.Certificate! with { NotAfter = first.Certificate.NotAfter
            + s_minute, ObtainedAt = first.Certificate.ObtainedAt + s_minute };
        await store.SaveAsync(first with { Certificate = renewed }, [challenge],
            "third", release: true, TestContext.Current.CancellationToken);

        await other.Watch.RefreshAsync(TestContext.Current.CancellationToken);

        Assert.Equal("token.thumb", other.Challenges.FindHttp01(IssuingFixture.Name, "token"));
        Assert.Equal(renewed.NotAfter, other.Index.Find(IssuingFixture.Name)!.NotAfter);
    }

    private async Task<int> CountObtainedAsync() =>
        (await _issuing.Host.Store.Inner.ListAsync(null, TestContext.Current.CancellationToken)).Count(row => row.Certificate is not null);

    private static IEnumerable<string> Names(int count) => Enumerable.Range(0, count).Select(number => $"mta-sts.n{number:00}.example");
}
