using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MtaSts;
using MtaStsHost.Configuration;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Tests.Checks.Background;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Transitions;

public sealed class PolicyTransitionsTests
{
    private static readonly TransitionSettings s_block = new(true, GateMode.Block);

    private readonly FakeTimeProvider _time = new(Start);
    private readonly ServedPolicies _host = new();
    private readonly MxVerdicts _verdicts = new();
    private readonly PolicyTransitions _serving;

    public PolicyTransitionsTests() => _serving = new PolicyTransitions(_host, _verdicts, _time, NullLogger<PolicyTransitions>.Instance);

    [Fact]
    public void Configure_NothingSpecial_ServesTheConfiguredSnapshotItself()
    {
        var configured = new PolicySnapshot([Served(PolicyMode.Enforce)]);

        _serving.Configure(configured, TransitionSettings.Default);

        Assert.Same(configured, _host.Current);
    }

    [Fact]
    public void Configure_DomainRemoved_StaysForTheTtlOfItsRecordThenIsNoneUntilItsMaxAgeIsOver()
    {
        Configure(Served(PolicyMode.Enforce, mx: "mail.example.com *.mx.example.net"), Served(PolicyMode.Testing, domain: "other.example"));
        var swaps = 0;
        _host.Changed += () => swaps++;

        Configure(Served(PolicyMode.Testing, domain: "other.example"));

        Assert.Equal(1, swaps);
        Assert.Equal(["other.example", "example.com"], _host.Current.All.Select(policy => policy.Domain.Value));
        Assert.Equal((PolicyMode.Enforce, new Removal(RemovalStage.Grace, Start.AddHours(1))), (Find().Policy.Mode, Find().Removal));
        _time.Advance(Departure.Grace - TimeSpan.FromSeconds(1));
        _serving.Refresh(_time.GetUtcNow(), isClockTrusted: true);
        Assert.Equal((1, PolicyMode.Enforce), (swaps, Find().Policy.Mode));
        _time.Advance(TimeSpan.FromSeconds(1));
        _serving.Refresh(_time.GetUtcNow(), isClockTrusted: true);
        Assert.Equal(2, swaps);
        var retired = Find();
        Assert.Equal((PolicyMode.None, 86_400, Day(7).AddHours(1)), (retired.Policy.Mode, retired.Policy.MaxAge, retired.RetiredUntil));
        Assert.Equal(["mail.example.com", "*.mx.example.net"], retired.Policy.Mx.Select(mx => mx.Value));
        See(Start);
        Assert.Equal(new Removal(RemovalStage.None, Day(7).AddHours(1)), Find().Removal);
        _time.SetUtcNow(Day(7).AddHours(1).AddSeconds(-1));
        _serving.Refresh(_time.GetUtcNow(), isClockTrusted: true);
        Assert.NotNull(FindOrNull());
        _time.SetUtcNow(Day(7).AddHours(1));
        _serving.Refresh(_time.GetUtcNow(), isClockTrusted: true);
        Assert.NotNull(FindOrNull()); // not looked up since
        See(_time.GetUtcNow());
        _serving.Refresh(_time.GetUtcNow(), isClockTrusted: true);
        Assert.Null(FindOrNull());
    }

    [Fact]
    public void Configure_SoonAfterAShorterMaxAge_TheLongerOneCounts()
    {
        Configure(Served(PolicyMode.Enforce, maxAge: 30 * 86_400));
        Configure(Served(PolicyMode.Enforce, maxAge: 86_400));
        See(Start.AddHours(-1));
        _time.SetUtcNow(Day(1));

        Leave();

        Assert.Equal(Day(30), Find().RetiredUntil);
    }

    [Fact]
    public void Configure_ModeNoneRemovedTooEarly_StaysUntilTheEarlierPolicyRanOut()
    {
        Configure(Served(PolicyMode.Enforce));
        _time.SetUtcNow(Day(1));
        Configure(Served(PolicyMode.None, mx: "mail.example.com mx2.example.com", maxAge: 86_400));
        _time.SetUtcNow(Day(3));

        Configure();

        Assert.Equal(Day(8), Find().RetiredUntil);
        Assert.Equal(2, Find().Policy.Mx.Length);
    }

    [Fact]
    public void Configure_ModeNoneRemovedInTime_IsGone()
    {
        Configure(Served(PolicyMode.Enforce));
        Configure(Served(PolicyMode.None));
        See(Start);
        _time.SetUtcNow(Day(7).AddHours(1));

        Configure();

        Assert.Null(FindOrNull());
    }

