using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>A machine whose clock is set wrong, and right again; the CA's clock is always right.</summary>
public sealed class ClockTests : IAsyncDisposable
{
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    private readonly IssuingFixture _issuing = new();

    public ClockTests() => _issuing.Ca.RenewalWindows = null;

    public ValueTask DisposeAsync() => _issuing.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(3650)]
    [InlineData(-3650)]
    public async Task WorkOn_ClockIsWrongForAWhile_NoStormAndBackToNormal(int days)
    {
        var first = await _issuing.ObtainAsync();

        _issuing.Time.WrongBy = TimeSpan.FromDays(days);
        await _issuing.RunAsync(3 * s_day, TimeSpan.FromHours(1));
        Assert.Equal(first.Certificate!.NotAfter, _issuing.Host.Serves(IssuingFixture.Name));
        Assert.InRange(_issuing.Ca.Orders.Count, 1, 8);

        _issuing.Time.WrongBy = TimeSpan.Zero;
        var before = _issuing.Ca.Orders.Count;
        await _issuing.RunAsync(2 * s_day, TimeSpan.FromHours(1));
        Assert.InRange(_issuing.Ca.Orders.Count, before, before + 1);
        Assert.Null((await _issuing.RowAsync()).Failure);
        Assert.Equal(2, _issuing.Host.Log.Count(1404));
        Assert.Equal(0, _issuing.Host.Log.Count(1403) + _issuing.Host.Log.Count(1407));

        // Renewed in time afterwards, and not more than once.
        before = _issuing.Ca.Orders.Count;
        await _issuing.RunAsync(70 * s_day, s_day);
        Assert.InRange(_issuing.Ca.Orders.Count, before, before + 2);
        Assert.True(_issuing.Host.Serves(IssuingFixture.Name) > _issuing.Now + (20 * s_day));
    }

    [Theory]
    [InlineData(3650)]
    [InlineData(-3650)]
    public async Task WorkOn_NewNameWhileTheClockIsWrong_SaysSoAndGoesOnOnceItIsRight(int days)
    {
        _issuing.Time.WrongBy = TimeSpan.FromDays(days);
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunAsync(s_day, TimeSpan.FromHours(1));
        var row = await _issuing.RowAsync();
        Assert.Equal(FailureKind.Clock, row.Failure!.Kind);
        Assert.InRange(_issuing.Ca.Orders.Count, 1, 5);

        _issuing.Time.WrongBy = TimeSpan.Zero;
        await _issuing.RunAsync(TimeSpan.FromHours(25), TimeSpan.FromHours(1));
        Assert.NotNull((await _issuing.RowAsync()).Certificate);
    }

    [Fact]
    public async Task WorkOn_NextAttemptWasSetByAClockThatWasAhead_PulledIn()
    {
        _issuing.Time.WrongBy = 3650 * s_day;
        _issuing.Ca.Validate = _ => "connection";
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunUntilAsync(row => row.Failure is not null, TimeSpan.FromHours(1));
        _issuing.Ca.Validate = _ => null;

        _issuing.Time.WrongBy = TimeSpan.Zero;
        await _issuing.RunAsync(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(10));

        Assert.Equal(1, _issuing.Host.Log.Count(1405));
        Assert.NotNull((await _issuing.RowAsync()).Certificate);
    }

    [Fact]
    public async Task WorkOn_LimitReachedByAClockThatWasAhead_FirstOrdersGoOnOnceItIsRight()
    {
        (_issuing.Ca.CertificateLife, _issuing.Settings) = (TimeSpan.FromDays(7300), _issuing.Settings with { OrdersPerThreeHours = 2 });
        _issuing.Time.WrongBy = 3650 * s_day;
        await _issuing.StartAsync("mta-sts.1.example", "mta-sts.2.example", "mta-sts.3.example");
        await _issuing.RunAsync(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1));
        Assert.Equal(2, _issuing.Ca.Orders.Count);
        Assert.Equal(1, _issuing.Host.Log.Count(1406));

        _issuing.Time.WrongBy = TimeSpan.Zero;
        await _issuing.RunAsync(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1));

        Assert.Equal(3, _issuing.Ca.Orders.Count);
    }

    [Fact]
    public async Task WorkOn_ClockGoesBackInTheMiddleOfAnOrder_NothingBreaks()
    {
        _issuing.Ca.LooksUntilIssued = 10;
        await _issuing.StartAsync(IssuingFixture.Name);
        Assert.Equal(1, _issuing.Host.Counters.UnderWay);

        _issuing.Time.WrongBy = -s_day;
        await _issuing.RunAsync(TimeSpan.FromMinutes(2));
        _issuing.Time.WrongBy = TimeSpan.Zero;
        await _issuing.RunAsync(s_day, TimeSpan.FromHours(1));

        Assert.NotNull((await _issuing.RowAsync()).Certificate);
        Assert.InRange(_issuing.Ca.Orders.Count, 1, 3);
    }
}
