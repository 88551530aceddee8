using System.Text;
using System.Text.RegularExpressions;
using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests;

/// <summary>What README says is so: its commands run, its configuration is valid, its table has every setting.</summary>
public sealed partial class ReadmeTests
{
    private const string Serve = "dotnet run --project src/MtaStsHost";
    private const string Publish = "dotnet publish src/MtaStsHost -c Release -o artifacts/host";

    private static string Text { get; } = File.ReadAllText(Path.Combine(HostBinary.Repository, "README.md"));

    [Fact]
    public async Task Every_command_runs()
    {
        await Tools.RequireNamespacesAsync();
        HostBinary.RequireNative(); // what its publish command makes, which test.sh runs in the same words
        foreach (var tool in new[] { "curl", "pebble", "openssl" }) Tools.Require(tool);
        var testScript = await File.ReadAllTextAsync(Path.Combine(HostBinary.Repository, "test.sh"));
        Assert.Contains(Publish, testScript, StringComparison.Ordinal);

        // A network of its own: the sample's ports are free there, and the host is gone with it.
        var script = new StringBuilder(
            $"set -euo pipefail\nip link set lo up\nexport "
            + $"BENCH_HOST={Quote(Path.Combine(HostBinary.Repository, "artifacts", "host", "MtaStsHost"))}\n");
        var commands = 0;
        foreach (var line in Blocks("sh").SelectMany(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries)))
        {
            var command = line.Split("  #")[0].TrimEnd();
            commands++;
            if (command is "./test.sh" or Publish) continue;
            script.Append("printf '>>> %s\\n' ").Append(Quote(command)).Append('\n');
            if (command == Serve) script.Append(Serve)
                .Append(" &\nhost=$!\nuntil curl -sf http://localhost:9090/health/ready; do kill -0 $host; sleep 0.2; done\n");
            else script.Append(command.StartsWith("curl ", StringComparison.Ordinal)
                ? command.Replace("curl ", "curl --fail-with-body -sS ", StringComparison.Ordinal) : command).Append('\n');
        }

        script.Append("kill $host\nwait || :\n");
        var (status, output) = await Tools.RunAsync("unshare", "-n", "--kill-child",
            "--fork", "--pid", "--mount-proc", "bash", "-c", $"cd {Quote(HostBinary.Repository)}\n{script}");

