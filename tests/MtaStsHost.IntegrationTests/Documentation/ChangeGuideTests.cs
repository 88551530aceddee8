using System.Text.RegularExpressions;
using Acme.Testing;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Documentation;

/// <summary>docs/guides/change-and-retire-a-policy.md and remove-a-domain.md, followed step by step.</summary>
public sealed partial class ChangeGuideTests
{
    private const string Removal = "docs/guides/remove-a-domain.md";

    /// <summary>The edit that the page shows, and then what it says that the commands print.</summary>
    [Fact]
    public async Task Retiring_a_policy_goes_as_the_guide_says()
    {
        var edit = Documents.Blocks(Removal, "json").Single();
        var shown = Documents.Blocks(Removal, "text").Single().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using var installation = new HostInstallation(edit
            .Replace("none", "enforce", StringComparison.Ordinal).Replace("86400", "604800", StringComparison.Ordinal));
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
        await Eventually.IsTrueAsync(
            () => host.Output.Contains("example.com was removed; mode none is served until", StringComparison.Ordinal),
                "the log says so");
        var records = await installation.RunAsync(["records", "example.com", .. installation.HttpArguments]);
        Assert.Contains("until ", records.Output, StringComparison.Ordinal);
    }

    /// <summary>What the page says that log, health, records and check show when a policy changes.</summary>
    [Fact]
    public async Task Changing_a_policy_goes_as_the_guide_says()
    {
        using var dns = new FakeDnsServer();
        dns.Answer("mail.example.com", 1, [127, 0, 0, 2]);
        dns.Answer("new.example.com", 1, [127, 0, 0, 3]);
        dns.Answer("example.com", 15, FakeDnsServer.Mx(10, "mail.example.com"), FakeDnsServer.Mx(20, "new.example.com"));
        string Settings(string mx, string id = "") =>
            $$"""
            { "MtaSts": { "Domains": { "example.com": { "Mode": "enforce", "MaxAge": 604800, "Mx": [ {{mx}} ]{{id}} } } },
              "Dns": { "Resolvers": [ "{{dns.EndPoint}}" ] }, "Checks": { "Enabled": false, "SmtpPort": {{FreePorts.Next()}} } }
            """;
        using var installation = new HostInstallation(Settings("\"mail.example.com\""));
        await using var host = await installation.StartAsync();
        await IsServedAsync(installation, "enforce");

        installation.Write(Settings("\"mail.example.com\", \"new.example.com\""));
        await Eventually.IsTrueAsync(() => PublishLine().IsMatch(host.Output), "the log shows the new id");
        var id = PublishLine().Match(host.Output).Groups[1].Value;
        using var client = new HttpClient();
        var health = await client.GetStringAsync(new Uri(installation.Management, "/health?domain=example.com"));
        Assert.Contains($"\"id\": \"{id}\",", health, StringComparison.Ordinal);
        var records = "";
        await Eventually.IsTrueAsync(async () => IsRecorded(records = await RecordsAsync()), "the policy is in the store");
        Assert.Contains($"TXT \"v=STSv1; id={id};\"", records, StringComparison.Ordinal);
        Assert.Contains("publish this TXT now; senders may hold an earlier policy until ", records, StringComparison.Ordinal);
        Assert.Matches(
            @"error\tmx-cached-policy\t.*new\.example\.com.* until \d{4}-\d\d-\d\d \d\d:\d\dZ", await CheckAsync());

        foreach (var mx in new[] { "\"mail.example.com\"", "\"mail.example.com\", \"new.example.com\"" })
        {
            installation.Write(Settings(mx, ", \"Id\": \"fixed\""));
            await Eventually.IsTrueAsync(
                async () => IsRecorded(records = await RecordsAsync()) && records.Contains("id=fixed;", StringComparison.Ordinal),
                "the policy is served, and in the store");
        }

        await Eventually.IsTrueAsync(
            () => host.Output.Contains("example.com has a new policy under its old id fixed", StringComparison.Ordinal), "the log says so");
        Assert.Matches(@"error\tid-not-changed\t.* until \d{4}-\d\d-\d\d \d\d:\d\dZ", await CheckAsync());

        static bool IsRecorded(string records) => !records.Contains("as far as the store knows", StringComparison.Ordinal);

        Task<string> RecordsAsync() => RunAsync("records");

        Task<string> CheckAsync() => RunAsync("check");

        async Task<string> RunAsync(string verb) =>
            (await installation.RunAsync([verb, "example.com", .. installation.HttpArguments])).Output;
    }

    private static async Task IsServedAsync(HostInstallation installation, string mode)
    {
        using var client = new HttpClient();
        await Eventually.IsTrueAsync(
            async () => (await client.GetStringAsync(new Uri(installation.Management, "/health?domain=example.com"))) is var health
                && Regex.IsMatch(health, $"\"mode\": \"{mode}\",[^}}]*\"inForce\": true", RegexOptions.Singleline),
            $"{mode} is served and written down");
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\d\\ \d\d:\d\dZ")]
    private static partial Regex Time();

    [GeneratedRegex(@"example\.com is new or changed: publish _mta-sts\.example\.com TXT ""v=STSv1; id=([0-9a-f]{32});""")]
    private static partial Regex PublishLine();
}
