using MtaStsHost.Certificates.Files;
using MtaStsHost.Hosting;
using MtaStsHost.Listeners;
using MtaStsHost.Listeners.Tls;
using MtaStsHost.Management.Health;
using MtaStsHost.Runtime;
using MtaStsHost.Serving;
using Prometheus;

namespace MtaStsHost.Management.Metrics;

/// <summary>
/// Prometheus metrics. Requests count in plain fields of their host; labels are created on a scrape, and only for served domains with
/// requests. Requests for other hosts are one number, whatever their Host headers are.
/// </summary>
internal sealed class ServiceMetrics(ServedPolicies policies, FileCertificates certificates, LiveConfiguration configuration,
    PolicyEndpoint requests, TlsHandshake handshake, ConnectionLimit connections, ProxyProtocol proxies, HealthReporter health,
    CertificateMetrics issued, CheckMetrics checks, BackgroundLoops loops, MetricFactory metrics, CollectorRegistry registry) : IDisposable
{
    private readonly SemaphoreSlim _collecting = new(1, 1);
    private readonly HashSet<string> _labelled = new(StringComparer.Ordinal);
    private readonly Counter _fetches = metrics.CreateCounter("mtastshost_policy_requests_total",
        "Requests for a policy, by domain and status; domain is empty for hosts that are not configured.", "domain", "status");
    private readonly Gauge _lastServed = metrics.CreateGauge("mtastshost_policy_last_served_timestamp_seconds",
        "When the domain's policy was last served with status 200.", "domain");
    private readonly Gauge _domains = metrics.CreateGauge("mtastshost_domains", "Configured domains.");
    private readonly Gauge _retired = metrics.CreateGauge("mtastshost_domains_retired",
        "Domains that were removed from the configuration and are served in mode none while senders may hold their policy.");
    private readonly Gauge _removed = metrics.CreateGauge("mtastshost_domains_removed",
        "Domains that were removed from the configuration and are still served: with their last policy until that is confirmed (stage "
        + "unconfirmed) or for an hour (grace), or in mode none (none).", "stage");
    private readonly Gauge _held = metrics.CreateGauge("mtastshost_domains_held", "Domains that the enforce gate holds in mode testing.");
    private readonly Gauge _domainHealth = metrics.CreateGauge("mtastshost_domain_health", "Domains by their status in /health.", "status");
    private readonly Counter _handshakesRefused = metrics.CreateCounter("mtastshost_tls_handshakes_refused_total",
        "TLS handshakes aborted for want of a certificate, by reason.", "reason");
    private readonly Counter _connectionsRefused = metrics.CreateCounter("mtastshost_connections_refused_total",
        "Public connections closed at once because the process had reached its limit of connections.");
    private readonly Counter _proxiesRefused = metrics.CreateCounter("mtastshost_proxy_protocol_refused_total",
        "Connections closed because no known proxy began them with a PROXY header, by reason.", "reason");
    private readonly Counter _reloads = metrics.CreateCounter("mtastshost_configuration_loads_total",
        "Configurations loaded, by result: good ones took effect, bad ones did not.", "result");
    private readonly Gauge _reloadGood = metrics.CreateGauge("mtastshost_configuration_last_load_good",
        "1 if the newest configuration and all certificate files are active, otherwise 0.");
    private readonly Gauge _loadedAt = metrics.CreateGauge("mtastshost_configuration_loaded_timestamp_seconds",
        "When the active configuration was loaded.");
    private readonly Gauge _certificateEnds = metrics.CreateGauge("mtastshost_certificate_not_after_timestamp_seconds",
        "When a certificate expires, by its first name.", "name", "source");
    private readonly Gauge _loopUp = metrics.CreateGauge("mtastshost_background_up",
        "1 if the background loop works, 0 if it hangs or its last round failed.", "loop");
    private readonly Gauge _build = metrics.CreateGauge("mtastshost_build_info",
        "Always 1; the labels are the versions in use.", "version", "runtime", "openssl");

    public async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await _collecting.WaitAsync(context.RequestAborted);
        try
        {
            Collect();
            checks.Collect();
            await issued.CollectAsync(context.RequestAborted);
            await registry.CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
        }
        finally
        {
            _collecting.Release();
        }
    }

    public void Dispose() => _collecting.Dispose();

    private void Collect()
    {
        _build.WithLabels(ServiceVersion.Text, ServiceVersion.Runtime, ServiceVersion.OpenSsl ?? "").Set(1);
        CollectDomains();
        foreach (var loop in loops.All) _loopUp.WithLabels(loop.Name).Set(loop.Error is null ? 1 : 0);
        foreach (var (reason, count) in handshake.Refused) _handshakesRefused.WithLabels(reason).IncTo(count);
        foreach (var (reason, count) in proxies.Refused) _proxiesRefused.WithLabels(reason).IncTo(count);
        _connectionsRefused.IncTo(connections.Refused);
        var state = configuration.Current;
        _reloads.WithLabels("good").IncTo(state.Good);
        _reloads.WithLabels("bad").IncTo(state.Bad);
        _reloadGood.Set(state.LastError is null && certificates.Errors.Count == 0 ? 1 : 0);
        _loadedAt.Set(state.LoadedAt.ToUnixTimeSeconds());
        CollectCertificates();
    }

    private void CollectDomains()
    {
        _domains.Set(configuration.Current.Configuration.Policies.All.Length);
        foreach (var (status, count) in health.Count(policies.Current.All)) _domainHealth.WithLabels(status.ToString()).Set(count);
        _fetches.WithLabels("", "404").IncTo(requests.UnknownHost);
        var removed = Enum.GetValues<RemovalStage>().ToDictionary(stage => stage, _ => 0);
        var held = 0;
        var gone = new HashSet<string>(_labelled, StringComparer.Ordinal);
        foreach (var (policy, counts) in policies.WithStatistics.All)
        {
            if (policy.Removal is { } removal) removed[removal.Stage]++;
            if (policy.HeldBecause is not null) held++;
            var domain = policy.Domain.Value;
            gone.Remove(domain);
            if (counts.Served == 0 && counts.MethodNotAllowed == 0) continue;
            _labelled.Add(domain);
            _fetches.WithLabels(domain, "200").IncTo(counts.Served);
            if (counts.MethodNotAllowed > 0) _fetches.WithLabels(domain, "405").IncTo(counts.MethodNotAllowed);
            if (counts.LastServed > 0) _lastServed.WithLabels(domain).Set(counts.LastServed);
        }

        foreach (var domain in gone)
        {
            _labelled.Remove(domain);
            _fetches.RemoveLabelled(domain, "200");
            _fetches.RemoveLabelled(domain, "405");
            _lastServed.RemoveLabelled(domain);
        }

        foreach (var (stage, count) in removed) _removed.WithLabels(stage.ToString().ToLowerInvariant()).Set(count);
        _retired.Set(removed[RemovalStage.None]);
        _held.Set(held);
    }

    private void CollectCertificates()
    {
        var current = certificates.Current.All
            .GroupBy(certificate => certificate.DnsNames[0], certificate => certificate.NotAfter.ToUnixTimeSeconds())
            .ToDictionary(group => group.Key, group => group.Max());
        foreach (var labels in _certificateEnds.GetAllLabelValues().Where(labels => !current.ContainsKey(labels[0])).ToList())
            _certificateEnds.RemoveLabelled(labels);
        foreach (var (name, end) in current) _certificateEnds.WithLabels(name, "file").Set(end);
    }
}
