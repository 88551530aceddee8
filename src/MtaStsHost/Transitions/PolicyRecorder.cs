using MtaStsHost.Configuration;
using MtaStsHost.Runtime;
using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>Records in the ledger what is served, and informs <see cref="PolicyTransitions"/> of what was served before. A store that fails
/// stops no policy: what it lacks is recorded by a later round.</summary>
internal sealed partial class PolicyRecorder(
    ServedPolicies policies, PolicyTransitions serving, RecordSightings sightings, IPolicyHistory history, StorageSettings storage,
        StoreHealth health, BackgroundLoops loops, TimeProvider time, ILogger<PolicyRecorder> log) : BackgroundService
{
    /// <summary>Services that share a store, and differ while a change is rolled out, end each other's policies in it.</summary>
    private static readonly TimeSpan s_compareEvery = TimeSpan.FromHours(1);

    private static readonly TimeSpan s_tidyEvery = TimeSpan.FromDays(1);

    /// <summary>After the last copy has expired.</summary>
    private static readonly TimeSpan s_keep = TimeSpan.FromDays(365);

    private readonly StoreUse _store = health.Policies;
    private readonly SteadyClock _clock = new(time);
    private readonly LastFetches _fetches = new();
    private readonly OutsideFetches _outside = new();
    private readonly ForgottenDomains _forgotten = new(serving, history, log);
    private readonly WakeableDelay _sleep = new(time);
    private readonly BackgroundLoop _loop = loops.Add("history", "what is served is not recorded");

    /// <summary>To be recorded.</summary>
    private readonly Dictionary<(string Domain, string Id), IdLeftDns> _leftDns = [];

    /// <summary>What was read before the listeners opened; <c>null</c>: nothing, or it has been used.</summary>
    private LedgerSnapshot? _past;

    /// <summary>What the ledger has as served by us; <c>null</c>: not known.</summary>
    private ServedSnapshot? _recorded;

    private (DateTimeOffset At, long Timestamp)? _servedUntil;
    private long _compared;
    private long _noted;
    private long _tidied;

    /// <summary>Of this service in the store.</summary>
    private long? _number;

    /// <summary>The store lacks what is recorded.</summary>
    private volatile bool _isReplaced;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        policies.Changed += _sleep.Wake;
        history.Replaced += StoreReplaced;
        await ReadPastAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>What was served before this process, if the store knows it in time.</summary>
    internal async Task ReadPastAsync(CancellationToken cancellationToken)
    {
        try
        {
            _past = await LedgerSnapshot.ReadAsync(history, policies.Current, storage.UsedBy, time.GetUtcNow(), cancellationToken)
                .WaitAsync(health.StartPatience(time), time, cancellationToken);
            serving.Begin(_past);
        }
        catch (StoreException e)
        {
            Fails(e);
        }
        catch (TimeoutException)
        {
            Slow((int)StoreHealth.LongestStart.TotalSeconds);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        policies.Changed -= _sleep.Wake;
        history.Replaced -= StoreReplaced;
        await base.StopAsync(cancellationToken);
        try
        {
            if (_recorded is null) return;
            await RecordAsync(cancellationToken);
            await NoteAsync(cancellationToken);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // The last minute counts as served all the same (Retirement.End).
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            _sleep.Listen();
            _loop.Begin();
            var sleep = Retirement.NoteEvery;
            try
            {
                await RoundAsync(stoppingToken);
                if (_store.Works()) StoreWorks();
                _loop.End();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreException e)
            {
                Fails(e);
                sleep = _store.RetryAfter;
                _loop.End();
            }
#pragma warning disable CA1031 // The edge of the loop: whatever happens in one round, the next must record what is served.
            catch (Exception e)
#pragma warning restore CA1031
            {
                RoundFailed(e);
                _loop.End(e);
            }

            await _sleep.SleepAsync(sleep, stoppingToken);
        }
    }

    internal async Task RoundAsync(CancellationToken stoppingToken)
    {
        // What a wrong clock ended is still in the ledger.
        if (_clock.TakeJump()) _compared = 0;
        var rows = 0;
        if (_isReplaced)
        {
            // Before it is read: it may be replaced again.
            (_isReplaced, _past, _recorded, _noted) = (false, null, null, 0);
            Replaced();
        }

        await _forgotten.FollowAsync(stoppingToken);
        if (_recorded is null) rows = await BeginAsync(stoppingToken);
        else if (IsDue(_compared, s_compareEvery)) await CompareAsync(stoppingToken);
        // The time first: if it is wrong, the clock is not trusted afterwards.
        var now = time.GetUtcNow();
        var isTrusted = _clock.IsTrusted;
        serving.Refresh(now, isTrusted);
        rows += await RecordAsync(stoppingToken);
        await SeeAsync(stoppingToken);
        if (IsDue(_noted, Retirement.NoteEvery)) await NoteAsync(stoppingToken);
        if (isTrusted && IsDue(_tidied, s_tidyEvery)) await TidyAsync(now, stoppingToken);
        // Here, since what these methods hold while they run is not garbage yet.
        Garbage.ReturnAfter(rows);
    }

    /// <returns>The number of rows.</returns>
    private async Task<int> BeginAsync(CancellationToken stoppingToken)
    {
        var past = _past ?? await ReadAsync(policies.Current, stoppingToken);
        if (_past is null) serving.Learn(past, isFirst: true);
        Report(past.Others);
        OutsideFetches.Restore(policies.WithStatistics, await history.ListOutsideAsync(stoppingToken));
        _number = await history.RegisterAsync(storage.UsedBy, past.FormerNumber, stoppingToken);
        var (now, served) = (time.GetUtcNow(), policies.WithStatistics);
        var current = served.Policies;
        var changes = await OnOwnThread(current, () => new PolicyRows().Compare(past.InForce, current, now));
        var unowned = past.InForce.Where(policy => policy.ServedBy is null).Select(policy => policy.Key).ToHashSet();
        if (unowned.Count > 0) await history.RecordAsync(
            Own(await OnOwnThread(current, () => PolicyRows.Of(current, unowned, now))), [], now, stoppingToken);
        // Apart, since what ended did so before this process began.
        if (changes.Ended.Count > 0) await history.RecordAsync([], changes.Ended, past.Ended, stoppingToken);
        if (changes.Begun.Count > 0) await history.RecordAsync(Own(changes.Begun), [], now, stoppingToken);
        var removed = new PolicyRows().Removed(past.InForce, current);
        if (removed.Count > 0) await history.NoteRemovedAsync(removed, stoppingToken);
        _servedUntil = past.ServedUntil is { } until ? (until, time.GetTimestamp()) : null;
        (_recorded, _past, _compared) = (served, null, time.GetTimestamp());
        Begun(changes.Begun.Count, changes.Ended.Count);
        return past.InForce.Count + changes.Begun.Count;
    }

    private async Task CompareAsync(CancellationToken stoppingToken)
    {
        var (now, current) = (time.GetUtcNow(), _recorded!.Policies);
        var past = await ReadAsync(current, stoppingToken);
        Report(past.Others);
        var lacking = (await OnOwnThread(current, () => new PolicyRows().Compare(past.InForce, current, now))).Begun;
        if (lacking.Count > 0) await history.RecordAsync(Own(lacking), [], now, stoppingToken);
        serving.Learn(past, isFirst: false);
        _compared = time.GetTimestamp();
    }

    /// <inheritdoc cref="BeginAsync"/>
    private async Task<int> RecordAsync(CancellationToken stoppingToken)
    {
        var (before, after) = (_recorded!, policies.WithStatistics);
        if (ReferenceEquals(before, after)) return 0;
        var now = time.GetUtcNow();
        var changes = await OnOwnThread(after.Policies, () => new PolicyRows().Compare(before.Policies, after.Policies, now));
        _fetches.TellApart(before, after, changes);
        var rows = changes.Begun.Count + changes.Ended.Count;
        if (rows > 0) await history.RecordAsync(Own(changes.Begun), changes.Ended, ServedUntil(), stoppingToken);
        var removed = new PolicyRows().Removed(before.Policies, after.Policies);
        if (removed.Count > 0) await history.NoteRemovedAsync(removed, stoppingToken);
        _recorded = after;
        return rows;
    }

    /// <summary>After what has ended is recorded, since only then its id can have left DNS.</summary>
    private async Task SeeAsync(CancellationToken stoppingToken)
    {
        // A clock that is behind must not make an id leave DNS before it did; it is looked up again.
        var least = _clock.IsTrusted ? DateTimeOffset.MinValue : _servedUntil?.At ?? DateTimeOffset.MinValue;
        var seen = sightings.Take().Where(sighting => sighting.At >= least);
        foreach (var id in serving.See(seen)) _leftDns[(id.Domain, id.Id)] = id;
        if (_leftDns.Count == 0) return;
        await history.NoteLeftDnsAsync(_leftDns.Values, stoppingToken);
        _leftDns.Clear();
    }

    private async Task NoteAsync(CancellationToken stoppingToken)
    {
        var now = time.GetUtcNow();
        var until = ServedUntil();
        await history.NoteServedAsync(until, _fetches.Of(_recorded!), stoppingToken);
        await history.NoteOutsideAsync(_outside.Of(_recorded!), stoppingToken);
        _fetches.Noted(now);
        _outside.Noted(now);
        _noted = time.GetTimestamp();
        _servedUntil = (until, _noted);
    }

    private async Task TidyAsync(DateTimeOffset now, CancellationToken stoppingToken)
    {
        var pulledIn = await history.PullInPoliciesAsync(now, stoppingToken);
        var forgotten = await history.ForgetPoliciesAsync(now - s_keep, stoppingToken);
        _tidied = time.GetTimestamp();
        if (pulledIn + forgotten > 0) Tidied(forgotten, pulledIn);
    }

    /// <summary>Now. By a clock that can't be trusted, the last such time and what has passed since: one that is behind must not take back
    /// that something was served, and the next start believes one that is ahead.</summary>
    private DateTimeOffset ServedUntil() => _clock.IsTrusted || _servedUntil is not { } known ? time.GetUtcNow()
        : known.At + time.GetElapsedTime(known.Timestamp);

    /// <summary>The pool's threads are for requests, and it starts with one (ThreadPoolMinThreads): no request may wait while 100,000
    /// policies are compared.</summary>
    private static Task<T> OnOwnThread<T>(PolicySnapshot snapshot, Func<T> work) =>
        snapshot.All.Length < 1000 ? Task.FromResult(work())
            : Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private Task<LedgerSnapshot> ReadAsync(PolicySnapshot current, CancellationToken stoppingToken) =>
        LedgerSnapshot.ReadAsync(history, current, storage.UsedBy, time.GetUtcNow(), stoppingToken);

    private IReadOnlyCollection<StoredPolicy> Own(IReadOnlyList<StoredPolicy> begun) =>
        [.. begun.Select(policy => policy with { ServedBy = _number })];

    /// <summary>When they begin to share the store, and once an hour.</summary>
    private void Report(IReadOnlyList<OtherService> others) =>
        others.Report(other => Shared(other.Name, other.Domains.Count, other.Domains[0]));

    private void StoreReplaced()
    {
        _isReplaced = true;
        _sleep.Wake();
    }

    private bool IsDue(long last, TimeSpan every) => last == 0 || time.GetElapsedTime(last) >= every;

    private void Fails(StoreException e)
    {
        if (_store.Fails(e)) StoreFails(e.What);
    }

    [LoggerMessage(1820, LogLevel.Debug, "The store knows what is served: {Begun} policies are new to it, {Ended} are no longer served")]
    private partial void Begun(int begun, int ended);

    [LoggerMessage(1821, LogLevel.Warning, "The store can't be used, so what is served is not recorded: {Error}")]
    private partial void StoreFails(string error);

    [LoggerMessage(1822, LogLevel.Information, "The store can be used again: what is served is recorded")]
    private partial void StoreWorks();

    [LoggerMessage(1823, LogLevel.Warning, "The store has not answered for {Seconds} s; the listeners open without it")]
    private partial void Slow(int seconds);

    [LoggerMessage(1824, LogLevel.Error, "What is served could not be recorded; the next attempt follows")]
    private partial void RoundFailed(Exception exception);

    [LoggerMessage(1825, LogLevel.Information,
        "The store has forgotten {Forgotten} policies whose last copies expired over a year ago; {PulledIn} had ended in the future, and "
        + "end now")]
    private partial void Tidied(int forgotten, int pulledIn);

    [LoggerMessage(1827, LogLevel.Warning,
        "The store is shared with another service ({Name}); domains that are left to it: {Count}, such as {Domain}")]
    private partial void Shared(string name, int count, string domain);

    [LoggerMessage(1826, LogLevel.Warning, "The store's file was deleted or replaced; what is served now is recorded in the new one")]
    private partial void Replaced();
}