    [Fact]
    public void Configure_ConfiguredAgain_ConfiguredWinsAndCountsOn()
    {
        var policy = Served(PolicyMode.Enforce);
        Configure(policy);
        var statistics = Statistics();
        Leave();
        Assert.Same(statistics, Statistics());

        Configure(Served(PolicyMode.Testing));

        Assert.Equal((PolicyMode.Testing, null), (Find().Policy.Mode, Find().Removal));
    }

    [Fact]
    public void Configure_RetirementOff_IsGoneAtOnceAndBackWhenItIsOn()
    {
        Configure(Served(PolicyMode.Enforce));
        _serving.Configure(PolicySnapshot.Empty, new TransitionSettings(false, GateMode.Warn));
        Assert.Null(FindOrNull());

        Configure();

        Assert.NotNull(FindOrNull());
    }

    [Fact]
    public void Configure_ModeOrMaxAgeThatBindsNobody_IsGoneAtOnce()
    {
        Configure(Served(PolicyMode.None), Served(PolicyMode.Enforce, maxAge: 0, domain: "zero.example"));

        Configure();

        Assert.Empty(_host.Current.All);
    }

    [Fact]
    public void Refresh_ClockWasAheadForAMoment_CountsFromNow()
    {
        Configure(Served(PolicyMode.Enforce));
        _time.SetUtcNow(Day(4000));
        Leave();
        _time.AdjustTime(Day(1));

        _serving.Refresh(_time.GetUtcNow(), isClockTrusted: false);
        Assert.Equal(Day(4007).AddHours(1), Find().RetiredUntil);
        _serving.Refresh(_time.GetUtcNow(), isClockTrusted: true);

        Assert.Equal(Day(8), Find().RetiredUntil);
    }

    [Fact]
    public void Refresh_ClockThatIsNotTrusted_EndsNothingAndNeitherDoesAReload()
    {
        Configure(Served(PolicyMode.Enforce));
        Leave();
        _time.SetUtcNow(Day(400));

        _serving.Refresh(Day(400), isClockTrusted: false);
        Assert.Equal(Day(7).AddHours(1), Find().RetiredUntil);
        Configure(Served(PolicyMode.Testing, domain: "other.example"));
        Assert.Equal(Day(7).AddHours(1), Find().RetiredUntil);
        See(Day(400));
        _serving.Refresh(Day(400), isClockTrusted: true);

        Assert.Null(FindOrNull());
    }

    [Fact]
    public void Refresh_RemovedWhileTheClockWasAhead_BringsItBack()
    {
        Configure(Served(PolicyMode.Enforce));
        Configure(Served(PolicyMode.None));
        See(Start.AddHours(-1));
        _time.SetUtcNow(Day(4000));
        Configure();
        Assert.Null(FindOrNull());
        _time.AdjustTime(Day(1));

        _serving.Refresh(Day(1), isClockTrusted: false);

        Assert.Equal(Day(7), Find().RetiredUntil);
    }

    [Fact]
    public void Learn_CopiesOfAnUnknownDomain_AreServedAndOfAConfiguredOneKeptInMind()
    {
        Configure(Served(PolicyMode.None, maxAge: 86_400));
        _serving.Learn(new LedgerSnapshot([], Start, Start,
            [new SenderCopies(Domain("example.com"), [], [new PolicyCopy("a", Week, PolicyMode.Testing, Day(-2), Day(-2))]),
            Retirement.Of(Served(PolicyMode.Testing, domain: "gone.example"), Start)!]), isFirst: false);
        Assert.Equal(["example.com", "gone.example"], _host.Current.All.Select(policy => policy.Domain.Value));

        Configure();

        Assert.Equal(Day(5), Find().RetiredUntil);
        Assert.Single(Find().Policy.Mx);
    }

    [Fact]
    public void Gate_SwitchedToEnforceWhileTheCheckFails_IsHeldUntilItPasses()
    {
        _serving.Begin(Ledger());
        _serving.Configure(new([Served(PolicyMode.Testing)]), s_block);
        _verdicts.Set([(Find(), new MxVerdict(MxOutcome.Fails, "mail.example.com has no STARTTLS"))]);
        var enforce = Served(PolicyMode.Enforce);

        _serving.Configure(new([enforce]), s_block);
        Assert.Equal((PolicyMode.Testing, "mail.example.com has no STARTTLS"), (Find().Policy.Mode, Find().HeldBecause));
        _verdicts.Set([(Find(), new MxVerdict(MxOutcome.Fails, "another reason"))]);
        Assert.Equal("another reason", Find().HeldBecause);
        _verdicts.Set([(Find(), new MxVerdict(MxOutcome.Passes, ""))]);
        Assert.Same(enforce, Find());
        _verdicts.Set([(Find(), new MxVerdict(MxOutcome.Fails, "again"))]);

        Assert.Same(enforce, Find()); // it is there
        _serving.Configure(new([Served(PolicyMode.Enforce, mx: "mx2.example.com")]), s_block);
        Assert.Null(Find().HeldBecause);
    }

