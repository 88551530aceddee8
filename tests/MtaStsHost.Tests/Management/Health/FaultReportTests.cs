using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Configuration;
using MtaStsHost.Runtime;
using MtaStsHost.Serving;
using MtaStsHost.Testing;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;
using MtaStsHost.Transitions;

namespace MtaStsHost.Tests.Management.Health;

/// <summary>What the service depends on breaks: <c>/health</c>, the log and a metric report it soon, and no longer once it works. Faults of
/// the store, a CA and a resolver are in the tests of their areas.</summary>
public sealed class FaultReportTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(10);

    private readonly ManualResetEventSlim _gate = new();

    [Fact]
    public async Task ConfigurationFile_Broken()
    {
        await using var app = await AppFixture.StartAsync(Json.WithDomain(Json.Good));

        app.Folder.Write(ConfigurationSources.FileName, "{");
        await AssertReportedAsync(app, LastError, "appsettings.json", " ERR error: ", "mtastshost_configuration_last_load_good");

        app.Folder.Write(ConfigurationSources.FileName, Json.WithDomain(Json.Good));
        await AssertClearedAsync(app, LastError, "mtastshost_configuration_last_load_good", "Configuration reloaded");
    }

    [Fact]
    public async Task CertificateFile_Broken()
    {
        using var ca = new TestCa();
        var configuration = new ConfigurationFixture($$"""
            { {{Json.HttpsEndpoints}}, "MtaSts": { "Domains": { "example.com": {{Json.Good}} } }, "Tls": { "Certificates": [ { "Path": "tls.pem", "KeyPath": "tls.key" } ] } }
            """);
        var certificate = ca.Issue(["mta-sts.example.com"]);
        certificate.Write(configuration.Folder.Path);
        await using var app = await AppFixture.StartAsync(configuration);

        app.Folder.Write("tls.pem", "garbage");
        await AssertReportedAsync(app, LastError, "tls.pem", "The old certificate stays active", "mtastshost_configuration_last_load_good");

        certificate.Write(configuration.Folder.Path);
        await AssertClearedAsync(app, LastError, "mtastshost_configuration_last_load_good", "Certificate files reloaded: 1");
    }

    [Fact]
    public async Task Listener_PortIsTaken()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}";
        var good = Json.WithDomain(Json.Good);
        await using var app = await AppFixture.StartAsync(good);

        var at = good.IndexOf("http://", StringComparison.Ordinal);
        app.Folder.Write(ConfigurationSources.FileName, string.Concat(good.AsSpan(0, at), url, good.AsSpan(good.IndexOf('"', at))));
        await AssertReportedAsync(app, LastError, url, " ERR error: ", "mtastshost_configuration_last_load_good");

        taken.Dispose(); // no edit: the service tries again by itself
        await AssertClearedAsync(app, LastError, "mtastshost_configuration_last_load_good", "Configuration reloaded");
    }

    [Fact]
    public async Task Reloader_Hangs()
    {
        var (app, time) = await StartAsync();
        await using var owner = app;
        using var hanging = new ManualResetEventSlim();
        app.Service<ServedPolicies>().Changed += () => Hang(hanging);

        app.Folder.Write(ConfigurationSources.FileName, Json.WithDomain(Json.Good.Replace("enforce", "testing", StringComparison.Ordinal)));
        await Eventually.IsTrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1)); // the files are polled by this clock
            return hanging.IsSet;
        }, "the reload has begun");
        time.Advance(BackgroundLoop.Patience);
        await AssertReportedAsync(app, Background("reload"), "changes of the configuration do not take effect",
            "The background loop 'reload' hangs", Up("reload"), () => time.Advance(TimeSpan.FromSeconds(1)));

        _gate.Set();
        await AssertClearedAsync(app, Background("reload"), Up("reload"), "The background loop 'reload' works again",
            () => time.Advance(TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CheckLoop_HangsOrFails(bool hangs)
    {
        var (app, time) = await StartAsync();
        await using var owner = app;
        using var broken = new ManualResetEventSlim();
        app.Service<MxVerdicts>().Changed += _ =>
        {
            if (hangs) Hang(broken);
            else if (!broken.IsSet)
            {
                broken.Set();
                throw new InvalidOperationException("broken by the test");
            }
        };

        await Eventually.IsTrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1)); // until the first check, and the rounds that follow
            return broken.IsSet;
        }, "the first verdict");
        if (hangs) time.Advance(BackgroundLoop.Patience);
        await AssertReportedAsync(app, Background("checks"), "domains are not checked",
            hangs ? "The background loop 'checks' hangs" : "A round of the background checks failed", Up("checks"),
            hangs ? () => time.Advance(TimeSpan.FromSeconds(1)) : null);

        _gate.Set();
        await AssertClearedAsync(app, Background("checks"), Up("checks"), hangs ? "The background loop 'checks' works again" : "",
            () => time.Advance(TimeSpan.FromSeconds(1)));
    }

    private static async Task<(AppFixture App, FakeTimeProvider Time)> StartAsync()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        // No resolver is needed: that nothing answers is a verdict too.
        var configuration = new ConfigurationFixture(Json.WithDomain(Json.Good))
        {
            ChecksInBackground = true,
            Time = new IssuingTime(time),
        };
        configuration.Environment["Dns__Resolvers__0"] = $"127.0.0.1:{Acme.Testing.FreePorts.Next()}";
        return (await AppFixture.StartAsync(configuration), time);
    }

    private void Hang(ManualResetEventSlim hanging)
    {
        hanging.Set();
        Assert.True(_gate.Wait(TimeSpan.FromMinutes(1)));
    }

    private static Func<JsonNode, string?> LastError => health => (string?)health["configuration"]!["lastError"];

    private static Func<JsonNode, string?> Background(string loop) =>
        health => (string?)health["background"]!.AsArray().Single(entry => (string?)entry!["name"] == loop)!["lastError"];

    private static string Up(string loop) => $"mtastshost_background_up{{loop=\"{loop}\"}}";

    private static async Task AssertReportedAsync(AppFixture app, Func<JsonNode, string?> fault, string text, string log, string metric,
        Action? meanwhile = null)
    {
        var health = await HealthAsync(app, health => fault(health) is not null, meanwhile);
        Assert.Contains(text, fault(health), StringComparison.Ordinal);
        Assert.NotEqual("Healthy", (string?)health["status"]);
        Assert.Equal("0", (await app.MetricsAsync())[metric]);
        await Eventually.IsTrueAsync(() =>
        {
            meanwhile?.Invoke();
            return app.Log.Text.Contains(log, StringComparison.Ordinal);
        }, $"a line with '{log}' in:\n{app.Log.Text}");
    }

    private static async Task AssertClearedAsync(AppFixture app, Func<JsonNode, string?> fault, string metric, string log,
        Action? meanwhile = null)
    {
        await HealthAsync(app, health => fault(health) is null, meanwhile);
        await Eventually.IsTrueAsync(async () => (await app.MetricsAsync())[metric] == "1", metric);
        await Eventually.IsTrueAsync(() =>
        {
            meanwhile?.Invoke();
            return app.Log.Text.Contains(log, StringComparison.Ordinal);
        }, $"a line with '{log}' in:\n{app.Log.Text}");
    }

    private static async Task<JsonNode> HealthAsync(AppFixture app, Func<JsonNode, bool> condition, Action? meanwhile)
    {
        JsonNode? health = null;
        await Eventually.IsTrueAsync(async () =>
        {
            meanwhile?.Invoke();
            health = JsonNode.Parse(await app.GetTextAsync(app.Management, "/health"))!;
            return condition(health);
        }, "the health that the test waits for", s_soon);
        return health!;
    }
}
