using System.Reflection;
using System.Text.RegularExpressions;
using MtaStsHost.Management.Metrics;
using MtaStsHost.Testing;
using Prometheus;

namespace MtaStsHost.Tests.Management.Metrics;

/// <summary>docs/reference/metrics.md against the metrics of a running service.</summary>
public sealed partial class MetricsReferenceTests
{
    [Fact]
    public async Task Table_Rows_AreNameTypeLabelsAndHelpOfEveryMetric()
    {
        await using var app = await AppFixture.StartAsync(Json.WithDomain(Json.Good));
        var scrape = await app.GetTextAsync(app.Management, "/metrics");
        var labels = LabelNames(app.Service<ServiceMetrics>());
        var expected = Family().Matches(scrape).Select(match => Row(match, labels)).Order(StringComparer.Ordinal);

        var table = File.ReadLines(Path.Combine(HostBinary.Repository, "docs", "reference", "metrics.md"))
            .Where(line => line.StartsWith("| `mtastshost_", StringComparison.Ordinal));

        Assert.Equal(string.Join('\n', expected), string.Join('\n', table));
    }

    [Fact]
    public void OpenSsl_Number_IsItsVersion() => Assert.Equal(["3.0.13", "3.5.0", "1.1.1w", "1.1.1"],
        new[] { 0x300000d0L, 0x30500000L, 0x1010117fL, 0x1010100fL }.Select(MtaStsHost.Runtime.ServiceVersion.FormatOpenSsl));

    private static string Row(Match family, Dictionary<string, string[]> labels)
    {
        var name = family.Groups["name"].Value;
        var cell = string.Concat(labels[name].Select((label, i) => $"{(i == 0 ? "" : ",")} `{label}`"));
        return $"| `{name}` | {family.Groups["type"].Value} |{cell} | {family.Groups["help"].Value} |";
    }

    private static Dictionary<string, string[]> LabelNames(object metrics) =>
        metrics.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Select(field => field.GetValue(metrics)!)
            .SelectMany(value => value is Collector collector ? [KeyValuePair.Create(collector.Name, collector.LabelNames)]
                : value is CheckMetrics or CertificateMetrics ? LabelNames(value).AsEnumerable() : [])
            .ToDictionary();

    [GeneratedRegex("^# HELP (?<name>mtastshost_\\w+) (?<help>.+)\n# TYPE \\w+ (?<type>\\w+)$", RegexOptions.Multiline)]
    private static partial Regex Family();
}