    [Fact]
    public void Gate_VerdictsThatComeTogether_AreDecidedOnce()
    {
        _serving.Begin(Ledger());
        ServedPolicy[] all = [Served(PolicyMode.Enforce, domain: "one.example"),
            Served(PolicyMode.Enforce, domain: "two.example"), Served(PolicyMode.Enforce, domain: "three.example")];
        _serving.Configure(new([.. all]), s_block);
        var decided = 0;
        _host.Changed += () => decided++;

        _verdicts.Set(all.Take(2).Select(policy => (policy, new MxVerdict(MxOutcome.Passes, ""))));

        Assert.Equal(1, decided);
        Assert.Equal([PolicyMode.Enforce, PolicyMode.Enforce, PolicyMode.Testing], _host.Current.All.Select(policy => policy.Policy.Mode));
    }

    [Fact]
    public void Gate_ManyDomainsAtOnce_LogsTenAndHowManyMore()
    {
        var (log, verdicts) = (new LineLogger<PolicyTransitions>(), new MxVerdicts());
        var serving = new PolicyTransitions(new ServedPolicies(), verdicts, _time, log);
        serving.Begin(Ledger());
        ServedPolicy[] all = [.. Enumerable.Range(0, 1000).Select(number => Served(PolicyMode.Enforce, domain: $"d{number}.example"))];

        serving.Configure(new([.. all]), s_block);
        Assert.Equal((11, "1808 Warning More domains that are configured for enforce are held in mode testing: 990; /health lists them"),
            (log.Count, log[^1]));
        log.Clear();
        verdicts.Set(all.Take(500).Select(policy => (policy, new MxVerdict(MxOutcome.Passes, ""))));
        Assert.Equal(
            (11, "1809 Information More domains are now served in mode enforce, as configured: 490; /health shows their records"),
            (log.Count, log[^1]));
        log.Clear();
        verdicts.Set(all.Skip(500).Select(policy => (policy, new MxVerdict(MxOutcome.Unknown, "port 25 is closed"))));

        Assert.Equal(22, log.Count);
        Assert.Contains("1810 Warning More domains go to enforce, but their MX hosts have not passed the check: 490", log);
    }

    [Fact]
    public void Gate_SwitchedAfterACheckThatPassed_WaitsForOneThatBeginsNow()
    {
        _serving.Begin(Ledger());
        _serving.Configure(new([Served(PolicyMode.Testing)]), s_block);
        _verdicts.Set([(Find(), new MxVerdict(MxOutcome.Passes, ""))]); // as old as an interval

        _serving.Configure(new([Served(PolicyMode.Enforce)]), s_block);

        Assert.Equal((PolicyMode.Testing, "its MX hosts have not been checked yet"), (Find().Policy.Mode, Find().HeldBecause));
        _serving.Configure(new([Served(PolicyMode.Enforce)]), s_block);
        _verdicts.Set([(Find(), new MxVerdict(MxOutcome.Passes, ""))]);
        _serving.Configure(new([Served(PolicyMode.Enforce)]), s_block); // another reload forgets nothing
        Assert.Equal(PolicyMode.Enforce, Find().Policy.Mode);
    }

