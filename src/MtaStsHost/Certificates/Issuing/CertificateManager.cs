using System.Collections.Concurrent;
using MtaStsHost.Configuration;
using MtaStsHost.Runtime;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>
/// Keeps a certificate for every policy host: asks the store which hosts are due, works on a few at a time, and saves the outcome. A
/// failing host never stops another, and the loop runs until the service stops.
/// </summary>
internal sealed partial class CertificateManager(
    CertificateQueue queue, Live<AcmeSettings?> settings, IssuingContext context, StoreWatch watch, HostIssuance issuance,
    StoreHealth health, BackgroundLoops loops, ILogger<CertificateManager> log) : BackgroundService
{
    /// <summary>Extended three times before it expires; after a crash, the hosts in progress are free again this soon.</summary>
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_longestSleep = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan s_clockJump = TimeSpan.FromMinutes(1);

    private readonly StoreUse _store = health.Certificates;
    private readonly BackgroundLoop _loop = loops.Add("certificates", "no certificates are ordered or renewed");
    private readonly SaveBackoff _backoff = new(context.Time);
    private readonly ConcurrentDictionary<string, Task> _working = new(StringComparer.Ordinal);

    /// <summary>Hosts whose work ended with their lease still held; it would be extended with the others forever.</summary>
    private readonly ConcurrentQueue<string> _leftOver = [];

    /// <summary>UTC ticks; 0: first orders may be placed now.</summary>
    private readonly LastValue<long> _firstOrdersAfter = new(0);

    private readonly WakeableDelay _sleep = new(context.Time);
    private long _extended;

    private TimeProvider Time => context.Time;

    private DamagedHosts Damaged => field ??= new DamagedHosts(queue, context, _working.ContainsKey);

    private bool IsPaced => _firstOrdersAfter.Value > Time.GetUtcNow().UtcTicks;

    /// <summary>Checks the queue soon: something has changed.</summary>
    public void Wake() => _sleep.Wake();

    /// <summary>What kept a host from getting a certificate may be fixed.</summary>
    public void HostFixed(string host)
    {
        queue.HostFixed(host);
        Wake();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        queue.Changed += NamesChanged;
        settings.Changed += NamesChanged;
        context.Basis.Changed += Wake;
        try
        {
            watch.Changed += Wake;
            context.Index.UnreadableFound += Wake;
            context.Store.Replaced += StoreReplaced;
            while (!stoppingToken.IsCancellationRequested) await RoundAsync(stoppingToken);
        }
        finally
        {
            watch.Changed -= Wake;
            context.Index.UnreadableFound -= Wake;
            context.Store.Replaced -= StoreReplaced;
            queue.Changed -= NamesChanged;
            settings.Changed -= NamesChanged;
            context.Basis.Changed -= Wake;
            await Task.WhenAll(_working.Values); // each removes itself as it ends
            await ReleaseLeasesAsync();
        }
    }

    /// <summary>One pass over the queue, and the sleep until the next one.</summary>
    private async Task RoundAsync(CancellationToken stoppingToken)
    {
        _sleep.Listen();
        _loop.Begin();
        var (wall, monotonic) = (Time.GetUtcNow(), Time.GetTimestamp());
        var sleep = s_longestSleep;
        try
        {
            if (settings.Current is { } current)
            {
                sleep = await WorkAsync(current, stoppingToken);
                // The queue's own statements may work where a host's can't be saved: on a disk that is nearly full.
                if (!_backoff.HasFailed && _store.Works()) StoreWorks();
            }

            _loop.End();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
        catch (StoreException e)
        {
            if (_store.Fails(e)) StoreFails(e.Message);
            sleep = _store.RetryAfter;
            _loop.End();
        }
#pragma warning disable CA1031 // The edge of the loop: whatever happened in one round, the next one must renew certificates.
        catch (Exception e)
#pragma warning restore CA1031
        {
            RoundFailed(e);
            _loop.End(e);
        }

        await _sleep.SleepAsync(sleep, stoppingToken);
        // Timers don't notice a clock that is set.
        var jump = Time.GetUtcNow() - wall - Time.GetElapsedTime(monotonic);
        if (jump.Duration() <= s_clockJump) return;
        ClockJumped(jump.TotalSeconds);
        // The leases may have expired by it: what is in progress must not be claimed, and ordered, a second time.
        _extended = 0;
        _firstOrdersAfter.Set(0);
        queue.Invalidate();
    }

    private async Task<TimeSpan> WorkAsync(AcmeSettings current, CancellationToken stoppingToken)
    {
        var basis = context.Basis.Of(current);
        await queue.SynchroniseAsync(stoppingToken);
        if (await queue.FollowAsync(current, basis, stoppingToken)) _firstOrdersAfter.Set(0);
        await queue.RetryFixedAsync(stoppingToken);
        while (_leftOver.TryPeek(out var host))
        {
            await context.Store.ReleaseLeasesAsync(context.Owner, "certificate/" + host, stoppingToken);
            _leftOver.TryDequeue(out _);
        }

        if (_extended == 0 || Time.GetElapsedTime(_extended) >= s_lease / 3)
        {
            await context.Store.ExtendLeasesAsync(context.Owner, s_lease, stoppingToken);
            _extended = Time.GetTimestamp();
        }

        await Damaged.EnqueueAsync(stoppingToken);
        await Damaged.SaveAsync(stoppingToken);
        return _backoff.Left is var left && left > TimeSpan.Zero ? Min(left, s_longestSleep)
            : await ClaimAsync(current, basis, stoppingToken);
    }

    private async Task<TimeSpan> ClaimAsync(AcmeSettings current, AttemptBasis basis, CancellationToken stoppingToken)
    {
        var free = current.MaxConcurrentOrders - context.Counters.UnderWay;
        if (free > 0)
        {
            var claimed = await context.Store.ClaimDueAsync(context.Owner, free, !IsPaced, s_lease, stoppingToken);
            if (claimed.Count < free) claimed = [.. claimed, .. await Damaged.ClaimAsync(free - claimed.Count, s_lease, stoppingToken)];
            foreach (var record in claimed) Begin(record, current, basis, stoppingToken);
            if (claimed.Count == 0 && context.Counters.UnderWay == 0) _backoff.End();
            if (claimed.Count == free) return s_longestSleep; // the first one that ends wakes the loop
        }

        var next = await context.Store.NextDueAsync(stoppingToken);
        if (Damaged.NextDue is { } kept && !(next <= kept)) next = kept;
        var wait = next is null ? s_longestSleep : next.Value - Time.GetUtcNow();
        // A host that is due and was not claimed is held back by the limit of orders, or by another replica.
        return wait > TimeSpan.Zero ? Min(wait, s_longestSleep) : IsPaced ? s_longestSleep : TimeSpan.FromSeconds(1);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private void Begin(CertificateRecord record, AcmeSettings current, AttemptBasis basis, CancellationToken stoppingToken)
    {
        context.Counters.Begin();
        var task = WorkOnAsync(record, current, basis, stoppingToken);
        _working[record.Host] = task;
        task.ContinueWith(
            done =>
            {
                _working.TryRemove(KeyValuePair.Create(record.Host, done));
                context.Counters.End();
                queue.Ended(basis);
                Wake();
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private async Task WorkOnAsync(
        CertificateRecord record, AcmeSettings current, AttemptBasis basis, CancellationToken stoppingToken)
    {
        try
        {
            try
            {
                if (queue.Wants(record.Host)) await issuance.WorkOnAsync(record, current, basis, stoppingToken);
                else await context.SaveAsync(record with { DueAt = null }, [], release: true, stoppingToken);
                _backoff.End();
            }
            catch (Exception e) when (e is not (OrderPacedException or StoreException)
                && !(e is OperationCanceledException && stoppingToken.IsCancellationRequested))
            {
                // The edge of one host's work, which must not end the others'.
                HostFailed(e, record.Host);
                await issuance.GiveUpAsync(record, e, basis, stoppingToken);
            }
        }
        catch (OrderPacedException e)
        {
            if (_firstOrdersAfter.Set(e.Until.UtcTicks)) Paced(e.Until.ToString("u", CultureInfo.InvariantCulture));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The row holds the progress, and the next start continues from there.
        }
        catch (StoreException e)
        {
            _leftOver.Enqueue(record.Host);
            if (e is LeaseLostException) return;
            _backoff.Begin();
            if (_store.Fails(e)) StoreFails(e.Message);
        }
#pragma warning disable CA1031 // Not even the fault could be saved. Without this, the lease would be extended forever.
        catch (Exception e)
#pragma warning restore CA1031
        {
            HostFailed(e, record.Host);
            _leftOver.Enqueue(record.Host);
            _backoff.Begin();
        }
    }

    private async Task ReleaseLeasesAsync()
    {
        if (settings.Current is null) return;
        try
        {
            await context.Store.ReleaseLeasesAsync(context.Owner, null, CancellationToken.None);
        }
        catch (StoreException)
        {
            // They expire by themselves.
        }
    }

    /// <summary>The other store lacks hosts, and may keep what this one couldn't.</summary>
    private void StoreReplaced()
    {
        Damaged.SaveSoon();
        NamesChanged();
    }

    private void NamesChanged()
    {
        queue.Invalidate();
        Wake();
    }

    [LoggerMessage(1402, LogLevel.Warning, "The store failed, so no certificates are ordered: {Error}")]
    private partial void StoreFails(string error);

    [LoggerMessage(1403, LogLevel.Error, "A pass over the certificate queue failed; the next one follows")]
    private partial void RoundFailed(Exception exception);

    [LoggerMessage(1404, LogLevel.Warning, "The system clock jumped by {Seconds:0} s; all scheduled attempts are checked again")]
    private partial void ClockJumped(double seconds);

    [LoggerMessage(1406, LogLevel.Information,
        "Limit of orders reached (Acme:OrdersPerThreeHours); orders for first certificates continue at {Until}")]
    private partial void Paced(string until);

    [LoggerMessage(1408, LogLevel.Information, "The store works again")]
    private partial void StoreWorks();

    [LoggerMessage(1407, LogLevel.Error, "Unexpected error while working on {Host}")]
    private partial void HostFailed(Exception exception, string host);
}
