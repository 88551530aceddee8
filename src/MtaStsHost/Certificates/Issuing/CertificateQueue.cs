using System.Collections.Concurrent;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Configuration;
using MtaStsHost.Runtime;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>Keeps the store's queue in line with the configured policy hosts and the settings.</summary>
internal sealed partial class CertificateQueue(
    IPolicyHosts hosts, FileCertificates files, IssuingContext context, StoreWatch watch, ILogger<CertificateQueue> log)
{
    private static readonly TimeSpan s_syncEvery = TimeSpan.FromHours(1);

    /// <summary>What a fault of the policy host can cause.</summary>
    private static readonly string[] s_causedByHost = [FailureKind.Preflight, FailureKind.Validation];

    private readonly ConcurrentQueue<string> _fixed = [];
    private volatile bool _hasChanged = true;
    private long _synchronised;
    private bool _hasReported;

    /// <summary>Of the settings that the queue is in line with.</summary>
    private volatile AttemptBasis? _basis;

    /// <summary>Raised when the next synchronisation has something to do.</summary>
    public event Action? Changed
    {
        add => hosts.Changed += value;
        remove => hosts.Changed -= value;
    }

    /// <summary>Makes the next synchronisation compare all names.</summary>
    public void Invalidate() => _hasChanged = true;

    /// <summary>Whether a certificate is ordered for the host: it is configured, and no file covers it.</summary>
    public bool Wants(string host) => hosts.Contains(host) && !files.Covers(host);

    /// <summary>Brings forward what waits for something that other settings may have changed; at the start, what was changed while the
    /// service was stopped.</summary>
    /// <returns>Whether the settings have changed.</returns>
    public async Task<bool> FollowAsync(AcmeSettings settings, AttemptBasis basis, CancellationToken stoppingToken)
    {
        if (basis == _basis) return false;
        var retries = await context.Store.RetryChangedAsync(
            [.. settings.Authorities.Select(authority => authority.DirectoryUrl.OriginalString)], [basis.All, basis.Limits], stoppingToken);
        _basis = basis;
        if (retries.Failed > 0) SettingsChanged(retries.Failed);
        if (retries.OtherCa > 0) CaChanged(retries.OtherCa);
        if (!_hasReported) await ReportFailingAsync(stoppingToken);
        _hasReported = true;
        return true;
    }

    /// <summary>An attempt has ended; if the settings changed during it, its host is not in line with them.</summary>
    /// <param name="basis">Of the settings that it was made with.</param>
    public void Ended(AttemptBasis basis)
    {
        if (basis != _basis) _basis = null;
    }

    public void HostFixed(string host) => _fixed.Enqueue(host);

    /// <summary>Brings forward the attempts of hosts that seem to be fixed.</summary>
    public async Task RetryFixedAsync(CancellationToken stoppingToken)
    {
        while (_fixed.TryPeek(out var host))
        {
            if (await context.Store.RetrySoonAsync(host, s_causedByHost, RetrySchedule.EarliestAfterFix, stoppingToken)) Fixed(host);
            _fixed.TryDequeue(out _);
        }
    }

    /// <summary>Adds and parks hosts after a change, and once an hour in any case.</summary>
    public async Task SynchroniseAsync(CancellationToken stoppingToken)
    {
        if (!_hasChanged && context.Time.GetElapsedTime(_synchronised) < s_syncEvery) return;
        _hasChanged = false;
        try
        {
            await watch.RefreshAsync(stoppingToken);
            var wanted = hosts.Hosts.Where(host => !files.Covers(host)).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var added = await context.Store.EnqueueAsync(wanted, stoppingToken);
            var gone = watch.Index.All.Where(summary => summary.DueAt is not null && !wanted.Contains(summary.Host))
                .Select(summary => summary.Host).ToList();
            if (gone.Count > 0) await context.Store.ParkAsync(gone, stoppingToken);
            var pulledIn = await context.Store.PullInAsync(RetrySchedule.LongestWait, stoppingToken);
            _synchronised = context.Time.GetTimestamp();
            if (added > 0) Queued(added, context.Counters.UnderWay);
            if (gone.Count > 0) NotRenewedAnyMore(gone.Count);
            if (pulledIn > 0) PulledIn(pulledIn);
        }
        catch
        {
            _hasChanged = true;
            throw;
        }
    }

    private async Task ReportFailingAsync(CancellationToken stoppingToken)
    {
        await watch.RefreshAsync(stoppingToken);
        var failing = watch.Index.All.Where(summary => summary.FailureKind is not null && summary.DueAt > context.Time.GetUtcNow())
            .OrderBy(summary => summary.DueAt).Select(summary => summary.Host).ToList();
        var rows = await context.Store.ListAsync([.. failing.Take(LogLines.Shown)], stoppingToken);
        foreach (var row in rows.Where(row => row is { Failure: not null, DueAt: not null }).OrderBy(row => row.DueAt))
            StillFailing(row.Host, row.DueAt!.Value.ToString("u", CultureInfo.InvariantCulture), row.Failure!.Message);
        if (failing.Count > LogLines.Shown) MoreFailing(failing.Count - LogLines.Shown);
    }

    [LoggerMessage(1400, LogLevel.Information, "Certificates queued for policy hosts: {Added}; in progress: {UnderWay}")]
    private partial void Queued(int added, int underWay);

    [LoggerMessage(1401, LogLevel.Information,
        "Renewal stopped for hosts that are no longer configured, or that Tls:Certificates covers: {Count}")]
    private partial void NotRenewedAnyMore(int count);

    [LoggerMessage(1405, LogLevel.Warning, "Next attempt was later than any schedule allows, and is moved up to now; hosts: {Count}")]
    private partial void PulledIn(int count);

    [LoggerMessage(1409, LogLevel.Information, "Settings changed since the last attempts failed; trying again now, hosts: {Count}")]
    private partial void SettingsChanged(int count);

    [LoggerMessage(1410, LogLevel.Information,
        "Certificates from a CA that is not configured any more are ordered again now, hosts: {Count}")]
    private partial void CaChanged(int count);

    [LoggerMessage(1411, LogLevel.Warning, "The last attempt for {Host} failed, and the next one is at {NextAttempt}: {Message}")]
    private partial void StillFailing(string host, string nextAttempt, string message);

    [LoggerMessage(1413, LogLevel.Information, "{Host} seems to be reachable again; the next attempt is brought forward")]
    private partial void Fixed(string host);

    [LoggerMessage(1412, LogLevel.Warning, "More hosts wait for another attempt: {Count}; /health lists them all")]
    private partial void MoreFailing(int count);
}
