using System.Runtime.InteropServices;
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
internal sealed partial class ConfigurationReloader : BackgroundService
{
    /// <summary>Of a certificate in the log.</summary>
    private const int MaxNames = 100;

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);

    private readonly ConfigurationLoader _loader;
    private readonly LiveConfiguration _configuration;
    private readonly ServedPolicies _policies;
    private readonly FileCertificates _certificates;
    private readonly ListenSockets _sockets;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SlowReading _slow;
    private readonly InputWatcher _watcher;
    private readonly BackgroundLoop _loop;
    private PosixSignalRegistration? _hangUp;
    private int _isRequested;

    public ConfigurationReloader(ConfigurationLoader loader, LiveConfiguration configuration, ServedPolicies policies,
        FileCertificates certificates, ListenSockets sockets, BackgroundLoops loops, TimeProvider time, ILogger<ConfigurationReloader> log)
    {
        (_loader, _configuration, _policies, _certificates) = (loader, configuration, policies, certificates);
        (_sockets, _time, _log) = (sockets, time, log);
        // By the system's time, since files are not read any faster or slower by another.
        _slow = new SlowReading(TimeProvider.System, OnSlow);
        _watcher = new InputWatcher(time, _slow);
        _loop = loops.Add("reload", "changes of the configuration do not take effect");
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            Request();
        });
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _hangUp?.Dispose();
        _watcher.Dispose();
        _slow.Dispose();
        base.Dispose();
    }

    /// <summary>Reloads soon, whether or not a file has changed.</summary>
    public void Request()
    {
        Volatile.Write(ref _isRequested, 1);
        _watcher.Interrupt();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var first = _configuration.Current.Configuration;
        var (inputs, fingerprint, certificateFingerprint) = (first.Inputs, first.Fingerprint, first.CertificateFingerprint);
        TimeSpan? retry = null;
        while (true)
        {
            try
            {
                await _watcher.WaitForChangeAsync([(inputs, fingerprint), (_certificates.Inputs, certificateFingerprint)],
                    retry, stoppingToken);
                _loop.Begin();
                var started = _time.GetTimestamp();
                if (Interlocked.Exchange(ref _isRequested, 0) == 1 || retry is not null
                    || _slow.Watch(inputs.Fingerprint) != fingerprint)
                {
                    // On a thread of its own: the pool starts with one (ThreadPoolMinThreads), which requests need.
                    var (loaded, isGood) = await Task.Factory.StartNew(
                        Reload, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                    (inputs, fingerprint) = (loaded.Inputs, loaded.Fingerprint);
                    // What it could not load is tried again at once, and logged.
                    if (isGood) certificateFingerprint = _certificates.Errors.Count > 0 ? 0
                        : _configuration.Current.Configuration.CertificateFingerprint;
                    // What is wrong may lie outside of the watched files: a certificate that comes a moment later, a port that is taken.
                    retry = isGood ? null : RetryAfter(_time.GetElapsedTime(started));
                }

                // Also while a configuration is refused: the certificates of the active one are renewed all the same.
                var changed = _slow.Watch(_certificates.Inputs.Fingerprint);
                if (changed != certificateFingerprint) _slow.Watch(RefreshCertificates);
                certificateFingerprint = changed;
                _loop.End();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The edge of the loop: whatever the file system does, the next change must be seen.
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (_configuration.Refuse($"error: the configuration could not be checked: {Printable.Text(e.Message)}")) Failed(e);
                _loop.End(); // health has the fault as the configuration's
                retry = RetryAfter(TimeSpan.Zero);
                await Task.Delay(retry.Value, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stoppingToken.IsCancellationRequested) return;
            }
        }
    }

    /// <summary>Afterwards, a reload shows whether all is well.</summary>
    private void OnSlow()
    {
        if (_configuration.Refuse($"error: reading the configuration's files takes over {SlowReading.Limit.TotalSeconds:0} s; "
            + "check that the mounts they are on respond")) Slow(SlowReading.Limit.TotalSeconds);
        Request();
    }

    /// <summary>A refused configuration is tried again soon, but never at the cost of a large part of the machine.</summary>
    private static TimeSpan RetryAfter(TimeSpan cost) => TimeSpan.FromTicks(Math.Max(s_retry.Ticks, cost.Ticks * 20));

    private (LoadedConfiguration Loaded, bool IsGood) Reload()
    {
        var state = _configuration.Current;
        var (loaded, next) = _slow.Watch(() =>
        {
            var read = _loader.Load();
            return (read, ServiceConfiguration.Load(read, state.Configuration, _time));
        });
        // A reading that was slow has ended; if it always is, there must be no end of reloads.
        Volatile.Write(ref _isRequested, 0);
        if (next is not null) ListenProbe.Check(state.Settings.Endpoints, next.Settings.Endpoints, loaded.Problems, _sockets.Reserve);
        if (next is null || loaded.Problems.HasErrors)
        {
            _sockets.Drop();
            if (_configuration.Refuse(loaded.Problems.Errors)) Report(loaded.Problems.Errors);
            return (loaded, false);
        }

        loaded.Problems.Warnings.Report(warning => Warning(warning.ToString()));
        if (!state.Settings.Endpoints.SequenceEqual(next.Settings.Endpoints)) _sockets.Keep();
        if (!_configuration.Accept(next)) NeedsRestart();
        Report(state.Configuration, next);
        Garbage.ReturnAfter(next.Policies.All.Length);
        return (loaded, true);
    }

    private void Report(IReadOnlyList<ConfigurationProblem> errors)
    {
        errors.Report(error => Refused(error.ToString()), MoreErrors);
        StaysInForce(_configuration.Current.LoadedAt.ToString("u", CultureInfo.InvariantCulture));
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
            if (_policies.Current.TryFind(policy.Host, out var served) && served.HeldBecause is not null)
                Publish(policy.Domain.Value, served.TxtName, served.TxtValue);
            else if (old.TryFind(policy.Host, out var known) && known.Id == policy.Id) IdStays(policy.Domain.Value, policy.Id.Value);
            else Publish(policy.Domain.Value, policy.TxtName, policy.TxtValue);
        });

        if (!before.Settings.Endpoints.SequenceEqual(after.Settings.Endpoints)) ListenersChanged(
            string.Join(' ', after.Settings.Endpoints.Select(endpoint => endpoint.Url)));
    }

    private IReadOnlyList<string> RefreshCertificates()
    {
        var errors = _certificates.Refresh();
        errors.Report(CertificateRefused);
        if (errors.Count > 0) CertificateStays();
        else ReportCertificates();
        return errors;
    }

    /// <summary>As at the start: the wrong file may be a good certificate.</summary>
    private void ReportCertificates()
    {
        var certificates = _certificates.Current.All;
        CertificatesReloaded(certificates.Length);
        certificates.Report(certificate => CertificateReloaded(
            Printable.Text(string.Join(' ', certificate.DnsNames), MaxNames),
            certificate.NotAfter.ToString("u", CultureInfo.InvariantCulture)));
        var problems = new ProblemList();
        ServiceConfiguration.JudgeCertificates(_configuration.Current.Configuration, _certificates.Entries, _time.GetUtcNow(), problems);
        problems.Warnings.Report(warning => Warning(warning.ToString()));
    }

    [LoggerMessage(1100, LogLevel.Information, "Configuration reloaded; domains: {Domains}, new or changed: {Changed}, removed: {Removed}")]
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

    [LoggerMessage(1104, LogLevel.Error, "More errors: {Count}; MtaStsHost validate lists them all")]
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

    [LoggerMessage(1116, LogLevel.Information, "Certificate for {Names} is active, valid until {NotAfter}")]
    private partial void CertificateReloaded(string names, string notAfter);

    [LoggerMessage(1117, LogLevel.Error,
        "Reading the configuration's files takes over {Seconds} s; changes take effect once their mounts respond")]
    private partial void Slow(double seconds);

    [LoggerMessage(1111, LogLevel.Error, "{Error}")]
    private partial void CertificateRefused(string error);

    [LoggerMessage(1115, LogLevel.Error, "The old certificate stays active")]
    private partial void CertificateStays();
}
