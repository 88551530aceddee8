using MtaStsHost.Certificates.Files;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>Keeps the store's queue in line with the configured policy hosts.</summary>
internal sealed partial class CertificateQueue(
    IPolicyHosts hosts, FileCertificates files, IssuingContext context, StoreWatch watch, ILogger<CertificateQueue> log)
{
    private static readonly TimeSpan s_syncEvery = TimeSpan.FromHours(1);

    private volatile bool _hasChanged = true;
    private long _synchronised;

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

    [LoggerMessage(1400, LogLevel.Information, "Certificates queued for policy hosts: {Added}; in progress: {UnderWay}")]
    private partial void Queued(int added, int underWay);

    [LoggerMessage(1401, LogLevel.Information,
        "Renewal stopped for hosts that are no longer configured, or that Tls:Certificates covers: {Count}")]
    private partial void NotRenewedAnyMore(int count);

    [LoggerMessage(1405, LogLevel.Warning, "Next attempt was later than any schedule allows, and is moved up to now; hosts: {Count}")]
    private partial void PulledIn(int count);
}
