using MtaSts;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Transitions;

public sealed class LastFetchesTests
{
    private static readonly ServedPolicy s_old = Served(PolicyMode.Testing);

    /// <summary>Of the same domain, whose statistics live on.</summary>
    private static readonly ServedPolicy s_enforce = Served(PolicyMode.Enforce);

    private readonly LastFetches _fetches = new();
    private readonly ServedSnapshot _before;
    private readonly ServedSnapshot _after;

    public LastFetchesTests()
    {
        _before = new(new([s_old]), null);
        _after = new(new([s_enforce]), _before);
    }

    [Fact]
    public void Of_NobodyFetched_IsNothing() => Assert.Empty(_fetches.Of(_before));

    [Fact]
    public void Of_FetchedSinceTheNote_IsTheLastTime()
    {
        Fetch(Day(1));
        _fetches.Noted(Day(2));
        Assert.Empty(_fetches.Of(_before));

        Fetch(Day(3));

        Assert.Equal([Fetched(s_old, 3)], _fetches.Of(_before));
    }

    [Fact]
    public void Of_FetchedInTheSecondOfTheNote_IsToldAgain()
    {
        Fetch(Day(1));
        _fetches.Noted(Day(1).AddMilliseconds(500));

        Assert.Equal([Fetched(s_old, 1)], _fetches.Of(_before));
    }

    [Fact]
    public void TellApart_PolicyReplaced_ItsFetchesStayItsOwn()
    {
        Fetch(Day(1));

        Change(_before, _after);
        Assert.Equal([Fetched(s_old, 1)], _fetches.Of(_after));
        Fetch(Day(2));

        Assert.Equal([Fetched(s_old, 1), Fetched(s_enforce, 2)], _fetches.Of(_after).OrderBy(fetch => fetch.At));
    }

    [Fact]
    public void TellApart_AgainSinceTheStoreFailed_CountsNothingForThePolicyThatEnded()
    {
        Change(_before, _after);
        Fetch(Day(2));

        Change(_before, _after);

        Assert.Equal([Fetched(s_enforce, 2)], _fetches.Of(_after));
    }

    [Fact]
    public void Noted_WhatEnded_IsToldOnce()
    {
        Fetch(Day(1));
        Change(_before, _after);
        _fetches.Noted(Day(2));

        Assert.Empty(_fetches.Of(_after));
    }

    [Fact]
    public void TellApart_DomainRemovedAndBackWithNewStatistics_CountsFromTheFirstFetch()
    {
        Fetch(Day(5));
        Change(_before, _after);
        Change(_after, ServedSnapshot.Empty);
        _fetches.Noted(Day(5));
        var back = new ServedSnapshot(new([Served(PolicyMode.Testing)]), ServedSnapshot.Empty);
        Change(ServedSnapshot.Empty, back);

        back.All.Single().Statistics.CountServed(Day(5).ToUnixTimeSeconds());

        Assert.Equal([Fetched(s_old, 5)], _fetches.Of(back));
    }

    private void Fetch(DateTimeOffset at) => _after.All.Single().Statistics.CountServed(at.ToUnixTimeSeconds());

    private void Change(ServedSnapshot before, ServedSnapshot after) =>
        _fetches.TellApart(before, after, new PolicyRows().Compare(before.Policies, after.Policies, Start));

    private static LastFetch Fetched(ServedPolicy policy, double day) => new(new PolicyRows().KeyOf(policy), Day(day));
}
