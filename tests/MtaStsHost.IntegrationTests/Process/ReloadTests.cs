using System.Globalization;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Process;

/// <summary>Changed files take effect within two seconds, however they were changed, and no request fails meanwhile.</summary>
public sealed class ReloadTests
{
    private static readonly TimeSpan s_within = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_file_edited_in_place_comes_into_force()
    {
        using var host = new HostInstallation(Settings(1));
        await using var process = await host.StartAsync();

        for (var version = 2; version < 5; version++)
        {
            host.Write(Settings(version));
            await IsInForceAsync(host, version);
        }
    }

    [Fact]
    public async Task SIGHUP_reloads()
    {
        using var host = new HostInstallation(Settings(1));
        await using var process = await host.StartAsync();

        await process.SignalAsync("HUP");

        await Eventually.IsTrueAsync(() => process.Output.Contains("Configuration reloaded; domains: 1, new or changed: 0",
            StringComparison.Ordinal), "the reload is logged", s_within);
        await IsInForceAsync(host, 1);
    }

    [Fact]
    public async Task A_file_replaced_by_rename_comes_into_force_and_no_request_fails()
    {
        using var host = new HostInstallation(Settings(1));
        await using var process = await host.StartAsync();
        var done = false;
        var requests = RequestAllTheTimeAsync(host.Http, () => Volatile.Read(ref done));

        for (var version = 2; version < 5; version++)
        {
            host.Folder.Replace("app/appsettings.json", Settings(version));
            await IsInForceAsync(host, version);
        }

        Volatile.Write(ref done, true);
        var (count, failed) = await requests;
        Assert.Empty(failed);
        Assert.True(count > 10, $"only {count} requests");
    }

    [Fact]
    public async Task A_symlink_switched_as_Kubernetes_does_it_comes_into_force()
    {
        using var host = new HostInstallation("""{ "MtaSts": { "Include": [ "../mounted/domains.json" ] } }""");
        host.Folder.Write("mounted/..2026_01_01/domains.json", Settings(1));
        host.Folder.Link("mounted/..data", "..2026_01_01");
        host.Folder.Link("mounted/domains.json", "..data/domains.json");
        await using var process = await host.StartAsync();

        for (var version = 2; version < 5; version++)
        {
            host.Folder.Write($"mounted/..2026_01_0{version}/domains.json", Settings(version));
            host.Folder.Link("mounted/..data", $"..2026_01_0{version}");
            Directory.Delete(host.Folder[$"mounted/..2026_01_0{version - 1}"], recursive: true);
            await IsInForceAsync(host, version);
        }
    }

    [Fact]
    public async Task A_new_file_in_an_included_folder_comes_into_force_and_a_deleted_one_goes()
    {
        using var host = new HostInstallation("""{ "MtaSts": { "Include": [ "domains.d/*.json" ], "Retirement": "Off" } }""");
        await using var process = await host.StartAsync();

        host.Folder.Write("app/domains.d/a.json", Settings(1));
        await IsInForceAsync(host, 1);

        host.Folder.Delete("app/domains.d/a.json");
        await Eventually.IsTrueAsync(async () => (await GetAsync(host)).Status == 404, "the domain is gone", s_within);
    }

