using MtaSts;
using MtaStsHost.Checks.Background;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Checks.Background;

public sealed class CheckScheduleTests
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private readonly CheckSchedule _schedule = new();

    [Fact]
    public void Spread_OneDomain_IsDueAtOnce()
    {
        _schedule.Follow(Snapshot(Served(PolicyMode.Enforce)), s_hour);
        _schedule.Spread(s_hour, s_hour, isAnew: true);

        Assert.Equal("example.com", _schedule.Take(s_hour)?.Policy.Domain.Value);
        Assert.Null(_schedule.Take(s_hour));
        Assert.Null(_schedule.Next);
    }

    [Theory]
    [InlineData(50, 49)] // one per second
    [InlineData(20_000, 3600)] // as long as the interval has room
    public void Spread_ManyDomains_AreDueOverTheSpanAndAtTheSamePlaceEachTime(int count, int seconds)
    {
        var all = Many(count);
        _schedule.Follow(new PolicySnapshot(all), TimeSpan.Zero);
        _schedule.Spread(TimeSpan.Zero, s_hour, isAnew: true);

        var order = TakeAll(TimeSpan.FromSeconds(seconds));
        Assert.Equal(count, order.Count);
        // Over the span, not in heaps: each tenth of it has its share, give or take what a few names make.
        var tenths = order.GroupBy(turn => Math.Min(9, (int)(turn.Due.TotalSeconds / seconds * 10))).ToList();
        Assert.Equal(10, tenths.Count);
        Assert.All(tenths, tenth => Assert.InRange(tenth.Count(), count / 50, count / 4));

        var again = new CheckSchedule();
        again.Follow(new PolicySnapshot([.. all.Reverse()]), TimeSpan.Zero);
        again.Spread(TimeSpan.Zero, s_hour, isAnew: true);
        Assert.Equal(order.Select(turn => turn.Due), TakeAll(TimeSpan.FromSeconds(seconds), again).Select(turn => turn.Due));
    }

    [Fact]
    public void Follow_ChangedAndNew_AreDueAtOnceAndOthersWhenTheyWere()
    {
        var (one, two) = (Served(PolicyMode.Testing, domain: "one.example"), Served(PolicyMode.Testing, domain: "two.example"));
        _schedule.Follow(Snapshot(one, two), TimeSpan.Zero);
        EndAll(TimeSpan.Zero);
        var now = TimeSpan.FromMinutes(5);

        Assert.Empty(_schedule.Follow(Snapshot(one, Served(PolicyMode.Enforce, domain: "two.example"),
            Served(PolicyMode.None, domain: "three.example")), now));

        Assert.Equal(["three.example", "two.example"], TakeAll(now).Select(turn => turn.Domain).Order());
        Assert.InRange(_schedule.Next!.Value, s_hour - TimeSpan.FromSeconds(1), s_hour);
    }

    [Fact]
    public void Follow_DomainThatTheGateHasComeToHold_IsDueAtOnce()
    {
        var held = EnforceGate.Hold(Served(PolicyMode.Enforce), "why");
        _schedule.Follow(Snapshot(new ServedPolicy(held.Domain, held.Policy,
            held.Id, held.Body, []) { DkimSelectors = held.DkimSelectors }), TimeSpan.Zero);
        EndAll(TimeSpan.Zero);

        _schedule.Follow(Snapshot(held), TimeSpan.FromMinutes(5));

        Assert.Equal(TimeSpan.FromMinutes(5), _schedule.Next);
    }

    [Fact]
    public void Follow_OtherAddressForReports_IsAChange()
    {
        var policy = Served(PolicyMode.Testing);
        _schedule.Follow(Snapshot(policy), TimeSpan.Zero);
        EndAll(TimeSpan.Zero);

        _schedule.Follow(Snapshot(new ServedPolicy(policy.Domain, policy.Policy,
            policy.Id, policy.Body, ["mailto:tls@example.com"])), TimeSpan.FromMinutes(5));

        Assert.Equal(TimeSpan.FromMinutes(5), _schedule.Next);
    }

    [Fact]
    public void Follow_SamePolicyInANewSnapshot_ChangesNothing()
    {
        _schedule.Follow(Snapshot(Served(PolicyMode.Testing)), TimeSpan.Zero);
        EndAll(TimeSpan.Zero);

        _schedule.Follow(Snapshot(Served(PolicyMode.Testing)), TimeSpan.FromMinutes(5));

        Assert.Equal(s_hour, _schedule.Next);
    }

    [Fact]
    public void Follow_Gone_IsToldAndRetiredIsCheckedAnew()
    {
        _schedule.Follow(Snapshot(Served(PolicyMode.Testing), Served(PolicyMode.Testing, domain: "gone.example")), TimeSpan.Zero);
        var policy = Served(PolicyMode.None);
        var retired = new ServedPolicy(policy.Domain, policy.Policy, policy.Id,
            policy.Body, []) { Removal = new Removal(RemovalStage.None, Day(3)) };

        EndAll(TimeSpan.Zero);

        Assert.Equal(["gone.example"], _schedule.Follow(Snapshot(retired), TimeSpan.Zero).Select(domain => domain.Value));

        Assert.NotNull(_schedule.Take(TimeSpan.Zero)!.Policy.RetiredUntil);
        Assert.Empty(TakeAll(TimeSpan.MaxValue));
    }

    [Fact]
    public void End_PolicyThatChangedMeanwhile_IsOutdatedAndDueAtOnce()
    {
        _schedule.Follow(Snapshot(Served(PolicyMode.Testing)), TimeSpan.Zero);
        var turn = _schedule.Take(TimeSpan.Zero)!;
        _schedule.Follow(Snapshot(Served(PolicyMode.Enforce)), TimeSpan.Zero);
        Assert.Null(_schedule.Take(s_hour)); // never twice at the same time

        Assert.False(_schedule.End(turn, TimeSpan.FromSeconds(1), s_hour));

        Assert.Equal(TimeSpan.FromSeconds(1), _schedule.Next);
        turn = _schedule.Take(TimeSpan.FromSeconds(1))!;
        Assert.Equal(PolicyMode.Enforce, turn.Policy.Policy.Mode);
        Assert.True(_schedule.End(turn, TimeSpan.FromSeconds(2), s_hour));
    }

    [Fact]
    public void End_DomainThatWentAndCameBackMeanwhile_IsOutdated()
    {
        _schedule.Follow(Snapshot(Served(PolicyMode.Testing)), TimeSpan.Zero);
        var turn = _schedule.Take(TimeSpan.Zero)!;
        _schedule.Follow(PolicySnapshot.Empty, TimeSpan.Zero);
        _schedule.Follow(Snapshot(Served(PolicyMode.Testing)), TimeSpan.Zero);

        Assert.False(_schedule.End(turn, TimeSpan.Zero, s_hour));

        Assert.NotSame(turn, _schedule.Take(TimeSpan.Zero));
    }

    [Fact]
    public void Spread_ShorterInterval_BringsNobodysTurnLater()
    {
        var all = Many(1000);
        _schedule.Follow(new PolicySnapshot(all), TimeSpan.Zero);
        _schedule.Spread(TimeSpan.Zero, s_hour, isAnew: true);
        EndAll(TimeSpan.FromMinutes(20)); // next turns in 1 hour

        _schedule.Spread(TimeSpan.FromMinutes(21), TimeSpan.FromMinutes(5), isAnew: false);

        Assert.Equal(1000, TakeAll(TimeSpan.FromMinutes(26)).Count);
    }

    [Fact]
    public void End_AllThatChangedTogether_PartFromRoundToRound()
    {
        _schedule.Follow(new PolicySnapshot(Many(10_000)), TimeSpan.Zero);
        var now = TimeSpan.Zero;
        for (var round = 1; round < 4; round++)
        {
            var turns = new List<CheckTurn>();
            while (_schedule.Take(now) is { } turn) turns.Add(turn);
            foreach (var turn in turns) Assert.True(_schedule.End(turn, now, now + s_hour));
            Assert.InRange(_schedule.Next!.Value, now, now + s_hour);
            now += s_hour * 0.9;
        }

        var turnsOfAnHour = TakeAll(now + s_hour);
        Assert.Equal(10_000, turnsOfAnHour.DistinctBy(turn => turn.Domain).Count());
        Assert.InRange(turnsOfAnHour.GroupBy(turn => (int)turn.Due.TotalMinutes).Max(minute => minute.Count()), 1, 6_000);
    }

    [Fact]
    public void Take_ChangeBehindABacklog_ComesFirst()
    {
        var all = Many(1000);
        _schedule.Follow(new PolicySnapshot(all), TimeSpan.Zero);
        _schedule.Spread(TimeSpan.Zero, s_hour, isAnew: true);

        _schedule.Follow(new PolicySnapshot([.. all[..500], Served(PolicyMode.Testing, domain: "new.example"), .. all[500..]]), s_hour * 3);

        Assert.Equal("new.example", _schedule.Take(s_hour * 3)!.Policy.Domain.Value);
        Assert.NotNull(_schedule.Take(s_hour * 3));
    }

    [Fact]
    public void Take_ChangeThatIsNotDueYet_HoldsNobodyUp()
    {
        var all = Many(2);
        _schedule.Follow(new PolicySnapshot(all), TimeSpan.Zero);
        _schedule.Spread(TimeSpan.Zero, s_hour, isAnew: true);

        _schedule.Follow(new PolicySnapshot([.. all, Served(PolicyMode.Testing, domain: "new.example")]), s_hour * 2);

        Assert.Equal(2, TakeAll(s_hour).Count);
        Assert.Equal(s_hour * 2, _schedule.Next);
    }

    [Fact]
    public void Queue_Of100_000_CostsWhatChangesAndNotWhatIsThere()
    {
        var all = Many(100_000);
        var snapshot = new PolicySnapshot(all);
        _schedule.Follow(snapshot, TimeSpan.Zero);
        _schedule.Spread(TimeSpan.Zero, s_hour, isAnew: true);
        Assert.Equal(100_000, TakeAll(s_hour).Count);
        _schedule.Clear();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        _schedule.Follow(snapshot, TimeSpan.Zero);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, 0, 24_000_000);

        EndAll(TimeSpan.Zero);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var idle = 0; idle < 100_000; idle++) Assert.Null(_schedule.Take(TimeSpan.FromMinutes(1)));
        _schedule.Follow(snapshot, TimeSpan.FromMinutes(1));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 10_000);
    }

    private static PolicySnapshot Snapshot(params ServedPolicy[] policies) => new([.. policies]);

    private static System.Collections.Immutable.ImmutableArray<ServedPolicy> Many(int count)
    {
        var same = Served(PolicyMode.Testing);
        return [.. Enumerable.Range(0, count)
            .Select(i => new ServedPolicy(Domain($"d{i}.example"), same.Policy, same.Id, same.Body, []))];
    }

    /// <summary>All that are due by then, each at its time.</summary>
    private List<(string Domain, TimeSpan Due)> TakeAll(TimeSpan until, CheckSchedule? schedule = null)
    {
        schedule ??= _schedule;
        var taken = new List<(string, TimeSpan)>();
        while (schedule.Next is { } due && due <= until) taken.Add((schedule.Take(due)!.Policy.Domain.Value, due));
        return taken;
    }

    /// <summary>Everybody's check has ended, and the next one is an hour from the start.</summary>
    private void EndAll(TimeSpan now)
    {
        var turns = new List<CheckTurn>();
        while (_schedule.Take(now) is { } turn) turns.Add(turn);
        foreach (var turn in turns) Assert.True(_schedule.End(turn, now, s_hour));
    }
}
