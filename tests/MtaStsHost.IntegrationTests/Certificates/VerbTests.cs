using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Certificates;

/// <summary><c>certificates</c> and its verbs, beside a running service and without one.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class VerbTests
{
    [Fact]
    public async Task List_shows_each_host_with_its_certificate()
    {
        await using var ca = await PebbleInstallation.CreateAsync(new() { Blocked = ["mta-sts.blocked.example"] });
        ca.Configure(["one.example", "blocked.example"]);
        await using var host = await ca.StartAsync();
        await ca.WaitForStateAsync("one.example", "valid");
        await ca.WaitForStateAsync("blocked.example", "failed");

        var table = await ca.Host.RunAsync("certificates", "list", "--sort", "expiry");
        var listed = await ca.ListedAsync("one.example");

        Assert.True(table.ExitCode == 0, table.Error);
        var lines = table.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToList();
        Assert.Equal(["host", "state", "issuer", "ends", "renewed at", "next attempt", "last error"], lines[0]);
        Assert.Equal(["mta-sts.blocked.example", "failed"], lines[1][..2]); // what has none comes first
        Assert.Contains("rejectedIdentifier", lines[1][6], StringComparison.Ordinal);
        Assert.Equal(["mta-sts.one.example", "valid"], lines[2][..2]);
        Assert.Equal("valid", (string?)listed!["state"]);
        Assert.Equal(ca.Pebble.DirectoryUrl.OriginalString, (string?)listed["directoryUrl"]);
        Assert.True(DateTimeOffset.Parse((string)listed["renewAt"]!,
            System.Globalization.CultureInfo.InvariantCulture) < DateTimeOffset.Parse((string)listed["notAfter"]!,
            System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Renew_gets_a_new_certificate_from_the_running_service()
    {
        await using var ca = await PebbleInstallation.CreateAsync();
        ca.Configure(["one.example"]);
        await using var host = await ca.StartAsync();
        await ca.WaitForStateAsync("one.example", "valid");
        using var before = await ca.ServedAsync("one.example");

        var result = await ca.Host.RunAsync("certificates", "renew", "one.example", "--json");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal("mta-sts.one.example", (string?)JsonNode.Parse(result.Output)!["host"]);
        using var after = await ca.ServedAsync("one.example");
        Assert.NotEqual(before.SerialNumber, after.SerialNumber);
    }

    [Fact]
    public async Task A_request_without_a_running_service_waits_for_the_next_start()
    {
        await using var ca = await PebbleInstallation.CreateAsync();
        ca.Configure(["one.example"]);
        string serial;
        await using (var first = await ca.StartAsync())
        {
            await ca.WaitForStateAsync("one.example", "valid");
            using var before = await ca.ServedAsync("one.example");
            serial = before.SerialNumber;
            await first.SignalAsync("TERM");
            Assert.Equal(0, (await first.WaitForExitAsync()).ExitCode);
        }

        var result = await ca.Host.RunAsync("certificates", "renew", "mta-sts.one.example", "--timeout", "1");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(
            "error: mta-sts.one.example: was not ordered in time; the request stays open; start the service, or check its log",
            result.Error, StringComparison.Ordinal);

        await using var second = await ca.StartAsync();
        await ca.WaitForCertificatesAsync(1);
        using var after = await ca.ServedAsync("one.example");
        Assert.NotEqual(serial, after.SerialNumber);
    }

    [Theory]
    [InlineData("superseded", 4)]
    [InlineData("keyCompromise", 1)]
    public async Task Revoke_is_seen_at_the_CA_and_a_new_certificate_follows_by_itself(string reason, int code)
    {
        await using var ca = await PebbleInstallation.CreateAsync();
        ca.Configure(["one.example"]);
        await using var host = await ca.StartAsync();
        await ca.WaitForStateAsync("one.example", "valid");
        using var before = await ca.ServedAsync("one.example");

        var result = await ca.Host.RunAsync("certificates", "revoke", "mta-sts.one.example", "--reason", reason);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(("Revoked", code), await ca.Pebble.GetStatusAsync(before));
        await ca.WaitForCertificatesAsync(2);
        using var after = await ca.ServedAsync("one.example");
        Assert.NotEqual(before.SerialNumber, after.SerialNumber);
        Assert.Equal("Valid", (await ca.Pebble.GetStatusAsync(after)).Status);
        // with another key
        Assert.False(before.PublicKey.ExportSubjectPublicKeyInfo().SequenceEqual(after.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    [Fact]
    public async Task Export_writes_chain_and_key_for_their_owner_alone()
    {
        await using var ca = await PebbleInstallation.CreateAsync();
        ca.Configure(["one.example"]);
        await using var host = await ca.StartAsync();
        await ca.WaitForStateAsync("one.example", "valid");
        using var served = await ca.ServedAsync("one.example");

        var result = await ca.Host.RunAsync("certificates", "export", "one.example", "--out", ca.Host.Folder["exported"]);

        Assert.True(result.ExitCode == 0, result.Error);
        var (chain, key) = (ca.Host.Folder["exported/fullchain.pem"], ca.Host.Folder["exported/privkey.pem"]);
        Assert.Equal([chain, key], result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.All([chain, key], file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        using var exported = X509Certificate2.CreateFromPemFile(chain, key); // throws when the key is another one's
        Assert.Equal(served.SerialNumber, exported.SerialNumber);
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(chain);
        Assert.Equal(2, all.Count);
    }

    [Fact]
    public async Task What_can_t_be_done_is_one_line_and_an_exit_code()
    {
        await using var ca = await PebbleInstallation.CreateAsync();
        ca.Configure(["one.example"]);

        var none = await ca.Host.RunAsync("certificates", "list");
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("error: Storage:ConnectionString: there is no store at", Assert.Single(none.ErrorLines), StringComparison.Ordinal);

        await using var host = await ca.StartAsync();
        await ca.WaitForStateAsync("one.example", "valid");
        await RefusedAsync(1, "error: mta-sts.other.example: is not in the store", "renew", "other.example");
        await RefusedAsync(1, "error: mta-sts.other.example: is not in the store",
            "export", "other.example", "--out", ca.Host.Folder["exported"]);
        await RefusedAsync(1, "error: mta-sts.other.example: is not in the store", "revoke", "other.example");
        await RefusedAsync(2, "error: -bad-: is not a host name", "renew", "-bad-");
        await RefusedAsync(2, "error: command line:", "revoke", "one.example", "--reason", "boredom");
        await RefusedAsync(2, "error: command line:", "export", "one.example");
        await RefusedAsync(1, "can't be written", "export", "one.example", "--out", ca.Host.SettingsPath);

        async Task RefusedAsync(int exitCode, string error, params string[] words)
        {
            var result = await ca.Host.RunAsync(["certificates", .. words]);
            Assert.True(result.ExitCode == exitCode, $"{string.Join(' ', words)}: {result.ExitCode} {result.Error}");
            Assert.Contains(error, Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_store_that_others_can_read_is_refused_and_the_host_serves_all_the_same()
    {
        await using var ca = await PebbleInstallation.CreateAsync();
        ca.Configure(["one.example"]);
        Directory.CreateDirectory(ca.Host.Folder["data"],
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        await using var host = await ca.StartAsync();

        await Eventually.IsTrueAsync(async () => (string?)(await ca.HealthAsync())["storage"]!["lastError"] is not null,
            "the store's error is told");
        var health = await ca.HealthAsync();
        Assert.Equal("Unhealthy", (string?)health["status"]);
        Assert.Contains($"chmod 700 {ca.Host.Folder["data"]}", (string?)health["storage"]!["lastError"], StringComparison.Ordinal);
        Assert.Equal(200, (await PolicyClient.GetAsync(ca.Host.Http, "mta-sts.one.example")).Status);
        Assert.Equal(0, await ca.MetricAsync("mtastshost_acme_orders_total"));
        Assert.Equal(0, await ca.MetricAsync("mtastshost_store_up"));

        // Once fixed, it goes on by itself.
        File.SetUnixFileMode(ca.Host.Folder["data"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await ca.WaitForStateAsync("one.example", "valid");
        // The history is written by its own attempts.
        await Eventually.IsTrueAsync(async () => (string?)(await ca.HealthAsync())["storage"]!["lastError"] is null,
            "nothing is wrong any more", TimeSpan.FromMinutes(1));
    }
}
