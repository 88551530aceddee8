using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Serving;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Checks.Sts;

public sealed class PolicyHostReachabilityTests
{
    private static readonly IPAddress s_address = IPAddress.Parse("192.0.2.1");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly IssuingTime _clock;
    private readonly HostStatistics _domain = new();
    private readonly PolicyHostReachability _reachability;

    public PolicyHostReachabilityTests() => _reachability = new PolicyHostReachability(_clock = new IssuingTime(_time));

    [Fact]
    public void Failed_NobodyFetches_IsNotReached()
    {
        Assert.False(Fails());
        Pass(2);

        Assert.False(Fails());
    }

    [Fact]
    public void Failed_FetchFromBeforeTheOutage_ProvesNothing()
    {
        Fetch();
        Pass(2);
        Assert.False(Fails());
        Pass(2);

        Assert.False(Fails());
    }

    /// <summary>Until then, a sender may use the address that was in DNS before.</summary>
    [Theory]
    [InlineData(0.9, 300, false)]
    [InlineData(1.1, 300, true)]
    [InlineData(1.1, 7200, false)]
    [InlineData(2.1, 7200, true)]
    public void Failed_FetchDuringTheOutage_CountsOnceOldRecordsAreOutOfCaches(double hours, int ttl, bool expected)
    {
        Fails();
        Pass(hours);
        Fetch();

        Assert.Equal(expected, Fails(ttl));
    }

    [Fact]
    public void Failed_Reached_IsSoForTwoDays()
    {
        Fails();
        Pass(2);
        Fetch();

        Assert.True(Fails());
        Pass(47);
        Assert.True(Fails());
        Pass(2);
        Assert.False(Fails());
        Fetch();
        Assert.True(Fails());
    }

    [Fact]
    public void Failed_FetchOfTheOtherFamilyOrOfAnotherDomainOrPerhapsElsewhere_ProvesNothing()
    {
        Fails();
        Pass(2);
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        _domain.NoteFromOutside(AddressFamily.InterNetworkV6, now);
        Assert.False(Fails());
        var other = new HostStatistics();
        _reachability.Failed(other, s_address, TimeSpan.Zero, isAlone: true);
        Fetch();

        Assert.False(_reachability.Failed(other, s_address, TimeSpan.Zero, isAlone: true));
        Assert.False(_reachability.Failed(_domain, s_address, TimeSpan.Zero, isAlone: false));
        Assert.True(Fails());
    }

    [Fact]
    public void Failed_AgainAfterItWorked_IsAnOutageOfItsOwn()
    {
        Fails();
        Pass(2);
        Fetch();
        Assert.True(Fails());
        _reachability.Reached(_domain, s_address);
        Pass(2);

        Assert.False(Fails());
        Pass(2);
        Assert.False(Fails());
    }

    /// <summary>A machine without a clock of its own that starts with a wrong one, say.</summary>
    [Fact]
    public void Failed_FirstAtAClockThatWasAhead_IsReachedOnceItIsFetched()
    {
        _clock.WrongBy = TimeSpan.FromDays(365);
        Fails();
        _clock.WrongBy = TimeSpan.Zero;
        Fails();
        Pass(2);
        Fetch();

        Assert.True(Fails());
    }

    [Fact]
    public void Failed_FetchedByAClockThatWasAhead_CountsAgainOnceItIsFetchedByTheRightOne()
    {
        Fails();
        Pass(2);
        _clock.WrongBy = TimeSpan.FromDays(30);
        Fetch();
        Assert.True(Fails());
        _clock.WrongBy = TimeSpan.Zero;
        Pass(50);
        Assert.False(Fails()); // too long ago by now, and in the future as it was noted
        Fetch();

        Assert.True(Fails());
    }

    private bool Fails(int ttl = 0) => _reachability.Failed(_domain, s_address, TimeSpan.FromSeconds(ttl), isAlone: true);

    private void Fetch() => _domain.NoteFromOutside(AddressFamily.InterNetwork, _clock.GetUtcNow().ToUnixTimeSeconds());

    private void Pass(double hours) => _time.Advance(TimeSpan.FromHours(hours));
}
