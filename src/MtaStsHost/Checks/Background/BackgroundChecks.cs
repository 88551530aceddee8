using System.Collections.Concurrent;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Mx;
using MtaStsHost.Configuration;
using MtaStsHost.Runtime;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;

namespace MtaStsHost.Checks.Background;

/// <summary>
/// Checks every domain that is served, once in <c>Checks:Interval</c> and at once when it has changed. One loop owns the queue; a check
/// that fails or hangs costs its own domain a turn, and nothing else.
/// </summary>
internal sealed partial class BackgroundChecks(ServedPolicies policies, Live<BackgroundSettings> settings, CheckPolicy check,
    CheckResults results, MxVerdicts verdicts, FindingLog findings, PolicyHostFixed hostFixed,
    IHostApplicationLifetime lifetime, BackgroundLoops loops, TimeProvider time, ILogger<BackgroundChecks> log) : BackgroundService
{
    /// <summary>Each holds some sockets, and little else.</summary>
    public const int SideBySide = 32;

    /// <summary>More than the slowest domain may take; or, if that is longer, <see cref="MostTimeouts"/> connections.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    private const int MostTimeouts = 3 * MxCheck.MaxHosts * MxFacts.MaxAddresses / MxCheck.MaxConnections;

    /// <summary>Of the time, verdicts take one part in so many at most.</summary>
    private const int VerdictsPart = 20;

    /// <summary>A proxy must learn of a new domain first: Traefik asks for the list every 5 s.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(5);

    /// <summary>After a change, until the store knows of it; and the first wait after something was found wrong.</summary>
    private static readonly TimeSpan s_again = TimeSpan.FromMinutes(1);

    /// <summary>The operator waits for a domain that the enforce gate holds back.</summary>
    private static readonly TimeSpan s_heldAgain = TimeSpan.FromMinutes(5);

    private readonly CheckSchedule _schedule = new();
    private readonly FindingPool _pool = new();
    private readonly HashSet<DomainName> _failing = [];
    private readonly ConcurrentQueue<Ended> _ended = [];
    private readonly long _started = time.GetTimestamp();
    private readonly List<(ServedPolicy Policy, MxVerdict Verdict)> _verdicts = [];
    private readonly WakeableDelay _sleep = new(time);
    private readonly BackgroundLoop _loop = loops.Add("checks", "domains are not checked");
    private PolicySnapshot? _followed;
    private BackgroundSettings? _settings;
    private int _underWay;
    private TimeSpan _verdictsAfter;

    /// <param name="Check"><c>null</c>: it failed.</param>
    private sealed record Ended(CheckTurn Turn, ServedPolicy Policy, PolicyCheck? Check, string? Fault);

    private TimeSpan Now => time.GetElapsedTime(_started);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The policy hosts that are asked are this host's own.
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var started = lifetime.ApplicationStarted.Register(() => listening.TrySetResult());
        policies.Changed += _sleep.Wake;
        try
        {
            await listening.Task.WaitAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested) await RoundAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // It is over.
        }
        finally
        {
            policies.Changed -= _sleep.Wake;
        }
    }

    /// <summary>Handles what has changed, has ended and is due, then sleeps until the next round.</summary>
    private async Task RoundAsync(CancellationToken stoppingToken)
    {
        _sleep.Listen();
        _loop.Begin();
        TimeSpan? sleep = s_again;
        try
        {
            await FollowAsync(stoppingToken);
            while (_ended.TryDequeue(out var ended)) Take(ended);
            TellVerdicts();
            while (_underWay < SideBySide && _schedule.Take(Now) is { } turn)
            {
                _underWay++;
                // Not here: a check that doesn't give way must not stop the others.
                var (policy, isAwaited) = (turn.Policy, IsAwaited(turn));
                _ = Task.Run(() => CheckAsync(turn, policy, isAwaited, stoppingToken), CancellationToken.None);
            }

            findings.Flush();
            sleep = Sooner(_underWay < SideBySide ? _schedule.Next - Now : null, findings.FlushAfter);
            if (_verdicts.Count > 0) sleep = Sooner(sleep, _verdictsAfter - Now);
            _loop.End();
        }
#pragma warning disable CA1031 // The edge of the loop: whatever happened to one round, domains must be checked by the next.
        catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            RoundFailed(e);
            _loop.End(e);
        }

        await _sleep.SleepAsync(sleep, stoppingToken);
    }

    /// <summary>Brings the queue in line with the active configuration.</summary>
    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        var (all, current) = (policies.Current, settings.Current);
        if (ReferenceEquals(all, _followed) && current == _settings) return;
        var snapshot = all;
        if (!current.Checks.Enabled)
        {
            _verdicts.Clear();
            foreach (var (domain, _) in results.All) verdicts.Forget(domain);
            results.Clear();
            _failing.Clear();
            // Whether they are safe to remove depends on what DNS has: nothing else is looked up.
            snapshot = new PolicySnapshot([.. all.All.Where(policy => policy.Policy.Mode == PolicyMode.None)]);
        }

        // The pool's threads are for requests, and it starts with one (ThreadPoolMinThreads): none must wait for a queue of 100,000.
        var gone = await Task.Factory.StartNew(() => Follow(snapshot, _settings, current),
            stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _verdicts.RemoveAll(verdict => !snapshot.TryFind(verdict.Policy.Host, out var policy)
            || !CheckSchedule.LooksSame(policy, verdict.Policy));
        foreach (var domain in gone)
        {
            results.Remove(domain);
            verdicts.Forget(domain);
            _failing.Remove(domain);
        }

        (_followed, _settings) = (all, current);
    }

    private IReadOnlyList<DomainName> Follow(PolicySnapshot snapshot, BackgroundSettings? before, BackgroundSettings current)
    {
        var gone = _schedule.Follow(snapshot, Now + s_settling);
        if (before is null || !before.LooksAs(current)) _schedule.Spread(Now + s_settling, current.Checks.Interval, isAnew: true);
        else if (current.Checks.Interval < before.Checks.Interval) _schedule.Spread(Now, current.Checks.Interval, isAnew: false);
        return gone;
    }

    private bool IsAwaited(CheckTurn turn) => turn.IsNew || turn.Policy.HeldBecause is not null
        || results.Find(turn.Policy.Domain) is { HasErrors: true };

    private async Task CheckAsync(CheckTurn turn, ServedPolicy policy, bool isAwaited, CancellationToken stoppingToken)
    {
        var (done, fault) = (default(PolicyCheck?), default(string));
        var patience = _settings!.Checks.Timeout * MostTimeouts is var longest && longest > s_patience ? longest : s_patience;
        try
        {
            using var over = new CancellationTokenSource(patience, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(over.Token, stoppingToken);
            done = await check(policy, isAwaited, linked.Token).WaitAsync(linked.Token);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
        catch (OperationCanceledException)
        {
            fault = $"it took longer than {patience:c}";
        }
#pragma warning disable CA1031 // The edge of one domain's check: whatever is wrong with it, the others go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            fault = Printable.Text($"{e.GetType().Name}: {e.Message}");
        }

        _ended.Enqueue(new Ended(turn, policy, done, fault));
        _sleep.Wake();
    }

    private void Take(Ended ended)
    {
        _underWay--;
        // The operator waits for these.
        var isUrgent = ended.Policy.HeldBecause is not null || ended.Check is { IsBehind: true };
        if (!_schedule.End(ended.Turn, Now, Now + WaitAfter(ended), isUrgent)) return;
        var domain = ended.Policy.Domain;
        if (ended.Check is not { Check: var done })
        {
            if (_failing.Add(domain)) CheckFailed(domain.Value, ended.Fault!);
            return;
        }

        _failing.Remove(domain);
        if (!_settings!.Checks.Enabled) return;
        var before = results.Find(domain);
        var after = DomainFindings.After(before, done, _pool);
        results.Set(domain, after);
        findings.Report(domain, before, after);
        if (before is not null && after.HasFixed(before, FindingArea.PolicyHost | FindingArea.Caa)) hostFixed(ended.Policy.Host);
        if (ended.Policy.Policy.Mode == PolicyMode.None) verdicts.Forget(domain);
        else _verdicts.Add((ended.Policy, done.Verdict));
    }

    /// <summary>If something is wrong with a domain that is new or has changed, it is usually being worked on: it is checked again after a
    /// minute, then after as long as it has been wrong, up to the interval.</summary>
    private TimeSpan WaitAfter(Ended ended)
    {
        var interval = _settings!.Checks.Interval;
        if (ended.Check is { IsBehind: true }) return Shorter(s_again, interval);
        var isWrong = ended.Check is { Check: var done } && done.Worst == FindingSeverity.Error;
        var wait = isWrong ? Shorter(Longer(Now - ended.Turn.Since, s_again), interval) : interval;
        return ended.Policy.HeldBecause is null ? wait : Shorter(wait, s_heldAgain);
    }

    /// <summary>At once; but what is served is decided anew for all domains when one that is held may go, and when 100,000 new ones wait
    /// for that, it must not be at the cost of a large part of the machine.</summary>
    private void TellVerdicts()
    {
        if (_verdicts.Count == 0 || Now < _verdictsAfter) return;
        var before = Now;
        verdicts.Set(_verdicts);
        _verdicts.Clear();
        _verdictsAfter = Now + ((Now - before) * VerdictsPart);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan? Sooner(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;

    [LoggerMessage(1704, LogLevel.Warning, "{Domain} could not be checked: {Error}")]
    private partial void CheckFailed(string domain, string error);

    [LoggerMessage(1705, LogLevel.Error, "A round of the background checks failed; the next one follows")]
    private partial void RoundFailed(Exception exception);
}
