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
internal sealed class ServiceMetrics : IDisposable
{
    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly SemaphoreSlim _collecting = new(1, 1);
    private readonly HashSet<string> _labelled = new(StringComparer.Ordinal);
    private readonly ServedPolicies _policies;
    private readonly FileCertificates _certificates;
    private readonly LiveConfiguration _configuration;
    private readonly RequestStatistics _requests;
    private readonly TlsHandshake _handshake;
    private readonly ConnectionLimit _connections;
    private readonly ProxyProtocol _proxies;
    private readonly Counter _fetches;
    private readonly Gauge _lastServed;
    private readonly HealthReporter _health;
    private readonly Gauge _domains;
    private readonly Gauge _retired;
    private readonly Gauge _held;
    private readonly Gauge _domainHealth;
    private readonly Counter _handshakesRefused;
    private readonly Counter _connectionsRefused;
    private readonly Counter _proxiesRefused;
    private readonly Counter _reloads;
    private readonly Gauge _reloadGood;
    private readonly Gauge _loadedAt;
    private readonly Gauge _certificateEnds;
    private readonly CertificateMetrics _issued;
    private readonly CheckMetrics _checks;

    public ServiceMetrics(ServedPolicies policies, FileCertificates certificates, LiveConfiguration configuration,
        RequestStatistics requests, TlsHandshake handshake, ConnectionLimit connections, ProxyProtocol proxies,
        HealthReporter health, Func<MetricFactory, CertificateMetrics> issued, Func<MetricFactory, CheckMetrics> checks)
    {
        _policies = policies;
        _certificates = certificates;
        _configuration = configuration;
        _requests = requests;
        _handshake = handshake;
        _connections = connections;
        _proxies = proxies;
        _health = health;
        var metrics = Prometheus.Metrics.WithCustomRegistry(_registry);
        DotNetStats.Register(_registry);
        _fetches = metrics.CreateCounter("mtastshost_policy_requests_total",
            "Requests for a policy, by domain and status; domain is empty for hosts that are not configured.", "domain", "status");
        _lastServed = metrics.CreateGauge("mtastshost_policy_last_served_timestamp_seconds",
            "When the domain's policy was last served with status 200.", "domain");
        _domains = metrics.CreateGauge("mtastshost_domains", "Configured domains.");
        _retired = metrics.CreateGauge("mtastshost_domains_retired",
            "Domains that were removed from the configuration and are served in mode none while senders may hold their policy.");
        _held = metrics.CreateGauge("mtastshost_domains_held", "Domains that the enforce gate holds in mode testing.");
        _domainHealth = metrics.CreateGauge("mtastshost_domain_health", "Domains by their status in /health.", "status");
        _handshakesRefused = metrics.CreateCounter("mtastshost_tls_handshakes_refused_total",
            "TLS handshakes aborted for want of a certificate, by reason.", "reason");
        _connectionsRefused = metrics.CreateCounter("mtastshost_connections_refused_total",
            "Public connections closed at once because the process had reached its limit of connections.");
        _proxiesRefused = metrics.CreateCounter("mtastshost_proxy_protocol_refused_total",
            "Connections closed because no known proxy began them with a PROXY header, by reason.", "reason");
        _reloads = metrics.CreateCounter("mtastshost_configuration_loads_total",
            "Configurations loaded, by result: good ones took effect, bad ones did not.", "result");
        _reloadGood = metrics.CreateGauge("mtastshost_configuration_last_load_good",
            "1 if the newest configuration and all certificate files are active, otherwise 0.");
        _loadedAt = metrics.CreateGauge("mtastshost_configuration_loaded_timestamp_seconds", "When the active configuration was loaded.");
        _certificateEnds = metrics.CreateGauge("mtastshost_certificate_not_after_timestamp_seconds",
            "When a certificate expires, by its first name.", "name", "source");
        _issued = issued(metrics);
        _checks = checks(metrics);
        metrics.CreateGauge("mtastshost_build_info", "Always 1; the labels are the versions in use.", "version", "runtime", "openssl")
            .WithLabels(ServiceVersion.Text, ServiceVersion.Runtime, ServiceVersion.OpenSsl ?? "").Set(1);
    }

    public async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await _collecting.WaitAsync(context.RequestAborted);
        try
        {
            Collect();
            _checks.Collect();
            await _issued.CollectAsync(context.RequestAborted);
            await _registry.CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
        }
        finally
        {
            _collecting.Release();
        }
    }

    public void Dispose() => _collecting.Dispose();

    private void Collect()
    {
        CollectDomains();
        foreach (var (reason, count) in _handshake.Refused) _handshakesRefused.WithLabels(reason).IncTo(count);
        foreach (var (reason, count) in _proxies.Refused) _proxiesRefused.WithLabels(reason).IncTo(count);
        _connectionsRefused.IncTo(_connections.Refused);
        var state = _configuration.Current;
        _reloads.WithLabels("good").IncTo(state.Good);
        _reloads.WithLabels("bad").IncTo(state.Bad);
        _reloadGood.Set(state.LastError is null && _certificates.Errors.Count == 0 ? 1 : 0);
        _loadedAt.Set(state.LoadedAt.ToUnixTimeSeconds());
        CollectCertificates();
    }

    private void CollectDomains()
    {
        _domains.Set(_configuration.Current.Configuration.Policies.All.Length);
        foreach (var (health, count) in _health.Count()) _domainHealth.WithLabels(health.ToString()).Set(count);
        _fetches.WithLabels("", "404").IncTo(_requests.UnknownHost);
        var (retired, held) = (0, 0);
        var gone = new HashSet<string>(_labelled, StringComparer.Ordinal);
        foreach (var (policy, counts) in _policies.WithStatistics.All)
        {
            if (policy.RetiredUntil is not null) retired++;
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

        _retired.Set(retired);
        _held.Set(held);
    }

    private void CollectCertificates()
    {
        var current = _certificates.Current.All
            .GroupBy(certificate => certificate.DnsNames[0], certificate => certificate.NotAfter.ToUnixTimeSeconds())
            .ToDictionary(group => group.Key, group => group.Max());
        foreach (var labels in _certificateEnds.GetAllLabelValues().Where(labels => !current.ContainsKey(labels[0])).ToList())
            _certificateEnds.RemoveLabelled(labels);
        foreach (var (name, end) in current) _certificateEnds.WithLabels(name, "file").Set(end);
    }
}
