using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MtaSts;
using MtaStsHost.Checks.Background;
using MtaStsHost.Configuration;
using MtaStsHost.Runtime;
using MtaStsHost.Serving;
using MtaStsHost.Testing;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Checks.Background;

/// <summary>The loop, over checks that the test writes.</summary>
public sealed class BackgroundChecksTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly IssuingTime _clock;
    private readonly ServedPolicies _policies = new();
    private readonly CheckResults _results = new();
    private readonly MxVerdicts _verdicts = new();
    private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly ConcurrentQueue<string> _checked = new();
    private readonly ConcurrentQueue<string> _fixed = [];
    private readonly ConcurrentQueue<bool> _awaited = new();
    private readonly Live<BackgroundSettings> _settings = new(new BackgroundSettings(CheckSettings.Default, [], null));
    private CheckPolicy _check = (policy, _, _) => Task.FromResult(Done(policy));
    private BackgroundChecks? _service;

    public BackgroundChecksTests() => _clock = new IssuingTime(_time);

    public async ValueTask DisposeAsync()
    {
        if (_service is null) return;
        await _service.StopAsync(CancellationToken.None);
        _service.Dispose();
    }

    [Fact]
    public async Task Checks_BeforeTheListenersAreUp_AreNone()
    {
        _policies.Replace(Snapshot("one.example"));
        await StartAsync(isListening: false);
        Assert.False(_service!.ExecuteTask!.IsCompleted);
        Assert.Empty(_checked);

        _lifetime.NotifyStarted();

        await CheckedAsync(1);
    }

    [Fact]
    public async Task Checks_OneDomain_AreAtOnceAndThenOnceAnInterval()
    {
        _policies.Replace(Snapshot("one.example"));
        await StartAsync();
        await CheckedAsync(1);

        for (var round = 2; round < 5; round++)
        {
            await AdvanceAsync(TimeSpan.FromMinutes(59));
            Assert.Equal(round - 1, _checked.Count);
            await AdvanceAsync(TimeSpan.FromMinutes(1));
            await CheckedAsync(round);
        }
    }

    [Fact]
    public async Task Checks_DomainThatChanges_IsCheckedAtOnceAndOneThatGoesIsForgotten()
    {
        _policies.Replace(Snapshot("one.example", "two.example"));
        await StartAsync();
        await UntilAsync(() => _results.Checks == 2, "both are checked");
        var changed = Served(PolicyMode.Enforce, domain: "one.example");

        _policies.Replace(new PolicySnapshot([changed]));

        await CheckedAsync(3);
        Assert.Equal("one.example", _checked.Last());
        await Eventually.IsTrueAsync(() => _results.All.Count() == 1 && _results.Checks == 3, "the result of two.example is dropped");
        Assert.Equal(MxOutcome.Passes, _verdicts.Find(changed)?.Outcome);
        Assert.Null(_verdicts.Find(Served(PolicyMode.Enforce, domain: "two.example")));
    }

    [Fact]
    public async Task Checks_ResultOfAPolicyThatChangedMeanwhile_CountsForNothing()
    {
        var (first, second) = (new TaskCompletionSource<PolicyCheck>(), new TaskCompletionSource<PolicyCheck>());
        _check = (policy, _, _) => policy.Policy.Mode == PolicyMode.Testing ? first.Task : second.Task;
        var (old, changed) = (Served(PolicyMode.Testing, "old.example.com"), Served(PolicyMode.Enforce));
        _policies.Replace(new PolicySnapshot([old]));
        await StartAsync();
        await StartedAsync(1);
        _policies.Replace(new PolicySnapshot([changed]));

        first.SetResult(Done(old, "error mx-certificate"));
        await StartedAsync(2);
        Assert.Empty(_results.All);
        Assert.Null(_verdicts.Find(old));
        second.SetResult(Done(changed, "error mx-not-covered"));

        await Eventually.IsTrueAsync(() => _results.Find(changed.Domain) is not null, "the new one counts");
        Assert.Equal("mx-not-covered", Assert.Single(_results.Find(changed.Domain)!.Findings).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Checks_ThatHangOrThrow_CostTheirOwnTurnAlone(bool hangs)
    {
        // As many as may run at the same time: with one more in the queue, they hold everything up.
        var bad = Enumerable.Range(0, BackgroundChecks.SideBySide).Select(i => $"bad{i}.example").ToArray();
        _check = (policy, _, _) => !policy.Domain.Value.StartsWith("bad", StringComparison.Ordinal) ? Task.FromResult(Done(policy))
            : hangs ? new TaskCompletionSource<PolicyCheck>().Task : throw new InvalidOperationException("no such thing");
        _policies.Replace(Snapshot(bad));
        await StartAsync();
        await UntilAsync(() => _checked.Distinct().Count() == bad.Length, "all are under way, or have failed");

        _policies.Replace(Snapshot([.. bad, "good.example"]));

        await UntilAsync(() => _results.Find(Domain("good.example")) is not null, "the good one is checked");
        Assert.Null(_results.Find(Domain("bad0.example")));
        _checked.Clear();
        await UntilAsync(() => _checked.Contains("bad0.example"), "they are tried again");
    }

    [Theory]
    [InlineData("error host-missing", true)]
    [InlineData("error host-unreachable", true)]
    [InlineData("error caa-forbids", true)]
    [InlineData("error txt-missing", false)]
    public async Task Checks_FaultOfThePolicyHostIsFixed_IsPassedOnOnce(string finding, bool isPassedOn)
    {
        string[] findings = [finding];
        _check = (policy, _, _) => Task.FromResult(Done(policy, findings));
        _policies.Replace(Snapshot("one.example"));
        await StartAsync();
        await UntilAsync(() => _results.Checks >= 2, "it is found, and found again");
        Assert.Empty(_fixed);

        findings = [];
        await UntilAsync(() => _results.Find(Domain("one.example")) is { Kept.Count: 0 } && _results.Checks >= 5, "it is gone");

        Assert.Equal(isPassedOn ? ["mta-sts.one.example"] : [], _fixed);
    }

    [Fact]
    public async Task Checks_ErrorThatIsNew_IsLookedAtAgainInGrowingSteps()
    {
        _check = (policy, _, _) => Task.FromResult(Done(policy, "error txt-missing"));
        _policies.Replace(Snapshot("one.example"));
        await StartAsync();
        await CheckedAsync(1);
        foreach (var (minutes, count) in new[] { (1, 2), (1, 3), (2, 4), (4, 5), (8, 6) })
        {
            await AdvanceAsync(TimeSpan.FromMinutes(minutes) - TimeSpan.FromSeconds(5));
            Assert.Equal(count - 1, _checked.Count);
            await AdvanceAsync(TimeSpan.FromSeconds(5));
            await CheckedAsync(count);
        }

        for (var hour = 0; hour < 5; hour++) await AdvanceAsync(TimeSpan.FromHours(1)); // never more seldom than the interval
        var seen = _checked.Count;
        await AdvanceAsync(TimeSpan.FromHours(1));
        await CheckedAsync(seen + 1);
    }

    [Fact]
    public async Task Checks_DomainThatIsNewOrChangesOrHasAnErrorOrIsHeld_AreAwaited()
    {
        var isWrong = false;
        _check = (policy, _, _) => Task.FromResult(isWrong ? Done(policy, "error txt-missing") : Done(policy, "warning spf-missing"));
        _policies.Replace(Snapshot("one.example"));
        await StartAsync();
        await CheckedAsync(1); // new
        await AdvanceAsync(TimeSpan.FromHours(1));
        await CheckedAsync(2);
        _policies.Replace(new PolicySnapshot([Served(PolicyMode.Enforce, domain: "one.example")]));
        await CheckedAsync(3); // changed
        isWrong = true;
        await AdvanceAsync(TimeSpan.FromHours(1));
        await CheckedAsync(4);
        isWrong = false;
        await AdvanceAsync(TimeSpan.FromHours(1));
        await CheckedAsync(5); // had an error
        await AdvanceAsync(TimeSpan.FromHours(1));
        await CheckedAsync(6);
        _policies.Replace(new PolicySnapshot([EnforceGate.Hold(Served(PolicyMode.Enforce, domain: "one.example"), "why")]));
        await CheckedAsync(7);
        await AdvanceAsync(TimeSpan.FromMinutes(5));
        await CheckedAsync(8); // held

        Assert.Equal([true, false, true, false, true, false, true, true], _awaited);
    }

    [Fact]
    public async Task Checks_DomainThatTheGateHolds_AreRepeatedInFiveMinutes()
    {
        _policies.Replace(new PolicySnapshot([EnforceGate.Hold(Served(PolicyMode.Enforce), "why")]));
        await StartAsync();
        await CheckedAsync(1);
        await AdvanceAsync(TimeSpan.FromMinutes(4));
        Assert.Single(_checked);
        await AdvanceAsync(TimeSpan.FromMinutes(1));
        await CheckedAsync(2);
    }

    [Fact]
    public async Task Checks_StoreThatIsBehind_AreRepeatedInAMinute()
    {
        _check = (policy, _, _) => Task.FromResult(Done(policy) with { IsBehind = _checked.Count < 3 });
        _policies.Replace(Snapshot("one.example"));
        await StartAsync();
        await CheckedAsync(1);
        await AdvanceAsync(TimeSpan.FromMinutes(1));
        await CheckedAsync(2);
        await AdvanceAsync(TimeSpan.FromMinutes(1));
        await CheckedAsync(3);
        await AdvanceAsync(TimeSpan.FromMinutes(59));
        Assert.Equal(3, _checked.Count);
    }

    [Fact]
    public async Task Settings_ThatChange_AreFollowed()
    {
        _policies.Replace(Snapshot("one.example"));
        await StartAsync();
        await CheckedAsync(1);

        Reload(_settings.Current with { Checks = CheckSettings.Default with { Interval = TimeSpan.FromMinutes(5) } });
        await CheckedAsync(2); // one domain: its place is the beginning
        await AdvanceAsync(TimeSpan.FromMinutes(5));
        await CheckedAsync(3);
        Reload(_settings.Current with { Resolvers = [new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 53)] });
        await CheckedAsync(4); // what was found was found by others
        await Eventually.IsTrueAsync(() => _clock.Waiting == 1, "nothing is left to do");
        var timers = _clock.Timers;
        Reload(_settings.Current with { Resolvers = [new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 53)] });
        await Eventually.IsTrueAsync(() => _clock.Timers > timers && _clock.Waiting == 1, "the change is seen");
        Assert.Equal(4, _checked.Count);
    }

    [Fact]
    public async Task Settings_Disabled_ForgetsEverythingUntilItIsEnabled()
    {
        _policies.Replace(Snapshot("one.example"));
        await StartAsync();
        await CheckedAsync(1);

        Reload(_settings.Current with { Checks = CheckSettings.Default with { Enabled = false } });
        await Eventually.IsTrueAsync(() => !_results.All.Any(), "what was found is forgotten");
        Assert.Null(_verdicts.Find(_policies.Current.All[0]));
        _time.Advance(TimeSpan.FromHours(5));
        Assert.Single(_checked);
        Reload(_settings.Current with { Checks = CheckSettings.Default });

        await CheckedAsync(2);
    }

    private static PolicyCheck Done(ServedPolicy policy, params string[] findings) =>
        new(DomainFindingsTests.Check(findings) with { Domain = policy.Domain, Verdict = new MxVerdict(MxOutcome.Passes, "all is well") },
            IsBehind: false);

    private static PolicySnapshot Snapshot(params string[] domains) =>
        new([.. domains.Select(domain => Served(PolicyMode.Testing, domain: domain))]);

    private async Task StartAsync(bool isListening = true)
    {
        _service = new BackgroundChecks(
            _policies, _settings, (policy, isAwaited, cancellationToken) =>
            {
                _awaited.Enqueue(isAwaited);
                _checked.Enqueue(policy.Domain.Value);
                return _check(policy, isAwaited, cancellationToken);
            },
            _results, _verdicts, new FindingLog(_clock, NullLogger<FindingLog>.Instance), _fixed.Enqueue,
                _lifetime, new BackgroundLoops(_clock), _clock, NullLogger<BackgroundChecks>.Instance);
        await _service.StartAsync(CancellationToken.None);
        if (isListening) _lifetime.NotifyStarted();
    }

    private void Reload(BackgroundSettings settings)
    {
        _settings.Replace(settings);
        _policies.Replace(new PolicySnapshot(_policies.Current.All));
    }

    /// <summary>Once nothing is left to do at this time but to wait.</summary>
    private async Task AdvanceAsync(TimeSpan time)
    {
        await Eventually.IsTrueAsync(() => _clock.Waiting == 1, "nothing is left to do");
        _time.Advance(time);
    }

    private Task UntilAsync(Func<bool> condition, string what) => Eventually.IsTrueAsync(
        () =>
        {
            if (condition()) return true;
            _time.Advance(TimeSpan.FromSeconds(10));
            return false;
        },
        what, TimeSpan.FromSeconds(60));

    private Task StartedAsync(int count) => SoonAsync(() => _checked.Count == count, count);

    private Task CheckedAsync(int count) => SoonAsync(() => _checked.Count == count && _results.Checks == count, count);

    /// <summary>After a start or a change, what stands before the host has some seconds.</summary>
    private Task SoonAsync(Func<bool> condition, int count)
    {
        var left = 10;
        return Eventually.IsTrueAsync(
            () =>
            {
                if (condition()) return true;
                if (_clock.Waiting == 1 && left-- > 0) _time.Advance(TimeSpan.FromSeconds(1));
                return false;
            },
            $"{count} checks");
    }
}
