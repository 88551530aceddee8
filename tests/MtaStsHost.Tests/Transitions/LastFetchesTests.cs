using MtaSts;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;
using FetchedPolicy = MtaStsHost.Storage.FetchedPolicy;

namespace MtaStsHost.Tests.Transitions;

public sealed class LastFetchesTests
{
    private static readonly ServedPolicy s_old = Served(PolicyMode.Testing);

    /// <summary>Of the same domain, whose statistics live on.</summary>
    private static readonly ServedPolicy s_enforce = Served(PolicyMode.Enforce);

    private readonly LastFetches _fetches = new();
    private readonly PolicyStatistics _statistics = new();
    private readonly PolicySnapshot _before;
    private readonly PolicySnapshot _after;

    public LastFetchesTests() => (_before, _after) = (Snapshot(s_old), Snapshot(s_enforce));

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
        Change(_after, PolicySnapshot.Empty);
        _fetches.Noted(Day(5));
        var back = new PolicySnapshot([Served(PolicyMode.Testing)]);
        Change(PolicySnapshot.Empty, back);

        back.All[0].Statistics.CountServed(Day(5).ToUnixTimeSeconds());

        Assert.Equal([Fetched(s_old, 5)], _fetches.Of(back));
    }

    private void Fetch(DateTimeOffset at) => _statistics.CountServed(at.ToUnixTimeSeconds());

    private void Change(PolicySnapshot before, PolicySnapshot after) =>
        _fetches.TellApart(before, after, new PolicyRows().Compare(before, after, Start));

    private PolicySnapshot Snapshot(ServedPolicy policy) =>
        new([new ServedPolicy(policy.Domain, policy.Policy, policy.Id, policy.Body, [], _statistics)]);

    private static FetchedPolicy Fetched(ServedPolicy policy, double day) => new(new PolicyRows().KeyOf(policy), Day(day));
}
