using MtaStsHost.Runtime;
using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>
/// Writes down what is served, and tells <see cref="PolicyTransitions"/> what was served before. A store that fails stops no policy: it is
/// tried
/// again, and what it lacks is written then.
/// </summary>
internal sealed partial class PolicyRecorder(
    ServedPolicies policies, PolicyTransitions serving, IPolicyHistory history,
        LedgerHealth state, TimeProvider time, ILogger<PolicyRecorder> log) : BackgroundService
{
    /// <summary>How long the listeners wait for the store.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Hosts that share a store, and differ while a change is rolled out, write each other's policies off.</summary>
    private static readonly TimeSpan s_compareEvery = TimeSpan.FromHours(1);

    private static readonly TimeSpan s_tidyEvery = TimeSpan.FromDays(1);

    /// <summary>After its last copy has run out.</summary>
    private static readonly TimeSpan s_keep = TimeSpan.FromDays(365);

    private readonly SteadyClock _clock = new(time);
    private readonly LastFetches _fetches = new();
    private readonly WakeableDelay _sleep = new(time);

    /// <summary>What was read before the listeners opened; <c>null</c>: nothing, or it is used up.</summary>
    private PastPolicies? _past;

    /// <summary>What the store has in force of us; <c>null</c>: not known.</summary>
    private ServedSnapshot? _recorded;

    private DateTimeOffset? _servedUntil;
    private long _compared;
    private long _noted;
    private long _tidied;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        policies.Changed += _sleep.Wake;
        try
        {
            _past = await PastPolicies.ReadAsync(history, policies.Current, time.GetUtcNow(), cancellationToken)
                .WaitAsync(s_patience, time, cancellationToken);
            serving.Begin(_past.Enforced(), _past.Copies);
        }
        catch (StoreException e)
        {
            Fails(e);
        }
        catch (TimeoutException)
        {
            Slow((int)s_patience.TotalSeconds);
        }

        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        policies.Changed -= _sleep.Wake;
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
            var sleep = Retirement.NoteEvery;
            try
            {
                await RoundAsync(stoppingToken);
                if (state.Works()) StoreWorks();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreException e)
            {
                Fails(e);
                sleep = state.RetryAfter;
            }
#pragma warning disable CA1031 // The edge of the loop: whatever happened to one round, what is served must be written down by the next.
            catch (Exception e)
#pragma warning restore CA1031
            {
                RoundFailed(e);
            }

            await _sleep.SleepAsync(sleep, stoppingToken);
        }
    }

    private async Task RoundAsync(CancellationToken stoppingToken)
    {
        // What a wrong clock ended, the store still knows.
        if (_clock.Look() != TimeSpan.Zero) _compared = 0;
        var rows = 0;
        if (_recorded is null) rows = await BeginAsync(stoppingToken);
        else if (IsDue(_compared, s_compareEvery)) await CompareAsync(stoppingToken);
        // The time first: if it is wrong, the clock isn't trusted a moment later.
        var now = time.GetUtcNow();
        var isTrusted = _clock.IsTrusted;
        serving.Refresh(now, isTrusted);
        rows += await RecordAsync(stoppingToken);
        if (IsDue(_noted, Retirement.NoteEvery)) await NoteAsync(stoppingToken);
        if (isTrusted && IsDue(_tidied, s_tidyEvery)) await TidyAsync(now, stoppingToken);
        // Only here: what the others hold while they run is no garbage yet.
        CollectGarbageOf(rows);
    }

    /// <returns>How many rows that took.</returns>
    private async Task<int> BeginAsync(CancellationToken stoppingToken)
    {
        var past = _past ?? await PastPolicies.ReadAsync(history, policies.Current, time.GetUtcNow(), stoppingToken);
        if (_past is null) serving.Learn(past.Copies, past.IsKnown);
        var (now, served) = (time.GetUtcNow(), policies.WithStatistics);
        var current = served.Policies;
        var changes = await OnOwnThread(current, () => new PolicyRows().Compare(past.InForce, current, now));
        // Apart, since what ended did so while nobody was there to see it.
        if (changes.Ended.Count > 0) await history.RecordAsync([], changes.Ended, past.Ended, stoppingToken);
        if (changes.Begun.Count > 0) await history.RecordAsync(changes.Begun, [], now, stoppingToken);
        _servedUntil = past.ServedUntil;
        (_recorded, _past, _compared) = (served, null, time.GetTimestamp());
        Begun(changes.Begun.Count, changes.Ended.Count);
        return past.InForce.Count + changes.Begun.Count;
    }

    private async Task CompareAsync(CancellationToken stoppingToken)
    {
        var (now, current) = (time.GetUtcNow(), _recorded!.Policies);
        var past = await PastPolicies.ReadAsync(history, current, now, stoppingToken);
        var lacking = (await OnOwnThread(current, () => new PolicyRows().Compare(past.InForce, current, now))).Begun;
        if (lacking.Count > 0) await history.RecordAsync(lacking, [], now, stoppingToken);
        serving.Learn(past.Copies, past.IsKnown);
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
        if (!changes.IsEmpty) await history.RecordAsync(changes.Begun, changes.Ended, ServedUntil(), stoppingToken);
        _recorded = after;
        return changes.Begun.Count + changes.Ended.Count;
    }

    private async Task NoteAsync(CancellationToken stoppingToken)
    {
        var now = time.GetUtcNow();
        var until = ServedUntil();
        await history.NoteServedAsync(until, _fetches.Of(_recorded!), stoppingToken);
        _fetches.Noted(now);
        (_servedUntil, _noted) = (until, time.GetTimestamp());
    }

    private async Task TidyAsync(DateTimeOffset now, CancellationToken stoppingToken)
    {
        var pulledIn = await history.PullInPoliciesAsync(now, stoppingToken);
        var forgotten = await history.ForgetPoliciesAsync(now - s_keep, stoppingToken);
        _tidied = time.GetTimestamp();
        if (pulledIn + forgotten > 0) Tidied(forgotten, pulledIn);
    }

    /// <summary>Now; but a clock that is behind for a moment must not take back that something was served.</summary>
    private DateTimeOffset ServedUntil()
    {
        var now = time.GetUtcNow();
        return !_clock.IsTrusted && _servedUntil > now ? _servedUntil.Value : now;
    }

    /// <summary>The pool's threads are for requests, and it starts with one (ThreadPoolMinThreads): none must wait for 100,000 policies to
    /// be compared.</summary>
    private static Task<T> OnOwnThread<T>(PolicySnapshot snapshot, Func<T> work) =>
        snapshot.All.Length < 1000 ? Task.FromResult(work())
            : Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>What was read and written of many policies; given back now, not at some later time.</summary>
    private static void CollectGarbageOf(int policies)
    {
        if (policies >= 1000) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private bool IsDue(long last, TimeSpan every) => last == 0 || time.GetElapsedTime(last) >= every;

    private void Fails(StoreException e)
    {
        if (state.Fails(e)) StoreFails(e.Message);
    }

    [LoggerMessage(1820, LogLevel.Debug, "The store knows what is served: {Begun} policies are new to it, {Ended} are served no more")]
    private partial void Begun(int begun, int ended);

    [LoggerMessage(1821, LogLevel.Warning,
        "The store fails, so nobody will know what was served, and domains that were removed before this start are not served in mode "
        + "none: {Error}")]
    private partial void StoreFails(string error);

    [LoggerMessage(1822, LogLevel.Information, "The store works again: what is served is written down")]
    private partial void StoreWorks();

    [LoggerMessage(1823, LogLevel.Warning, "The store has not answered for {Seconds} s; the listeners open without it")]
    private partial void Slow(int seconds);

    [LoggerMessage(1824, LogLevel.Error, "What is served could not be written down; the next attempt follows")]
    private partial void RoundFailed(Exception exception);

    [LoggerMessage(1825, LogLevel.Information,
        "The store has forgotten {Forgotten} policies whose last copies ran out a year ago or more; {PulledIn} had ended in the future, "
        + "and end now")]
    private partial void Tidied(int forgotten, int pulledIn);
}
