using MtaStsHost.Checks.Background;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Hosting;
using Prometheus;

namespace MtaStsHost.Management.Metrics;

/// <summary>Metrics of the background checks. A domain has a label only while it has findings, and only <see cref="MaxDomains"/> have one:
/// when a provider's mail server fails, that of all its domains does.</summary>
internal sealed class CheckMetrics(CheckResults results, LiveConfiguration configuration, MetricFactory metrics)
{
    public const int MaxDomains = 1000;

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
        var withFindings = results.All.Where(result => result.Value.Kept.Count > 0).ToList();
        _checks.IncTo(results.Checks);
        _interval.Set(settings.Enabled ? settings.Interval.TotalSeconds : 0);
        _oldest.Set(results.All.Min(result => (DateTimeOffset?)result.Value.At)?.ToUnixTimeSeconds() ?? 0);
        Set(_findings, withFindings.SelectMany(result =>
            result.Value.Kept.Select(kept => (kept.Finding.Code, WordOf(kept.Finding.Severity))).Distinct()));
        Set(_domains, Worst(withFindings).SelectMany(result =>
            result.Value.Kept.Select(kept => (result.Key.Value, WordOf(kept.Finding.Severity)))));
    }

    /// <summary>Errors first, then by name, so that the choice doesn't change from one scrape to the next.</summary>
    internal static IEnumerable<KeyValuePair<DomainName, DomainFindings>> Worst(List<KeyValuePair<DomainName, DomainFindings>> all) =>
        all.Count <= MaxDomains ? all : all.OrderByDescending(result => result.Value.HasErrors)
            .ThenBy(result => result.Key.Value, StringComparer.Ordinal).Take(MaxDomains);

    private static string WordOf(FindingSeverity severity) => severity == FindingSeverity.Error ? "error" : "warning";

    private static void Set(Gauge gauge, IEnumerable<(string, string)> found)
    {
        var counts = found.CountBy(labels => labels).ToDictionary();
        foreach (var labels in gauge.GetAllLabelValues().Where(labels => !counts.ContainsKey((labels[0], labels[1])))
            .ToList()) gauge.RemoveLabelled(labels);
        foreach (var ((first, second), count) in counts) gauge.WithLabels(first, second).Set(count);
    }
}
