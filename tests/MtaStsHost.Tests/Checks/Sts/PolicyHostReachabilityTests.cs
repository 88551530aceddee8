using System.Net;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Checks.Sts;

public sealed class PolicyHostReachabilityTests
{
    private static readonly IPAddress s_address = IPAddress.Parse("192.0.2.1");
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly PolicyHostReachability _reachability;

    public PolicyHostReachabilityTests() => _reachability = new PolicyHostReachability(_time);

    private DateTimeOffset Now => _time.GetUtcNow();

    [Fact]
    public void Failed_NobodyFetches_IsNotReached()
    {
        Assert.False(_reachability.Failed(s_address, null));
        _time.Advance(s_hour);

        Assert.False(_reachability.Failed(s_address, null));
    }

    [Fact]
    public void Failed_FetchFromBeforeTheOutage_ProvesNothing()
    {
        var before = Now - s_hour;
        Assert.False(_reachability.Failed(s_address, before));
        _time.Advance(s_hour);

        Assert.False(_reachability.Failed(s_address, before));
    }

    [Fact]
    public void Failed_FetchDuringTheOutage_IsReachedForThreeDays()
    {
        _reachability.Failed(s_address, null);
        _time.Advance(s_hour);
        var fetch = Now;

        Assert.True(_reachability.Failed(s_address, fetch));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.True(_reachability.Failed(s_address, fetch));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.False(_reachability.Failed(s_address, fetch));
        Assert.True(_reachability.Failed(s_address, Now));
    }

    [Fact]
    public void Failed_FetchOfAnotherDomainAtThatAddress_IsReached()
    {
        _reachability.Failed(s_address, null);
        _time.Advance(s_hour);

        Assert.True(_reachability.Failed(s_address, Now));
        Assert.True(_reachability.Failed(s_address, null));
        Assert.False(_reachability.Failed(IPAddress.Parse("192.0.2.2"), Now));
    }

    [Fact]
    public void Failed_AgainAfterItWorked_IsAnOutageOfItsOwn()
    {
        _reachability.Failed(s_address, null);
        _time.Advance(s_hour);
        Assert.True(_reachability.Failed(s_address, Now));
        var fetch = Now;
        _reachability.Reached(s_address);
        _time.Advance(s_hour);

        Assert.False(_reachability.Failed(s_address, fetch));
        Assert.False(_reachability.Failed(s_address, fetch));
    }

    [Fact]
    public void Failed_FetchInAFutureThatAClockLeft_ProvesNothing()
    {
        _reachability.Failed(s_address, null);

        Assert.False(_reachability.Failed(s_address, Now + TimeSpan.FromDays(30)));
    }

    /// <summary>A machine without a clock of its own that starts with a wrong one, say.</summary>
    [Fact]
    public void Failed_FirstAtAClockThatWasAhead_IsReachedOnceItIsFetched()
    {
        var clock = new IssuingTime(_time) { WrongBy = TimeSpan.FromDays(365) };
        var reachability = new PolicyHostReachability(clock);
        reachability.Failed(s_address, null);
        clock.WrongBy = TimeSpan.Zero;
        reachability.Failed(s_address, null);
        _time.Advance(s_hour);

        Assert.True(reachability.Failed(s_address, Now));
    }

    [Fact]
    public void Failed_LongAgoByAClockThatIsSetForward_DoesNotEndTheProof()
    {
        var clock = new IssuingTime(_time);
        var reachability = new PolicyHostReachability(clock);
        reachability.Failed(s_address, null);
        _time.Advance(s_hour);
        clock.WrongBy = TimeSpan.FromDays(30);
        var fetchedWhileAhead = clock.GetUtcNow();
        Assert.True(reachability.Failed(s_address, fetchedWhileAhead));
        clock.WrongBy = TimeSpan.Zero;
        _time.Advance(s_hour);

        Assert.True(reachability.Failed(s_address, Now)); // fetched again, by the right clock
    }

    [Fact]
    public void Failed_MoreAddressesThanOneNetworkHas_ForgetsTheOldest()
    {
        _reachability.Failed(s_address, null);
        for (var i = 0; i < 1_000; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _reachability.Failed(new IPAddress([198, 51, (byte)(i >> 8), (byte)i]), null);
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_reachability.Failed(s_address, Now)); // as if it failed for the first time
        Assert.True(_reachability.Failed(IPAddress.Parse("198.51.3.231"), Now));
    }
}