    [Fact]
    public async Task A_bad_file_changes_nothing_is_logged_and_stands_in_health_until_a_good_one_comes()
    {
        using var host = new HostInstallation(Settings(1));
        await using var process = await host.StartAsync();

        host.Write("""{ "MtaSts": { "Domains": { "example.com": { "Mode": "enforced" } } } }""");
        await Eventually.IsTrueAsync(async () => (await HealthAsync(host)).Contains("is not a mode", StringComparison.Ordinal),
            "the error stands in /health", s_within);
        Assert.Contains("\"status\": \"Degraded\"", await HealthAsync(host), StringComparison.Ordinal);
        Assert.Equal((200, Policy(1)), await GetAsync(host));
        await Eventually.IsTrueAsync(() => process.Output.Contains("'enforced' is not a mode", StringComparison.Ordinal),
            "the error is logged", s_within);

        host.Write(Settings(2));
        await IsInForceAsync(host, 2);
        Assert.Contains("\"lastError\": null", await HealthAsync(host), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("max_inotify_watches")]
    [InlineData("max_inotify_instances")]
    public async Task Where_the_kernel_gives_no_events_changes_come_into_force_as_quickly(string limit)
    {
        // In a user namespace of its own the host may be left without any inotify, and the machine keeps its settings.
        var unshare = Tools.Require("unshare");
        string[] without = ["-U", "-r", "/bin/sh", "-c", $"echo 0 >/proc/sys/user/{limit} && exec \"$0\" \"$@\""];
        var (status, output) = await Tools.RunAsync(unshare, [.. without, "true"]);
        if (status != 0) Tools.Missing($"no user namespaces for this user ({output.Trim()})");
        using var host = new HostInstallation(Settings(1));
        await using var process = HostProcess.Start([unshare, .. without, .. host.Command],
            new HostStart { Arguments = host.HttpArguments });
        await process.WaitUntilReadyAsync(host.Management);

        host.Write(Settings(2));
        await IsInForceAsync(host, 2);

        host.Folder.Replace("app/appsettings.json", Settings(3));
        await IsInForceAsync(host, 3);
        Assert.DoesNotMatch(" (WRN|ERR|FTL) ", process.Output);
    }

    [Fact]
    public async Task A_renewed_certificate_is_used_within_two_seconds_and_a_broken_one_is_not()
    {
        using var ca = new TestCa("Old");
        using var newCa = new TestCa("New");
        using var host = new HostInstallation($$"""
            { "MtaSts": { "Domains": { "example.com": { "Mode": "enforce", "Mx": [ "mail.example.com" ], "MaxAge": 604801 } } },
              "Tls": { "Certificates": [ { "Path": "../tls/tls.pem", "KeyPath": "../tls/tls.key" } ] } }
            """);
        ca.Issue(["mta-sts.example.com"]).Write(host.Folder["tls"]);
        await using var process = await host.StartHttpsAsync();
        Assert.Equal(Policy(1), (await PolicyClient.GetAsync(host.Https, "mta-sts.example.com", trusted: ca.Root())).Body);

        newCa.Issue(["mta-sts.example.com"]).Write(host.Folder["tls"]);
        await Eventually.IsTrueAsync(() => IsServedWithAsync(newCa), "the new certificate is used", s_within);

        host.Folder.Write("tls/tls.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        await Eventually.IsTrueAsync(async () => (await HealthAsync(host)).Contains("tls.pem", StringComparison.Ordinal),
            "the error stands in /health", s_within);
        Assert.True(await IsServedWithAsync(newCa));

        async Task<bool> IsServedWithAsync(TestCa issuer)
        {
            try
            {
                return (await PolicyClient.GetAsync(host.Https, "mta-sts.example.com", trusted: issuer.Root())).Status == 200;
            }
            catch (HttpRequestException e) when (e.InnerException is System.Security.Authentication.AuthenticationException)
            {
                return false;
            }
        }
    }

    private static string Settings(int version) =>
        string.Create(CultureInfo.InvariantCulture,
            $$"""{ "MtaSts": { "Domains": { "example.com": { "Mode": "enforce", "Mx": [ "mail.example.com" ], "MaxAge": """
                + $$"""{{604800 + version}} } } } }""");

    private static string Policy(int version) =>
        string.Create(CultureInfo.InvariantCulture,
            $"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: {604800 + version}\r\n");

    private static Task<(int Status, string Body)> GetAsync(HostInstallation host) =>
        PolicyClient.GetAsync(host.Http, "mta-sts.example.com");

    private static async Task<string> HealthAsync(HostInstallation host) =>
        (await PolicyClient.GetAsync(host.Management, "localhost", "/health")).Body;

    private static Task IsInForceAsync(HostInstallation host, int version) =>
        Eventually.IsTrueAsync(async () => await GetAsync(host) == (200, Policy(version)), $"version {version} is active", s_within);

    private static async Task<(int Count, List<string> Failed)> RequestAllTheTimeAsync(Uri listener, Func<bool> isDone)
    {
        var (count, failed) = (0, new List<string>());
        while (!isDone())
        {
            var (status, body) = await PolicyClient.GetAsync(listener, "mta-sts.example.com");
            count++;
            if (status != 200 || !body.StartsWith("version: STSv1\r\n", StringComparison.Ordinal)) failed.Add($"{status} {body}");
        }

        return (count, failed);
    }
}
