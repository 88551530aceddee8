using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MtaStsHost.IntegrationTests.Certificates;
using MtaStsHost.IntegrationTests.Documentation;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>What Prometheus and Grafana are given, and the store's backup, against a running service.</summary>
public sealed partial class MonitoringTests
{
    private const string Rules = "deploy/prometheus/mtastshost.rules.yml";

    [Fact]
    public async Task Prometheus_takes_the_rules_and_they_tell_what_their_tests_want()
    {
        var promtool = Tools.Require("promtool");

        var check = await Tools.RunAsync(promtool, "check", "rules", Documents.PathOf(Rules));
        var test = await Tools.RunAsync(promtool, "test", "rules", Documents.PathOf("deploy/prometheus/mtastshost.rules.test.yml"));

        Assert.True(check.ExitCode == 0, check.Output);
        Assert.True(test.ExitCode == 0, test.Output);
    }

    [Fact]
    public async Task A_running_service_has_every_metric_of_the_rules_and_the_dashboard_and_its_store_is_backed_up_and_restored()
    {
        var (promtool, sqlite) = (Tools.Require("promtool"), Tools.Require("sqlite3"));
        await using var installation = await PebbleInstallation.CreateAsync();
        using var ca = new TestCa();
        ca.Issue(["mta-sts.file.example"]).Write(installation.Host.Folder["app"]);
        installation.Configure(["acme.example", "file.example"],
            more: JsonNode.Parse("""{ "Tls": { "Certificates": [ { "Path": "tls.pem", "KeyPath": "tls.key" } ] } }""")!.AsObject());
        string served, metrics;
        await using (var process = await installation.StartAsync())
        {
            await installation.WaitForCertificatesAsync(1);
            await installation.WaitForStateAsync("acme.example", "valid");
            Assert.Equal(200, (await installation.GetPolicyAsync("acme.example")).Status);
            using (var certificate = await installation.ServedAsync("acme.example")) served = certificate.Thumbprint;
            using var client = new HttpClient();
            metrics = await client.GetStringAsync(new Uri(installation.Host.Management, "/metrics"));
            await RunDocumentedAsync("Backup", sqlite, installation);
            Assert.Equal(["2", "0", "0"], new[] { "Healthy", "Degraded",
                "Unhealthy" }.Select(state => ValueOf(metrics, $"mtastshost_domain_health{{status=\"{state}\"}}")));
            Assert.Equal("1", ValueOf(metrics, "mtastshost_store_up"));
            await process.SignalAsync("TERM");
            await process.WaitForExitAsync();
        }

        installation.Host.Folder.Write("metrics", metrics);
        var (status, output) = await Tools.RunAsync("/bin/sh", "-c", $"{promtool} check metrics < {installation.Host.Folder["metrics"]}");
        Assert.True(status == 0, output);
        var known = Type().Matches(metrics).Select(match => match.Groups[1].Value).Append("up").ToHashSet();
        Assert.Empty(Used().Matches(Documents.Read(Rules)).Select(match => match.Value).Except(known));
        var expressions = JsonNode.Parse(Documents.Read("deploy/grafana/mtastshost.json"))!["panels"]!.AsArray()
            .SelectMany(panel => panel!["targets"]!.AsArray()).Select(target => (string)target!["expr"]!).ToList();
        Assert.All(expressions, expression => Assert.Matches(Used(), expression));
        Assert.Empty(expressions.SelectMany(expression => Used().Matches(expression)).Select(match => match.Value).Except(known));

        // Disaster: nothing is left but the backup.
        Directory.Delete(installation.Host.Folder["data"], recursive: true);
        await RunDocumentedAsync("Restore", sqlite, installation);
        await using (var restored = await installation.StartAsync())
        {
            using var again = await installation.ServedAsync("acme.example");
            Assert.Equal(served, again.Thumbprint);
            Assert.Equal(0, await installation.MetricAsync("mtastshost_acme_orders_total"));
            await restored.SignalAsync("TERM");
            await restored.WaitForExitAsync();
        }

        // A new account: the old one's row is gone.
        var store = installation.Host.Folder["data/store.db"];
        var before = await Tools.RunAsync(sqlite, store, "SELECT key_pem FROM accounts");
        var delete = await Tools.RunAsync(sqlite, store, "DELETE FROM accounts");
        Assert.True(delete.ExitCode == 0, delete.Output);
        await using var renewing = await installation.StartAsync();
        var renew = await installation.Host.RunAsync("certificates", "renew", "mta-sts.acme.example");
        Assert.True(renew.ExitCode == 0, renew.Error);
        await installation.WaitForCertificatesAsync(1);
        var after = await Tools.RunAsync(sqlite, store, "SELECT key_pem FROM accounts");
        Assert.Contains("PRIVATE KEY", after.Output, StringComparison.Ordinal);
        Assert.NotEqual(before.Output, after.Output);
    }

    private static string? ValueOf(string metrics, string series) =>
        metrics.Split('\n').FirstOrDefault(line => line.StartsWith(series + " ", StringComparison.Ordinal))?[(series.Length + 1)..];

    /// <summary>The page's own block, with this test's folders in place of an installation's, and without systemd and its user.</summary>
    private static async Task RunDocumentedAsync(string heading, string sqlite, PebbleInstallation installation)
    {
        var block = Documents.Blocks("docs/guides/backup.md", "sh")
            .Single(block => block.StartsWith($"# {heading}\n", StringComparison.Ordinal));
        var script = block.Replace("sudo ", "", StringComparison.Ordinal).Replace("sqlite3 ", $"{sqlite} ", StringComparison.Ordinal)
            .Replace("/var/lib/mtastshost/", installation.Host.Folder["data"] + "/", StringComparison.Ordinal)
            .Replace("/var/backups/", installation.Host.Folder["backup"] + "/", StringComparison.Ordinal)
            .Replace("systemctl ", ": systemctl ", StringComparison.Ordinal).Replace("chown ", ": chown ", StringComparison.Ordinal);
        var (status, output) = await Tools.RunAsync("/bin/sh", "-ec", script);
        Assert.True(status == 0, $"{script}\n{output}");
    }

    [GeneratedRegex(@"^# TYPE (\S+) ", RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex(@"\b(mtastshost_\w+|process_\w+|dotnet_\w+|up)(?=\{)")]
    private static partial Regex Used();
}
