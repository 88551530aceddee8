using MtaStsHost.Certificates.Files;
using MtaStsHost.Configuration;
using MtaStsHost.Listeners;
using MtaStsHost.Runtime;
using MtaStsHost.Serving;

namespace MtaStsHost.Hosting;

/// <summary>
/// Makes changed files take effect. Not <c>IOptionsMonitor</c>: after a bad edit that one throws on every read
/// (dotnet/runtime#44381), where the last good configuration must stay.
/// </summary>
internal sealed partial class ConfigurationReloader(
    ConfigurationLoader loader,
    LiveConfiguration configuration,
    ServedPolicies policies,
    FileCertificates certificates,
    TimeProvider time,
    ILogger<ConfigurationReloader> log) : BackgroundService
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);

    private readonly InputWatcher _watcher = new(time);

    public override void Dispose()
    {
        _watcher.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var first = configuration.Current.Configuration;
        var (inputs, fingerprint, certificateFingerprint) = (first.Inputs, first.Fingerprint, first.CertificateFingerprint);
        TimeSpan? retry = null;
        while (true)
        {
            try
            {
                await _watcher.WaitForChangeAsync([(inputs, fingerprint), (certificates.Inputs, certificateFingerprint)],
                    retry, stoppingToken);
                var started = time.GetTimestamp();
                if (retry is not null || inputs.Fingerprint() != fingerprint)
                {
                    // On a thread of its own: the pool starts with one (ThreadPoolMinThreads), which requests need.
                    var (loaded, isGood) = await Task.Factory.StartNew(
                        () => Reload(loader.Load()), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                    (inputs, fingerprint) = (loaded.Inputs, loaded.Fingerprint);
                    if (isGood) certificateFingerprint = configuration.Current.Configuration.CertificateFingerprint;
                    // What is wrong may lie outside of the watched files: a certificate that comes a moment later, a port that is taken.
                    retry = isGood ? null : RetryAfter(time.GetElapsedTime(started));
                }

                // Also while a configuration is refused: the certificates of the active one are renewed all the same.
                var changed = certificates.Inputs.Fingerprint();
                if (changed == certificateFingerprint) continue;
                RefreshCertificates();
                certificateFingerprint = changed;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The edge of the loop: whatever the file system does, the next change must be seen.
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (configuration.Refuse($"error: the configuration could not be checked: {Printable.Text(e.Message)}")) Failed(e);
                retry = RetryAfter(TimeSpan.Zero);
                await Task.Delay(retry.Value, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stoppingToken.IsCancellationRequested) return;
            }
        }
    }

    /// <summary>A refused configuration is tried again soon, but never at the cost of a large part of the machine.</summary>
    private static TimeSpan RetryAfter(TimeSpan cost) => TimeSpan.FromTicks(Math.Max(s_retry.Ticks, cost.Ticks * 20));

    private (LoadedConfiguration Loaded, bool IsGood) Reload(LoadedConfiguration loaded)
    {
        var state = configuration.Current;
        var next = ServiceConfiguration.Load(loaded, state.Configuration, time);
        if (next is not null) ListenProbe.Check(state.Settings.Endpoints, next.Settings.Endpoints, loaded.Problems);
        if (next is null || loaded.Problems.HasErrors)
        {
            if (configuration.Refuse(loaded.Problems.Errors)) Report(loaded.Problems.Errors);
            return (loaded, false);
        }

        loaded.Problems.Warnings.Report(warning => Warning(warning.ToString()));
        if (!configuration.Accept(next)) NeedsRestart();
        Report(state.Configuration, next);
        Garbage.ReturnAfter(next.Policies.All.Length);
        return (loaded, true);
    }

    private void Report(IReadOnlyList<ConfigurationProblem> errors)
    {
        errors.Report(error => Refused(error.ToString()), MoreErrors);
        StaysInForce(configuration.Current.LoadedAt.ToString("u", CultureInfo.InvariantCulture));
    }

    private void Report(ServiceConfiguration before, ServiceConfiguration after)
    {
        var (old, now) = (before.Policies, after.Policies);
        var changed = now.All.Where(policy => !old.TryFind(policy.Host, out var known)
            || known.Id != policy.Id || known.Policy != policy.Policy).ToList();
        Reloaded(now.All.Length, changed.Count, old.All.Count(policy => !now.TryFind(policy.Host, out _)));
        changed.Report(policy =>
        {
            // One that the gate holds back: the record of what is served.
            if (policies.Current.TryFind(policy.Host, out var served) && served.HeldBecause is not null)
                Publish(policy.Domain.Value, served.TxtName, served.TxtValue);
            else if (old.TryFind(policy.Host, out var known) && known.Id == policy.Id) IdStays(policy.Domain.Value, policy.Id.Value);
            else Publish(policy.Domain.Value, policy.TxtName, policy.TxtValue);
        });

        if (!before.Settings.Endpoints.SequenceEqual(after.Settings.Endpoints)) ListenersChanged(
            string.Join(' ', after.Settings.Endpoints.Select(endpoint => endpoint.Url)));
    }

    private void RefreshCertificates()
    {
        var errors = certificates.Refresh();
        errors.Report(CertificateRefused);
        if (errors.Count > 0) CertificateStays();
        else CertificatesReloaded(certificates.Current.All.Length);
    }

    [LoggerMessage(1100, LogLevel.Information, "Configuration reloaded: {Domains} domains, {Changed} new or changed, {Removed} removed")]
    private partial void Reloaded(int domains, int changed, int removed);

    [LoggerMessage(1101, LogLevel.Information, "{Domain} is new or changed: publish {TxtName} TXT \"{TxtValue}\"")]
    private partial void Publish(string domain, string txtName, string txtValue);

    [LoggerMessage(1113, LogLevel.Warning,
        "{Domain} has a new policy under its old id {Id}, so senders won't fetch it; change Id or remove it")]
    private partial void IdStays(string domain, string id);

    [LoggerMessage(1114, LogLevel.Information, "Listeners are now {Urls}")]
    private partial void ListenersChanged(string urls);

    [LoggerMessage(1103, LogLevel.Error, "{Error}")]
    private partial void Refused(string error);

    [LoggerMessage(1104, LogLevel.Error, "and {Count} more errors; MtaStsHost validate lists them all")]
    private partial void MoreErrors(int count);

    [LoggerMessage(1105, LogLevel.Error, "The changed configuration is not active; the one of {LoadedAt} stays active")]
    private partial void StaysInForce(string loadedAt);

    [LoggerMessage(1106, LogLevel.Warning, "{Warning}")]
    private partial void Warning(string warning);

    [LoggerMessage(1107, LogLevel.Warning, "The log's format, new log sources and another store take effect after a restart")]
    private partial void NeedsRestart();

    [LoggerMessage(1108, LogLevel.Error, "The configuration could not be checked; trying again")]
    private partial void Failed(Exception exception);

    [LoggerMessage(1110, LogLevel.Information, "Certificate files reloaded: {Count}")]
    private partial void CertificatesReloaded(int count);

    [LoggerMessage(1111, LogLevel.Error, "{Error}")]
    private partial void CertificateRefused(string error);

    [LoggerMessage(1115, LogLevel.Error, "The old certificate stays active")]
    private partial void CertificateStays();
}
