using Microsoft.Extensions.Time.Testing;
using MtaSts;
using MtaStsHost.Configuration;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Tests.Checks.Background;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Transitions;

/// <summary>Domains that are no longer configured, and whose last policies are still served.</summary>
public sealed class DepartureTests
{
    private readonly FakeTimeProvider _time = new(Start);
    private readonly ServedPolicies _host = new();
    private readonly LineLogger<PolicyTransitions> _log = [];
    private readonly PolicyTransitions _serving;

    public DepartureTests() => _serving = new PolicyTransitions(_host, new MxVerdicts(), _time, _log);

    [Fact]
    public void Grace_DomainThatComesBack_WasServedAllTheTimeAndEndsNothing()
    {
        var all = Domains(3);
        Configure(all);
        Configure(all[1..]);
        Assert.Equal("1811 Warning d0.example was removed: its policy is served until 2026-03-01 13:00:00Z, then mode none; until then, "
            + "putting it back changes nothing for senders", _log[^1]);
        _time.Advance(TimeSpan.FromMinutes(59));

        Configure(all);
        _time.Advance(TimeSpan.FromDays(1));
        Refresh();

        Assert.All(_host.Current.All, policy => Assert.Equal((PolicyMode.Enforce, null), (policy.Policy.Mode, policy.Removal)));
        Assert.Contains("1814 Information d0.example is configured again; its policy was served all the time", _log);
    }

    [Fact]
    public void Grace_DomainThatComesBackWithAnotherPolicy_LeavesTheOldOneInCaches()
    {
        Configure(Served(PolicyMode.Enforce));
        Configure();
        _time.Advance(TimeSpan.FromMinutes(30));
        Configure(Served(PolicyMode.None));

        Configure();

        Assert.Equal(Day(7).AddMinutes(30), Assert.Single(_host.Current.All).RetiredUntil);
    }

    [Fact]
    public void Grace_ClockThatIsNotTrusted_EndsNothing()
    {
        Configure(Domains(1));
        Configure();
        _time.Advance(TimeSpan.FromDays(1));

        _serving.Refresh(_time.GetUtcNow(), isClockTrusted: false);
        Assert.Equal(PolicyMode.Enforce, _host.Current.All[0].Policy.Mode);
        Refresh();

        Assert.Equal(PolicyMode.None, _host.Current.All[0].Policy.Mode);
    }

    [Fact]
    public void Grace_RemovedWhileTheClockWasAhead_LastsAnHourFromNow()
    {
        Configure(Domains(1));
        _time.SetUtcNow(Day(4000));
        Configure();
        _time.AdjustTime(Day(1));
        Refresh();
        _time.Advance(Departure.Grace);

        Refresh();

        Assert.Equal(PolicyMode.None, _host.Current.All[0].Policy.Mode);
    }

