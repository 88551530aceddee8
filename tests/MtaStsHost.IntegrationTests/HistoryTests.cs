using System.Text.Json.Nodes;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests;

/// <summary>What was served outlives the process, whichever way that ends; and what the verbs print about it.</summary>
public sealed class HistoryTests : IDisposable
{
    private readonly HostInstallation _host = new(Settings(Domain("enforce")));

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Killed_and_started_without_the_domain_it_serves_its_policy_for_an_hour_and_says_so()
    {
        await using (var host = await _host.StartAsync())
        {
            Assert.Contains("mode: enforce", await PolicyAsync(), StringComparison.Ordinal);
            await Eventually.IsTrueAsync(async () => (await HistoryAsync()).Count == 1, "the store knows what is served");
            await host.SignalAsync("KILL");
            await host.WaitForExitAsync();
        }

        _host.Write(Settings("{}"));
        await using (await _host.StartAsync()) // ready when its listeners are: no request was answered 404
        {
            Assert.Contains("mode: enforce", await PolicyAsync(), StringComparison.Ordinal);
            var health = JsonNode.Parse(await GetAsync(new Uri(_host.Management, "/health?domain=example.com")))!;
            var domain = health["domains"]![0]!;
            Assert.Equal(("removed", "Degraded"), ((string?)domain["retirement"]!["state"], (string?)health["status"]));
            Assert.Equal("not-safe-to-remove", (string?)domain["problems"]![0]!["code"]);
            var until = (DateTimeOffset)domain["retirement"]!["safeToRemoveAt"]!;
            Assert.InRange(until - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(6.99), TimeSpan.FromDays(7));

            var records = await _host.RunAsync("records");
            Assert.Equal(0, records.ExitCode);
            // The verb can't know whether the service has another configuration.
            Assert.Equal("", records.Output);
            Assert.Contains("warning: MtaSts:Domains: example.com is served, as far as the store knows, but not configured here",
                records.Error, StringComparison.Ordinal);
            Assert.Contains(": no longer configured; its records must stay until ",
                (await _host.RunAsync("history", "example.com")).Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Killed_again_and_again_while_the_policy_changes_no_text_that_was_served_is_forgotten()
    {
        const int Kills = 12;
        var served = new List<string>();
        for (var kill = 0; kill < Kills; kill++)
        {
            _host.Write(Settings(Domain("enforce", $"mx{kill}.example.com")));
            await using var host = await _host.StartAsync();
            Assert.Contains($"mx: mx{kill}.example.com\r\n", await PolicyAsync(), StringComparison.Ordinal);
            // Only what the store has been told can be known after kill -9; it is told within moments.
            await Eventually.IsTrueAsync(async () => (await HistoryAsync())
                .Any(policy => (string?)policy!["mx"]![0] == $"mx{kill}.example.com" && (bool)policy["inForce"]!), "it is written down");
            served.Add($"mx{kill}.example.com");
            await host.SignalAsync("KILL");
            await host.WaitForExitAsync();
        }

        var history = JsonNode.Parse(
            (await _host.RunAsync("history", "example.com", "--json")).Output)!["domains"]![0]!["history"]!.AsArray();
        Assert.Equal(served, history.Select(policy => (string?)policy!["mx"]![0]));
        Assert.Equal(Kills - 1, history.Count(policy => !(bool)policy!["inForce"]!));
        Assert.All(history, policy => Assert.InRange((DateTimeOffset)policy!["cachedUntil"]! - TimeProvider.System.GetUtcNow(),
            TimeSpan.FromDays(6.99), TimeSpan.FromDays(7.01)));
    }

    [Fact]
    public async Task A_policy_that_changes_is_told_by_history_and_records()
    {
        await using (await _host.StartAsync()) await Eventually.IsTrueAsync(async () => (await HistoryAsync()).Count == 1,
            "the store knows what is served");
        _host.Write(Settings(Domain("testing", "new.example.com")));
        var before = await _host.RunAsync("records", "example.com");
        Assert.Contains("; the id that is served is ddcfc28c0c2a59db89ddc447d331ecff, as far as the store knows",
            before.Output, StringComparison.Ordinal);
        await using (await _host.StartAsync()) await Eventually.IsTrueAsync(async () => (await HistoryAsync()).Count == 2,
            "the store knows what is served");

        var records = await _host.RunAsync("records", "example.com");
        Assert.Contains("publish this TXT now; senders may hold an earlier policy until ", records.Output, StringComparison.Ordinal);
        var history = await _host.RunAsync("history", "example.com");
        Assert.Equal((0, ""), (history.ExitCode, history.Error));
        var lines = history.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("domain\tid\tmode\tmax_age\tmx\tfirst served\tlast served\tlast fetched\tcached until", lines[0]);
        Assert.StartsWith("example.com\tddcfc28c0c2a59db89ddc447d331ecff\tenforce\t604800\tmail.example.com\t",
            lines[1], StringComparison.Ordinal);
        Assert.Contains("\tnow\t-\t", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("example.com: senders may hold policy ddcfc28c0c2a59db89ddc447d331ecff (mode enforce) until ",
            lines[3], StringComparison.Ordinal);
        Assert.StartsWith("example.com: in mode testing since ", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_domain_in_mode_none_must_stay_and_history_says_until_when()
    {
        await using (await _host.StartAsync()) await Eventually.IsTrueAsync(async () => (await HistoryAsync()).Count == 1,
            "the store knows what is served");
        _host.Write(Settings(Domain("none")));
        await using (await _host.StartAsync()) await Eventually.IsTrueAsync(async () => (await HistoryAsync()).Count == 2,
            "the store knows what is served");

        Assert.Contains("example.com: in mode none; must stay until ",
            (await _host.RunAsync("history", "example.com")).Output, StringComparison.Ordinal);
        Assert.Contains("; publish this TXT now, leave both records and the domain until ",
            (await _host.RunAsync("records")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_domain_in_mode_none_that_is_not_served_yet_is_not_safe_to_remove()
    {
        await using var process = await _host.StartAsync();
        await Eventually.IsTrueAsync(async () => (await HistoryAsync()).Count == 1, "the store knows what is served");
        // As on a machine whose host has not taken the edit, or refused it for another fault.
        var edited = _host.Folder.Write("edited.json", Settings(Domain("none")));

        var history = await _host.RunAsync("history", "example.com", "--config", edited);

        Assert.Equal((0, ""), (history.ExitCode, history.Error));
        Assert.Contains("\nexample.com: mode none is configured, but not served yet, as far as the store knows; must stay until ",
            history.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("safe to remove", history.Output, StringComparison.Ordinal);
        var json = JsonNode.Parse(
            (await _host.RunAsync("history", "example.com", "--json", "--config", edited)).Output)!["domains"]![0]!["retirement"]!;
        Assert.Equal("retiring", (string?)json["state"]);
    }

    [Fact]
    public async Task An_unknown_domain_and_a_store_that_is_not_there_are_errors()
    {
        var without = await _host.RunAsync("history", "example.com");
        Assert.Equal(1, without.ExitCode);
        Assert.StartsWith("error: Storage:ConnectionString: there is no store at ",
            Assert.Single(without.ErrorLines), StringComparison.Ordinal);
        await using (await _host.StartAsync()) await Eventually.IsTrueAsync(async () => (await HistoryAsync()).Count == 1,
            "the store knows what is served");

        var unknown = await _host.RunAsync("history", "example.com", "other.example");
        Assert.Equal((1, ""), (unknown.ExitCode, unknown.Output));
        Assert.StartsWith("error: other.example: was never served here; ",
            Assert.Single(unknown.ErrorLines), StringComparison.Ordinal);
        Assert.Equal(2, (await _host.RunAsync("history")).ExitCode);
        Assert.Equal(2, (await _host.RunAsync("history", "--jsno")).ExitCode);
    }

    [Fact]
    public async Task History_and_records_need_no_key_file_and_validate_reports_it()
    {
        await using (await _host.StartAsync()) await Eventually.IsTrueAsync(async () => (await HistoryAsync()).Count == 1,
            "the store knows what is served");
        string[] missing = ["--Tls:Certificates:0:Path=chain.pem", "--Tls:Certificates:0:KeyPath=key.pem"];

        var history = await _host.RunAsync(["history", "example.com", .. missing]);
        var records = await _host.RunAsync(["records", .. missing]);
        var validate = await _host.RunAsync(["validate", .. missing]);

        Assert.Equal((0, ""), (history.ExitCode, history.Error));
        Assert.Contains("ddcfc28c0c2a59db89ddc447d331ecff", history.Output, StringComparison.Ordinal);
        Assert.Equal((0, ""), (records.ExitCode, records.Error));
        Assert.Contains("_mta-sts.example.com. 3600 IN TXT ", records.Output, StringComparison.Ordinal);
        Assert.Equal(78, validate.ExitCode);
        Assert.Contains(validate.ErrorLines, line => line.StartsWith("error: Tls:Certificates:0 ", StringComparison.Ordinal));
    }

    private static string Settings(string domains) =>
        $$"""{ "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:1" } } }, "MtaSts": { "Domains": {{domains}} } }""";

    private static string Domain(string mode, string mx = "mail.example.com") =>
        $$"""{ "example.com": { "Mode": "{{mode}}", "MaxAge": 604800, "Mx": [ "{{mx}}" ] } }""";

    private async Task<JsonArray> HistoryAsync() =>
        JsonNode.Parse(await GetAsync(new Uri(_host.Management, "/health?domain=example.com")))!["domains"]![0]!["history"]?.AsArray()
            ?? [];

    private Task<string> PolicyAsync() => GetAsync(new Uri(_host.Http, "/.well-known/mta-sts.txt"));

    private static async Task<string> GetAsync(Uri uri)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Host = "mta-sts.example.com";
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
