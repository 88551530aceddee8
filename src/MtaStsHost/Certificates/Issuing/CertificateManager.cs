using System.Collections.Concurrent;
using System.Globalization;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Configuration;
using MtaStsHost.Runtime;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>
/// Keeps a certificate for every policy host: asks the store who is due, works on a few at a time, and notes what became of it. A host that
/// fails never stops another, and the loop never ends before the host does.
/// </summary>
internal sealed partial class CertificateManager(
    IPolicyHosts hosts, FileCertificates files, Live<AcmeSettings?> settings,
        IssuingContext context, StoreWatch watch, HostIssuance issuance,
    CertificateStoreHealth state, ILogger<CertificateManager> log) : BackgroundService
{
    /// <summary>Renewed three times before it runs out; after a crash the hosts that were being worked on are free so soon.</summary>
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_longestSleep = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan s_syncEvery = TimeSpan.FromHours(1);

    private static readonly TimeSpan s_clockJump = TimeSpan.FromMinutes(1);

    private readonly StorePause _pause = new(context.Time);
    private readonly HashSet<Task> _working = [];

    /// <summary>Hosts whose work ended before their lease was given up; it would be extended with the others for ever.</summary>
    private readonly ConcurrentQueue<string> _leftOver = [];

    private readonly WakeableDelay _sleep = new(context.Time);
    private volatile bool _namesChanged = true;
    private volatile bool _settingsChanged;
    private long _extended;
    private long _synchronised;

    /// <summary>UTC ticks, since several write it at once; 0: at once.</summary>
    private long _firstOrdersAfter;

    private TimeProvider Time => context.Time;

    private bool IsPaced => Volatile.Read(ref _firstOrdersAfter) > Time.GetUtcNow().UtcTicks;

    /// <summary>Looks at the queue soon: something has changed.</summary>
    public void Wake() => _sleep.Wake();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        hosts.Changed += NamesChanged;
        settings.Changed += SettingsChanged;
        try
        {
            watch.Changed += Wake;
            while (!stoppingToken.IsCancellationRequested) await RoundAsync(stoppingToken);
        }
        finally
        {
            watch.Changed -= Wake;
            hosts.Changed -= NamesChanged;
            settings.Changed -= SettingsChanged;
            Task[] working;
            lock (_working) working = [.. _working]; // each takes itself out as it ends
            await Task.WhenAll(working);
            await GiveUpLeasesAsync();
        }
    }

    /// <summary>One look at the queue, and the sleep until the next one.</summary>
    private async Task RoundAsync(CancellationToken stoppingToken)
    {
        _sleep.Listen();
        var (wall, monotonic) = (Time.GetUtcNow(), Time.GetTimestamp());
        var sleep = s_longestSleep;
        try
        {
            if (settings.Current is { } current)
            {
                sleep = await WorkAsync(current, stoppingToken);
                // What the queue needs may work where a host's work can't be kept: a disk that is nearly full.
                if (!_pause.HasFailed && state.Works()) StoreWorks();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
        catch (StoreException e)
        {
            if (state.Fails(e)) StoreFails(e.Message);
            sleep = state.RetryAfter;
        }
#pragma warning disable CA1031 // The edge of the loop: whatever happened to one round, certificates must be renewed by the next.
        catch (Exception e)
#pragma warning restore CA1031
        {
            RoundFailed(e);
        }

        await _sleep.SleepAsync(sleep, stoppingToken);
        // Timers don't notice that somebody sets the clock.
        var jump = Time.GetUtcNow() - wall - Time.GetElapsedTime(monotonic);
        if (jump.Duration() <= s_clockJump) return;
        ClockJumped(jump.TotalSeconds);
        // The leases may have run out by that: what is under way must not be claimed, and ordered, a second time.
        _extended = 0;
        Volatile.Write(ref _firstOrdersAfter, 0);
        _namesChanged = true;
    }

    private async Task<TimeSpan> WorkAsync(AcmeSettings current, CancellationToken stoppingToken)
    {
        await SynchroniseAsync(stoppingToken);
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

        if (_pause.Left is var left && left > TimeSpan.Zero) return left < s_longestSleep ? left : s_longestSleep;
        var free = current.MaxConcurrentOrders - context.Counters.UnderWay;
        if (free > 0)
        {
            var claimed = await context.Store.ClaimDueAsync(context.Owner, free, !IsPaced, s_lease, stoppingToken);
            foreach (var record in claimed) Begin(record, current, stoppingToken);
            if (claimed.Count == 0 && context.Counters.UnderWay == 0) _pause.End();
            if (claimed.Count == free) return s_longestSleep; // whoever is done wakes us
        }

        var next = await context.Store.NextDueAsync(stoppingToken);
        var wait = next is null ? s_longestSleep : next.Value - Time.GetUtcNow();
        // What is due and was not claimed is held back: by the limit of orders, or by another host.
        if (wait <= TimeSpan.Zero) wait = IsPaced ? s_longestSleep : TimeSpan.FromSeconds(1);
        return wait < s_longestSleep ? wait : s_longestSleep;
    }

    /// <summary>Brings the queue in line with the configured names, when these have changed, and once an hour in any case.</summary>
    private async Task SynchroniseAsync(CancellationToken stoppingToken)
    {
        if (_settingsChanged)
        {
            // What failed may work now. It was a person who changed them, so no limit of unattended attempts is at stake.
            _settingsChanged = false;
            await context.Store.PullInAsync(TimeSpan.Zero, stoppingToken);
            Volatile.Write(ref _firstOrdersAfter, 0);
        }

        if (!_namesChanged && Time.GetElapsedTime(_synchronised) < s_syncEvery) return;
        _namesChanged = false;
        try
        {
            await watch.RefreshAsync(stoppingToken);
            var wanted = hosts.Hosts.Where(host => !files.Covers(host)).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var added = await context.Store.EnqueueAsync(wanted, stoppingToken);
            var gone = watch.Index.All.Where(summary => summary.DueAt is not null && !wanted.Contains(summary.Host))
                .Select(summary => summary.Host).ToList();
            if (gone.Count > 0) await context.Store.ParkAsync(gone, stoppingToken);
            var pulledIn = await context.Store.PullInAsync(RetrySchedule.LongestWait, stoppingToken);
            _synchronised = Time.GetTimestamp();
            if (added > 0) Queued(added, context.Counters.UnderWay);
            if (gone.Count > 0) NotRenewedAnyMore(gone.Count);
            if (pulledIn > 0) PulledIn(pulledIn);
        }
        catch
        {
            _namesChanged = true;
            throw;
        }
    }

    private void Begin(CertificateRecord record, AcmeSettings current, CancellationToken stoppingToken)
    {
        context.Counters.Begin();
        var task = WorkOnAsync(record, current, stoppingToken);
        lock (_working) _working.Add(task);
        task.ContinueWith(
            done =>
            {
                lock (_working) _working.Remove(done);
                context.Counters.End();
                Wake();
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private async Task WorkOnAsync(CertificateRecord record, AcmeSettings current, CancellationToken stoppingToken)
    {
        try
        {
            try
            {
                if (hosts.Contains(record.Host) && !files.Covers(record.Host)) await issuance.WorkOnAsync(record, current, stoppingToken);
                else await context.Store.SaveAsync(record with { DueAt = null }, [], context.Owner, release: true, stoppingToken);
                _pause.End();
            }
            catch (Exception e) when (e is not (OrderPacedException or StoreException)
                && !(e is OperationCanceledException && stoppingToken.IsCancellationRequested))
            {
                // The edge of one host's work, which must not end the others'.
                HostFailed(e, record.Host);
                await issuance.GiveUpAsync(record, e, stoppingToken);
            }
        }
        catch (OrderPacedException e)
        {
            if (Interlocked.Exchange(ref _firstOrdersAfter, e.Until.UtcTicks) != e.Until.UtcTicks) Paced(
                e.Until.ToString("u", CultureInfo.InvariantCulture));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The row says how far it is, and the next start goes on from there.
        }
        catch (StoreException e)
        {
            _leftOver.Enqueue(record.Host);
            if (e is LeaseLostException) return;
            _pause.Begin();
            if (state.Fails(e)) StoreFails(e.Message);
        }
// Not even the fault could be written down. Without this the lease would be extended for ever, and the host never looked at again.
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            HostFailed(e, record.Host);
            _leftOver.Enqueue(record.Host);
            _pause.Begin();
        }
    }

    private async Task GiveUpLeasesAsync()
    {
        if (settings.Current is null) return;
        try
        {
            await context.Store.ReleaseLeasesAsync(context.Owner, null, CancellationToken.None);
        }
        catch (StoreException)
        {
            // They run out by themselves.
        }
    }

    private void NamesChanged()
    {
        _namesChanged = true;
        Wake();
    }

    private void SettingsChanged()
    {
        _settingsChanged = true;
        NamesChanged();
    }

    [LoggerMessage(1400, LogLevel.Information, "Certificates of {Added} policy hosts are in the queue now, {UnderWay} are under way")]
    private partial void Queued(int added, int underWay);

    [LoggerMessage(1401, LogLevel.Information,
        "Certificates of {Count} hosts are not renewed any more: they are not configured, or Tls:Certificates has them")]
    private partial void NotRenewedAnyMore(int count);

    [LoggerMessage(1402, LogLevel.Warning, "The store fails, so nothing is ordered: {Error}")]
    private partial void StoreFails(string error);

    [LoggerMessage(1403, LogLevel.Error, "A look at the queue of certificates failed; the next one follows")]
    private partial void RoundFailed(Exception exception);

    [LoggerMessage(1404, LogLevel.Warning, "This machine's clock was set by {Seconds:0} s; all times of attempts are looked at again")]
    private partial void ClockJumped(double seconds);

    [LoggerMessage(1405, LogLevel.Warning, "{Count} hosts had their next attempt at a time that no schedule gives; they are due now")]
    private partial void PulledIn(int count);

    [LoggerMessage(1406, LogLevel.Information,
        "The limit of orders (Acme:OrdersPerThreeHours) is reached; first certificates go on at {Until}")]
    private partial void Paced(string until);

    [LoggerMessage(1408, LogLevel.Information, "The store works again")]
    private partial void StoreWorks();

    [LoggerMessage(1407, LogLevel.Error, "{Host}: an unforeseen fault")]
    private partial void HostFailed(Exception exception, string host);
}