    [Fact]
    public void Gate_VerdictOnOtherMx_CountsForNothing()
    {
        _serving.Begin(Ledger());
        _serving.Configure(new([Served(PolicyMode.Testing)]), s_block);
        _verdicts.Set([(Find(), new MxVerdict(MxOutcome.Passes, ""))]);

        _serving.Configure(new([Served(PolicyMode.Enforce, mx: "mx2.example.com")]), s_block);

        Assert.Equal((PolicyMode.Testing, "its MX hosts have not been checked yet"), (Find().Policy.Mode, Find().HeldBecause));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Begin_EnforceAtStart_IsHeldUnlessItWasServedSoBefore(bool wasEnforced, bool isHeld)
    {
        _serving.Configure(new([Served(PolicyMode.Enforce)]), s_block);
        Assert.Null(Find().HeldBecause); // not known yet

        _serving.Begin(wasEnforced ? Ledger("example.com") : Ledger());

        Assert.Equal(isHeld, Find().HeldBecause is not null);
    }

    [Fact]
    public void Begin_StoreThatKnowsNothing_TakesNoDomainOutOfEnforceAndHoldsOneThatIsSwitchedLater()
    {
        _serving.Configure(new([Served(PolicyMode.Enforce), Served(PolicyMode.Testing, domain: "other.example")]), s_block);

        _serving.Begin(new LedgerSnapshot([], Start, null, []));

        Assert.Null(Find().HeldBecause);
        _serving.Configure(new([Served(PolicyMode.Enforce), Served(PolicyMode.Enforce, domain: "other.example")]), s_block);
        Assert.Equal([PolicyMode.Enforce, PolicyMode.Testing], _host.Current.All.Select(policy => policy.Policy.Mode));
    }

    [Fact]
    public void Begin_StoreThatServedNothingYet_HoldsEnforce()
    {
        _serving.Configure(new([Served(PolicyMode.Enforce)]), s_block);

        _serving.Begin(Ledger());

        Assert.NotNull(Find().HeldBecause);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gate_DomainThatWasGoneForAWhile_GoesBackToEnforceAsLongAsSendersHoldThatPolicy(bool retires)
    {
        var block = new TransitionSettings(retires, GateMode.Block);
        _serving.Configure(new([Served(PolicyMode.Enforce)]), block);
        _serving.Begin(Ledger("example.com"));
        _serving.Configure(PolicySnapshot.Empty, block);
        EndGrace();
        _time.SetUtcNow(Day(6.9));

        _serving.Configure(new([Served(PolicyMode.Enforce)]), block);

        Assert.Null(Find().HeldBecause);
        _serving.Configure(PolicySnapshot.Empty, block);
        EndGrace();
        _time.SetUtcNow(Day(14.1));
        _serving.Configure(new([Served(PolicyMode.Enforce)]), block);
        Assert.NotNull(Find().HeldBecause);
    }

    [Fact]
    public void Gate_DomainThatWasInTestingLastAndThenGone_IsHeld()
    {
        _serving.Begin(Ledger("example.com"));
        _serving.Configure(new([Served(PolicyMode.Enforce)]), TransitionSettings.Default);
        _serving.Configure(new([Served(PolicyMode.Testing)]), s_block);
        _serving.Configure(PolicySnapshot.Empty, s_block);

        _serving.Configure(new([Served(PolicyMode.Enforce)]), s_block);

        Assert.NotNull(Find().HeldBecause);
    }

    [Fact]
    public void Gate_SwitchedOff_ReleasesWhatIsHeld()
    {
        _serving.Begin(Ledger());
        _serving.Configure(new([Served(PolicyMode.Enforce)]), s_block);
        Assert.NotNull(Find().HeldBecause);

        _serving.Configure(new([Served(PolicyMode.Enforce)]), new TransitionSettings(true, GateMode.Off));

        Assert.Equal((PolicyMode.Enforce, null), (Find().Policy.Mode, Find().HeldBecause));
    }

    [Fact]
    public void Configure_100000DomainsWithoutChange_MakesNoSnapshotOfItsOwn()
    {
        var all = Enumerable.Range(0, 100_000).Select(number => Served(PolicyMode.Enforce, domain: $"d{number}.example")).ToArray();
        _serving.Configure(new PolicySnapshot([.. all]), s_block);
        var again = new PolicySnapshot([.. all]);

        _serving.Configure(again, s_block);

        Assert.Same(again, _host.Current);
    }

    /// <summary>What the ledger says of domains that were in enforce.</summary>
    private static LedgerSnapshot Ledger(params string[] enforced) =>
        new([.. enforced.Select(domain => new PolicyInForce(new PolicyKey(domain, "", ""), "enforce"))], Start, Start, []);

    /// <summary>Removes all other domains, and lets the time pass in which their last policies are still served.</summary>
    private void Leave(params ServedPolicy[] policies)
    {
        Configure(policies);
        EndGrace();
    }

    private void EndGrace()
    {
        _time.Advance(Departure.Grace);
        _serving.Refresh(_time.GetUtcNow(), isClockTrusted: true);
        // An hour ago: its TTL is over.
        See(_time.GetUtcNow() - TimeSpan.FromHours(1));
    }

    /// <summary>No earlier id is in DNS.</summary>
    private void See(DateTimeOffset at) => _serving.See([Seen(at)]);

    private void Configure(params ServedPolicy[] policies) =>
        _serving.Configure(new PolicySnapshot([.. policies]), TransitionSettings.Default);

    private ServedPolicy Find() => FindOrNull() ?? throw new InvalidOperationException("not served");

    private HostStatistics Statistics() => _host.WithStatistics.All.Single().Statistics;

    private ServedPolicy? FindOrNull() => _host.Current.TryFind("mta-sts.example.com", out var policy) ? policy : null;
}
