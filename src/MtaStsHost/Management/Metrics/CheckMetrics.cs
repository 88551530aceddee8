using MtaStsHost.Checks.Background;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Hosting;
using Prometheus;

namespace MtaStsHost.Management.Metrics;

/// <summary>Metrics of the background checks. A domain has a label only while it has findings.</summary>
internal sealed class CheckMetrics(CheckResults results, LiveConfiguration configuration, MetricFactory metrics)
{
    private readonly Counter _checks = metrics.CreateCounter("mtastshost_checks_total", "Finished checks of domains.");
    private readonly Gauge _oldest = metrics.CreateGauge("mtastshost_check_oldest_timestamp_seconds",
        "When the domain whose last check is the oldest was checked; 0 before the first check.");
    private readonly Gauge _interval = metrics.CreateGauge("mtastshost_check_interval_seconds",
        "Seconds between two checks of a domain; 0 if checks are off.");
    private readonly Gauge _findings = metrics.CreateGauge("mtastshost_check_findings",
        "Domains that have a finding, by its code and severity.", "code", "severity");
    private readonly Gauge _domains = metrics.CreateGauge("mtastshost_domain_findings",
        "Findings of a domain that has any, by severity.", "domain", "severity");

    public void Collect()
    {
        var settings = configuration.Current.Settings.Checks;
        var byCode = new Dictionary<(string, string), int>();
        var byDomain = new Dictionary<(string, string), int>();
        var oldest = DateTimeOffset.MaxValue;
        foreach (var (domain, result) in results.All)
        {
            if (result.At < oldest) oldest = result.At;
            if (result.Kept.Count == 0) continue;
            foreach (var code in result.Kept.Select(kept => (kept.Finding.Code, WordOf(kept.Finding.Severity))).Distinct())
                byCode[code] = byCode.GetValueOrDefault(code) + 1;
            foreach (var severity in result.Kept.GroupBy(kept => WordOf(kept.Finding.Severity)))
                byDomain[(domain.Value, severity.Key)] = severity.Count();
        }

        _checks.IncTo(results.Checks);
        _interval.Set(settings.Enabled ? settings.Interval.TotalSeconds : 0);
        _oldest.Set(oldest == DateTimeOffset.MaxValue ? 0 : oldest.ToUnixTimeSeconds());
        Set(_findings, byCode);
        Set(_domains, byDomain);
    }

    private static string WordOf(FindingSeverity severity) => severity == FindingSeverity.Error ? "error" : "warning";

    private static void Set(Gauge gauge, Dictionary<(string, string), int> counts)
    {
        foreach (var labels in gauge.GetAllLabelValues().Where(labels => !counts.ContainsKey((labels[0], labels[1])))
            .ToList()) gauge.RemoveLabelled(labels);
        foreach (var ((first, second), count) in counts) gauge.WithLabels(first, second).Set(count);
    }
}
