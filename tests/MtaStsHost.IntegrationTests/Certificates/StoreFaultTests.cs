using System.Text.Json.Nodes;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Certificates;

/// <summary>A store that can't be used: policies are served all the same, nothing is ordered, and the host goes on by itself once it is
/// fixed.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class StoreFaultTests
{
    private const string Policy = "version: STSv1\r\n";

    [Fact]
    public async Task A_disk_that_fills_stops_orders_and_nothing_else()
    {
        await using var ca = await PebbleInstallation.CreateAsync();
        ca.Configure(["one.example"]);
        await using var disk = await SmallDisk.MountAsync(ca.Host.Folder["data"]);
        await using var host = await ca.StartAsync();
        await ca.WaitForStateAsync("one.example", "valid");

        disk.Fill();
        ca.Configure(["one.example", "two.example"]);
        var health = await UnhealthyAsync(ca);

        Assert.Contains("the disk is full", (string?)health["storage"]!["lastError"], StringComparison.Ordinal);
        Assert.Equal(0, await ca.MetricAsync("mtastshost_store_up"));
        Assert.Equal(1, await ca.MetricAsync("mtastshost_acme_orders_total"));
        Assert.StartsWith(Policy, (await ca.GetPolicyAsync("one.example")).Body, StringComparison.Ordinal);
        Assert.StartsWith(Policy, (await PolicyClient.GetAsync(ca.Host.Http, "mta-sts.two.example")).Body, StringComparison.Ordinal);
        // What is in the store can be read, and the keys can be saved from there.
        Assert.Equal("valid", (string?)(await ca.ListedAsync("one.example"))!["state"]);

        disk.MakeRoom();
        await ca.WaitForStateAsync("two.example", "valid", TimeSpan.FromSeconds(60));

        Assert.Null((string?)(await ca.HealthAsync())["storage"]!["lastError"]);
        Assert.Equal(2, await ca.MetricAsync("mtastshost_acme_orders_total"));
        Assert.StartsWith(Policy, (await ca.GetPolicyAsync("two.example")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a folder", "is a folder")]
    [InlineData("garbage", "is not a SQLite database")]
    [InlineData("a file in place of its folder", "can't be used")]
    public async Task An_invalid_store_is_reported_and_policies_are_served(string instead, string told)
    {
        await using var ca = await PebbleInstallation.CreateAsync();
        ca.Configure(["one.example"]);
        if (instead == "a folder") Directory.CreateDirectory(ca.Host.Folder["data/store.db"]);
        else if (instead == "garbage") ca.Host.Folder.Write("data/store.db", new string('x', 10_000));
        else ca.Host.Folder.Write("data", "");
        OnlyForOwner(ca.Host.Folder["data"]);
        if (instead == "garbage") File.SetUnixFileMode(ca.Host.Folder["data/store.db"], UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await using var host = await ca.StartAsync();

        Assert.Contains(told, (string?)(await UnhealthyAsync(ca))["storage"]!["lastError"], StringComparison.Ordinal);
        Assert.StartsWith(Policy, (await PolicyClient.GetAsync(ca.Host.Http, "mta-sts.one.example")).Body, StringComparison.Ordinal);
        Assert.Equal(0, await ca.MetricAsync("mtastshost_acme_orders_total"));

        if (File.Exists(ca.Host.Folder["data"])) File.Delete(ca.Host.Folder["data"]);
        else Directory.Delete(ca.Host.Folder["data"], recursive: true);
        await ca.WaitForStateAsync("one.example", "valid", TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_store_folder_of_another_user_is_reported_and_policies_are_served()
    {
        const string Other = "65534";
        if (!Environment.IsPrivilegedProcess) Tools.Missing("only root can start the service as another user");
        await using var ca = await PebbleInstallation.CreateAsync();
        ca.Configure(["one.example"]);
        Directory.CreateDirectory(ca.Host.Folder["data"]);
        OnlyForOwner(ca.Host.Folder["data"]);
        await RunAsync("chmod", "-R", "a+rX", ca.Host.Folder.Path);
        OnlyForOwner(ca.Host.Folder["data"]);
        string[] command = [Tools.Require("setpriv"), $"--reuid={Other}", $"--regid={Other}", "--clear-groups", "--", .. ca.Host.Command];
        await using var host = HostProcess.Start(command,
            new HostStart { Arguments = ca.Host.HttpsArguments, WorkingDirectory = ca.Host.Folder.Path });
        await host.WaitUntilReadyAsync(ca.Host.Management);

        Assert.Contains(ca.Host.Folder["data"], (string?)(await UnhealthyAsync(ca))["storage"]!["lastError"], StringComparison.Ordinal);
        Assert.StartsWith(Policy, (await PolicyClient.GetAsync(ca.Host.Http, "mta-sts.one.example")).Body, StringComparison.Ordinal);

        await RunAsync("chown", Other, ca.Host.Folder["data"]);
        await ca.WaitForStateAsync("one.example", "valid", TimeSpan.FromSeconds(60));
    }

    private static async Task<JsonNode> UnhealthyAsync(PebbleInstallation ca)
    {
        await Eventually.IsTrueAsync(async () => (string?)(await ca.HealthAsync())["storage"]!["lastError"] is not null,
            "the store's error is told");
        var health = await ca.HealthAsync();
        Assert.Equal("Unhealthy", (string?)health["status"]);
        return health;
    }

    private static void OnlyForOwner(string path) =>
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var (status, output) = await Tools.RunAsync(program, arguments);
        Assert.True(status == 0, output);
    }
}