        Assert.True(status == 0, output);
        Assert.True(commands >= 12, $"README has only {commands} commands");
        Assert.Contains("version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 604800\r\n", output, StringComparison.Ordinal);
        Assert.Contains("\"id\": \"ddcfc28c0c2a59db89ddc447d331ecff\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_configuration_is_valid()
    {
        using var ca = new TestCa();
        var certificate = ca.Issue(names: ["mta-sts.example.com"]);
        using var installation = new HostInstallation("""{ "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:1" } } } }""");
        installation.Folder.Write("fullchain.pem", certificate.ChainPem);
        installation.Folder.Write("privkey.pem", certificate.KeyPem);

        var blocks = Blocks("json").ToList();
        foreach (var block in blocks)
        {
            installation.Folder.Write("block.json",
                block.Replace("/etc/letsencrypt/live/mta-sts.example.com/", "", StringComparison.Ordinal));
            var result = await installation.RunAsync("validate", "--config", "block.json");
            Assert.True(result.ExitCode == 0, $"{block}\n{result.Error}");
        }

        Assert.True(blocks.Count >= 2);
    }

    /// <summary>Those that a service is started with, by a binary that has no appsettings.json beside it.</summary>
    [Fact]
    public async Task A_whole_configuration_serves_its_own_domain_and_no_other()
    {
        var blocks = Blocks("json").Where(block => block.Contains("\"Management\"", StringComparison.Ordinal)).ToList();
        foreach (var block in blocks)
        {
            using var installation = new HostInstallation("{}");
            File.Delete(installation.SettingsPath);
            installation.Folder.Write("mtastshost.json", block.Replace("example.com", "example.org", StringComparison.Ordinal));
            installation.Folder.Write("domains.d/example.net.json", block.Contains("Include", StringComparison.Ordinal) ? """{ "MtaSts": { "Domains": { "example.net": { "Mx": [ "mail.example.net" ] } } } }""" : "");

            var result = await installation.RunAsync("validate", "--config", "mtastshost.json");

            Assert.True(result.ExitCode == 0, $"{block}\n{result.Error}");
            string[] expected = block.Contains("Include", StringComparison.Ordinal) ? ["example.net", "example.org"] : ["example.org"];
            Assert.Equal(expected, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Skip(1).Select(line => line.Split('\t')[0]).Order(StringComparer.Ordinal));
        }

        Assert.Equal(2, blocks.Count);
    }

    /// <summary>Its section on changing and retiring: the edit that it shows, and then what it says that the commands print.</summary>
    [Fact]
    public async Task Retiring_a_policy_goes_as_it_says()
    {
        var section = Text[Text.IndexOf("**Retire:**", StringComparison.Ordinal)..Text.IndexOf("**Move here**", StringComparison.Ordinal)];
        var edit = Block().Matches(section).Single(match => match.Groups[1].Value == "json").Groups[2].Value;
        var shown = Block().Matches(section).Single(match => match.Groups[1].Value == "text").Groups[2].Value.Split('\n',
            StringSplitOptions.RemoveEmptyEntries);
        using var installation = new HostInstallation(edit.Replace("none", "enforce", StringComparison.Ordinal)
            .Replace("86400", "604800", StringComparison.Ordinal));
        await using (await installation.StartAsync()) await IsServedAsync(installation, "enforce");
        installation.Write(edit);
        await using var host = await installation.StartAsync();
        await IsServedAsync(installation, "none");

        var output = "";
        var commands = 0;
        foreach (var line in shown)
        {
            if (!line.StartsWith("$ MtaStsHost ", StringComparison.Ordinal))
            {
                Assert.Matches("(?m)^" + Time().Replace(Regex.Escape(line), @"\d{4}-\d\d-\d\d\ \d\d:\d\dZ") + "$", output);
                continue;
            }

            var result = await installation.RunAsync([.. line["$ MtaStsHost ".Length..].Split(' '), .. installation.HttpArguments]);
            Assert.True(result.ExitCode == 0, result.Error);
            output = result.Output;
            commands++;
        }

        Assert.Equal(2, commands);
        installation.Write(edit.Replace("\"example.com\"", "\"other.example\"", StringComparison.Ordinal)); // too early
        await Eventually.IsTrueAsync(() => host.Output.Contains("example.com is not configured any more", StringComparison.Ordinal),
            "the log says so");
        Assert.Contains("until ", (await installation.RunAsync(["records", "example.com", .. installation.HttpArguments])).Output,
            StringComparison.Ordinal);
    }

    /// <summary>The same section: what it says that log, health, records and check tell when a policy changes.</summary>
    [Fact]
    public async Task Changing_a_policy_goes_as_it_says()
    {
        using var dns = new FakeDnsServer();
        foreach (var (place, mx) in new[] { "mail.example.com", "new.example.com" }.Index()) dns.Answer(mx,
            1, [127, 0, 0, (byte)(2 + place)]);
        dns.Answer("example.com", 15, FakeDnsServer.Mx(10, "mail.example.com"), FakeDnsServer.Mx(20, "new.example.com"));
        string Settings(string mx, string id = "") =>
            $$"""{ "MtaSts": { "Domains": { "example.com": { "Mode": "enforce", "MaxAge": 604800, "Mx": [ {{mx}} ]{{id}} } } }, "Dns": { "Resolvers": [ "{{dns.EndPoint}}" ] }, "Checks": { "Enabled": false, "SmtpPort": {{FreePorts.Next()}} } }""";
        using var installation = new HostInstallation(Settings("\"mail.example.com\""));
        await using var host = await installation.StartAsync();
        await IsServedAsync(installation, "enforce");

        installation.Write(Settings("\"mail.example.com\", \"new.example.com\""));
        await Eventually.IsTrueAsync(() => PublishLine().IsMatch(host.Output), "the log tells the new id");
        var id = PublishLine().Match(host.Output).Groups[1].Value;
        using var client = new HttpClient();
        Assert.Contains($"\"id\": \"{id}\",", await client.GetStringAsync(new Uri(installation.Management, "/health?domain=example.com")),
            StringComparison.Ordinal);
        var records = "";
        await Eventually.IsTrueAsync(async () => !(records = await RecordsAsync())
            .Contains("as far as the store knows", StringComparison.Ordinal), "it is written down");
        Assert.Contains($"TXT \"v=STSv1; id={id};\"", records, StringComparison.Ordinal);
        Assert.Contains("publish this TXT now; senders may hold an earlier policy until ", records, StringComparison.Ordinal);
        Assert.Matches(
            @"error\tmx-cached-policy\t.*doesn't name new\.example\.com, and senders may hold it until \d{4}-\d\d-\d\d \d\d:\d\dZ",
            await CheckAsync());

        foreach (var mx in new[] { "\"mail.example.com\"", "\"mail.example.com\", \"new.example.com\"" })
        {
            installation.Write(Settings(mx, ", \"Id\": \"fixed\""));
            await Eventually.IsTrueAsync(
                async () => await RecordsAsync() is var now && now.Contains("id=fixed;", StringComparison.Ordinal)
                    && !now.Contains("as far as the store knows", StringComparison.Ordinal), "it is served and written down");
        }

        await Eventually.IsTrueAsync(() => host.Output.Contains("example.com has a new policy under its old id fixed",
            StringComparison.Ordinal), "the log says so");
        Assert.Matches(@"error\tid-not-changed\t.*keep to it until \d{4}-\d\d-\d\d \d\d:\d\dZ", await CheckAsync());

        async Task<string> RecordsAsync() =>
            (await installation.RunAsync(["records", "example.com", .. installation.HttpArguments])).Output;

        async Task<string> CheckAsync() => (await installation.RunAsync(["check", "example.com", .. installation.HttpArguments])).Output;
    }

    private static async Task IsServedAsync(HostInstallation installation, string mode)
    {
        using var client = new HttpClient();
        await Eventually.IsTrueAsync(
            async () => (await client.GetStringAsync(new Uri(installation.Management, "/health?domain=example.com"))) is var health
                && Regex.IsMatch(health, $"\"mode\": \"{mode}\",[^}}]*\"inForce\": true", RegexOptions.Singleline),
            $"{mode} is served and written down");
    }

    [Fact]
    public void The_table_has_every_setting()
    {
        var missing = SettingsSchema.Paths
            .Select(path => path.Replace(":#:", ":N:", StringComparison.Ordinal).Replace(":#", "", StringComparison.Ordinal))
            .Select(path => path.Replace("Override:*", "Override:SOURCE", StringComparison.Ordinal)
                .Replace(":*", ":NAME", StringComparison.Ordinal))
            .Where(path => path is not ("Kestrel:Endpoints:NAME:Url" or "Serilog:MinimumLevel"
                or "Acme:Fallbacks:N:EabCredentials:EabKey" or "Acme:Fallbacks:N:EabCredentials:EabKeyAlg"))
            .Where(path => !Text.Contains($"| `{path}` |", StringComparison.Ordinal))
            .Concat(DomainSettings.Keys.Where(key => !Text.Contains($"| … `{key}` |", StringComparison.Ordinal)));

        Assert.Empty(missing);
    }

    [Fact]
    public void Every_link_into_the_repository_leads_somewhere()
    {
        var links = Link().Matches(Text).Select(match => match.Groups[1].Value)
            .Where(link => !link.StartsWith("http", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(links);
        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(HostBinary.Repository, link)), link));
    }

    private static IEnumerable<string> Blocks(string language) =>
        Block().Matches(Text).Where(match => match.Groups[1].Value == language).Select(match => JoinContinuedLines(match.Groups[2].Value));

    private static string JoinContinuedLines(string block) => block.Replace("|\n  ", "| ", StringComparison.Ordinal);

    private static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    [GeneratedRegex("^```([a-z]+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d\\ \d\d:\d\dZ")]
    private static partial Regex Time();

    [GeneratedRegex(@"example\.com is new or changed: publish _mta-sts\.example\.com TXT ""v=STSv1; id=([0-9a-f]{32});""")]
    private static partial Regex PublishLine();

    [GeneratedRegex(@"\]\(([^)#]+)\)")]
    private static partial Regex Link();
}