    [Theory]
    [InlineData(10, 6, true)]
    [InlineData(10, 5, false)]
    [InlineData(9, 9, false)]
    [InlineData(100, 51, true)]
    [InlineData(100, 50, false)]
    public void Configure_MoreThanHalfOfTenOrMoreRemoved_WaitsForConfirmation(int domains, int removed, bool waits)
    {
        var all = Domains(domains);
        Configure(all);

        Configure(all[removed..]);
        _time.Advance(TimeSpan.FromDays(30));
        Refresh();

        var (gone, left) = (_host.Current.All.Where(policy => policy.Removal is not null).ToList(),
            _host.Current.All.Where(policy => policy.Removal is null).ToList());
        Assert.Equal((removed, domains - removed), (gone.Count, left.Count));
        Assert.All(gone, policy => Assert.Equal(waits ? PolicyMode.Enforce : PolicyMode.None, policy.Policy.Mode));
        Assert.Equal(waits ? $"error: MtaSts:Domains: {removed} of {domains} domains were removed at once; their policies are served as "
            + $"before; restore them, or set MtaSts:ConfirmRemoval to {removed} if they are to be removed" : null,
            _serving.UnconfirmedRemovals);
        Assert.Equal(waits ? 1 : 0, _log.Count(line => line.StartsWith("1813 Error ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Configure_RemovedOneAfterTheOtherWithinAnHour_CountsTogether()
    {
        var all = Domains(10);
        Configure(all);

        for (var left = 9; left >= 4; left--)
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            Configure(all[..left]);
        }

        Assert.NotNull(_serving.UnconfirmedRemovals);
        Assert.Equal(6, _host.Current.All.Count(policy => policy.Removal is { Stage: RemovalStage.Unconfirmed }));
    }

    [Fact]
    public void Configure_RemovalConfirmedOrRestored_GoesOn()
    {
        var all = Domains(10);
        Configure(all);
        Configure(all[9..]);
        _time.Advance(TimeSpan.FromDays(1));
        _serving.Configure(new PolicySnapshot([.. all[9..]]), TransitionSettings.Default with { ConfirmedRemovals = 8 });
        Assert.NotNull(_serving.UnconfirmedRemovals);

        _serving.Configure(new PolicySnapshot([.. all[9..]]), TransitionSettings.Default with { ConfirmedRemovals = 9 });

        Assert.Null(_serving.UnconfirmedRemovals);
        Assert.Equal(new Removal(RemovalStage.Grace, Day(1).AddHours(1)), _host.Current.All[1].Removal);
        Configure(all);
        Assert.Null(_serving.UnconfirmedRemovals);
        Assert.All(_host.Current.All, policy => Assert.Null(policy.Removal));
    }

    [Fact]
    public void Configure_FolderOfIncludedFilesIsMissing_NoDomainCountsAsRemoved()
    {
        var all = Domains(2);
        Configure(all);

        _serving.Configure(new PolicySnapshot([.. all[1..]]), TransitionSettings.Default with { IsFolderMissing = true });
        _time.Advance(TimeSpan.FromDays(30));
        Refresh();

        Assert.Equal([(null), (RemovalStage?)RemovalStage.Unconfirmed], _host.Current.All.Select(policy => policy.Removal?.Stage));
        Assert.Contains("1 of 2 domains are missing, and so is a folder of MtaSts:Include", _serving.UnconfirmedRemovals,
            StringComparison.Ordinal);
        Configure(all[1..]); // the folder is there, without the domain
        Assert.Equal(RemovalStage.Grace, _host.Current.All[1].Removal!.Stage);
    }

    [Fact]
    public void Begin_RemovedWhileTheServiceWasStopped_KeepsThePolicyForAnHour()
    {
        Configure();

        _serving.Begin(Ledger(Domains(1)));

        Assert.Equal((PolicyMode.Enforce, new Removal(RemovalStage.Grace, Start.AddHours(1))),
            (_host.Current.All[0].Policy.Mode, _host.Current.All[0].Removal));
        _time.Advance(Departure.Grace);
        Refresh();
        Assert.Equal((PolicyMode.None, Day(7).AddHours(1)), (_host.Current.All[0].Policy.Mode, _host.Current.All[0].RetiredUntil));
    }

    [Fact]
    public void Begin_RemovedBeforeTheRestart_GraceGoesOn()
    {
        Configure();

        _serving.Begin(Ledger(Domains(1), removedAt: Start.AddMinutes(-50)));

        Assert.Equal(new Removal(RemovalStage.Grace, Start.AddMinutes(10)), _host.Current.All[0].Removal);
    }

    [Fact]
    public void Begin_MostAreGone_WaitsForConfirmationToo()
    {
        var all = Domains(10);
        Configure(all[6..]);

        _serving.Begin(Ledger(all, configured: 4));

        Assert.Contains("6 of 10 domains were removed at once", _serving.UnconfirmedRemovals, StringComparison.Ordinal);
        Assert.Equal(6, _host.Current.All.Count(policy => policy.Removal is { Stage: RemovalStage.Unconfirmed }));
    }

    [Fact]
    public void Learn_OthersBeganToServeADomain_IsNotOursToEnd()
    {
        Configure(Domains(1));
        _serving.Begin(Ledger(Domains(1), configured: 1));

        _serving.Learn(Ledger(Domains(2), configured: 1), isFirst: false);

        Assert.Single(_host.Current.All);
    }

    [Fact]
    public void Configure_RetirementOff_DropsThemAtOnce()
    {
        Configure(Domains(1));

        _serving.Configure(PolicySnapshot.Empty, new TransitionSettings(false, GateMode.Warn));

        Assert.Empty(_host.Current.All);
    }

    private static ServedPolicy[] Domains(int count) =>
        [.. Enumerable.Range(0, count).Select(number => Served(PolicyMode.Enforce, domain: $"d{number}.example"))];

    /// <param name="configured">The last of them are.</param>
    private static LedgerSnapshot Ledger(ServedPolicy[] all, int configured = 0, DateTimeOffset? removedAt = null) =>
        new([.. all.Select(policy => new PolicyInForce(new PolicyKey(policy.Domain.Value, policy.Id.Value, policy.Id.Value), "enforce"))],
            Start, Start, [])
        {
            Left = [.. all[..^configured].Select(policy => new LeftDomain(policy, removedAt, Retirement.Of(policy, Start)!))],
        };

    private void Configure(params ServedPolicy[] policies) =>
        _serving.Configure(new PolicySnapshot([.. policies]), TransitionSettings.Default);

    private void Refresh() => _serving.Refresh(_time.GetUtcNow(), isClockTrusted: true);
}
