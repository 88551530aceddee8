using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Acme.Testing;
using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Checks.Background;

/// <summary>The whole service, which checks its own domain through a name server and at a mail server of the test's.</summary>
public sealed class CheckedHostTests : IAsyncDisposable
{
    private const ushort A = 1;
    private const ushort Mx = 15;
    private const ushort Txt = 16;

    private readonly FakeDnsServer _dns = new();
    private readonly TestCa _ca = new();
    private readonly int _https = FreePorts.Next();
    private TestSmtpServer? _smtp;
    private AppFixture? _app;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        if (_smtp is not null) await _smtp.DisposeAsync();
        _dns.Dispose();
        _ca.Dispose();
    }

    [Fact]
    public async Task Fault_ThatComesAndGoes_IsInHealthMetricsAndTheLogWhileItIsThere()
    {
        await StartAsync("enforce", "Warn", _ca.Issue(["mail.example.com"]));
        await HealthAsync(domain => domain["lastChecked"] is not null);
        var sound = await HealthAsync(domain => Codes(domain) is "");
        Assert.Equal("Healthy", (string?)sound["status"]);
        var metrics = await _app!.MetricsAsync();
        Assert.True(double.Parse(metrics["mtastshost_checks_total"]) >= 1);
        Assert.InRange(TimeProvider.System.GetUtcNow()
            .ToUnixTimeSeconds() - double.Parse(metrics["mtastshost_check_oldest_timestamp_seconds"]), 0, 60);
        Assert.Equal("3600", metrics["mtastshost_check_interval_seconds"]);

        PublishTxt("v=STSv1; id=old;");
        await CheckAgainAsync();
        var faulty = await HealthAsync(domain => Codes(domain) == "txt-id-stale");
        Assert.Equal("Degraded", (string?)faulty["status"]);
        Assert.Contains(_app.Policies.All[0].TxtValue, (string?)faulty["problems"]![0]!["fix"], StringComparison.Ordinal);
        // the only domain, and no reason to be taken out
        using (var health = await _app.GetAsync(_app.Management, "/health")) Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        using (var ready = await _app.GetAsync(_app.Management, "/health/ready")) Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        metrics = await _app.MetricsAsync();
        Assert.Equal("1", metrics.Single(series =>
            series.Key.StartsWith("mtastshost_check_findings{code=\"txt-id-stale\"", StringComparison.Ordinal)).Value);
        Assert.Contains(metrics.Keys, series => series.StartsWith("mtastshost_domain_findings{domain=\"example.com\"",
            StringComparison.Ordinal));
        await _app.Log.LineAsync("example.com: txt-id-stale: ");

        PublishTxt(_app.Policies.All[0].TxtValue);
        await CheckAgainAsync();
        await HealthAsync(domain => Codes(domain) is "");
        await _app.Log.LineAsync("example.com: txt-id-stale is resolved");
        Assert.DoesNotContain((await _app.MetricsAsync()).Keys,
            series => series.StartsWith("mtastshost_domain_findings", StringComparison.Ordinal)
            || series.Contains("txt-id-stale", StringComparison.Ordinal));
        Assert.Single(_app.Log.Lines, line => line.Contains("txt-id-stale: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Gate_BlockAndAnMxThatFails_HoldsTheDomainInTestingUntilItPasses()
    {
        await StartAsync("testing", "Block", certificate: null);
        await HealthAsync(domain => Codes(domain).Contains("mx-no-starttls", StringComparison.Ordinal));

        await _app!.RewriteAsync(Settings("enforce", "Block"));
        Assert.Contains("mode: testing", await PolicyAsync(), StringComparison.Ordinal);
        var held = await HealthAsync(domain => Codes(domain).Contains("enforce-held", StringComparison.Ordinal));
        Assert.Equal(("Degraded", "testing"), ((string?)held["status"], (string?)held["policy"]!["mode"]));
        Assert.Contains("senders would not deliver to mail.example.com (127.0.0.1 ",
            held["problems"]!.ToJsonString(), StringComparison.Ordinal);
        await _app.Log.LineAsync(
            "example.com is configured for enforce, but held in mode testing (MtaSts:EnforceGate): senders would not deliver to "
                + "mail.example.com");

        var port = _smtp!.Port;
        await _smtp.DisposeAsync();
        _smtp = new TestSmtpServer(_ca.Issue(["mail.example.com"]), port: port);
        await CheckAgainAsync();

        await Eventually.IsTrueAsync(async () => (await PolicyAsync()).Contains("mode: enforce", StringComparison.Ordinal),
            "it goes to enforce by itself");
        await _app.Log.LineAsync("example.com is now served in mode enforce, as configured");
        var released = await HealthAsync(domain => !Codes(domain).Contains("enforce-held", StringComparison.Ordinal)
            && !Codes(domain).Contains("mx-", StringComparison.Ordinal));
        Assert.Equal("enforce", (string?)released["policy"]!["mode"]);
    }

    [Fact]
    public async Task History_OfPoliciesThatSendersHold_IsInHealth()
    {
        await StartAsync("enforce", "Warn", _ca.Issue(["mail.example.com"]), "old.example.com");
        await HealthAsync(domain => domain["lastChecked"] is not null && domain["history"]!.AsArray().Count == 1);

        await _app!.RewriteAsync(Settings("enforce", "Warn"));
        await HealthAsync(domain => domain["history"]!.AsArray().Count == 2); // the store knows of the change
        await CheckAgainAsync();

        var domain = await HealthAsync(domain => Codes(domain).Contains("mx-cached-policy", StringComparison.Ordinal));
        Assert.Equal("Degraded", (string?)domain["status"]);
    }

    private async Task StartAsync(string mode, string gate, TestCertificate? certificate, string mx = "mail.example.com")
    {
        _smtp = new TestSmtpServer(certificate);
        _dns.Answer("mta-sts.example.com", A, [127, 0, 0, 1]);
        _dns.Answer("mail.example.com", A, [127, 0, 0, 1]);
        _dns.Answer("example.com", Mx, [0, 10, .. Name("mail.example.com")]);
        _dns.Answer("example.com", Txt, Text("v=spf1 mx -all"));
        _dns.Answer("_dmarc.example.com", Txt, Text("v=DMARC1; p=reject"));
        _dns.Answer("_smtp._tls.example.com", Txt, Text("v=TLSRPTv1; rua=mailto:tls@example.com"));
        var configuration = new ConfigurationFixture { ChecksInBackground = true };
        _ca.Issue(["mta-sts.example.com"]).Write(configuration.Folder.Path);
        configuration.Folder.Write("roots.pem", _ca.RootPem);
        configuration.Folder.Write(ConfigurationSources.FileName, Settings(mode, gate, mx));
        PublishTxt(configuration.ReadGood().Policies.All[0].TxtValue);
        _app = await AppFixture.StartAsync(configuration);
    }

    private string Settings(string mode, string gate, string mx = "mail.example.com") => $$"""
        {
          "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:0" }, "Https": { "Url": "https://127.0.0.1:{{_https}}" }, "Management": { "Url": "http://127.0.0.1:0" } } },
          "MtaSts": { "EnforceGate": "{{gate}}", "Domains": { "example.com": { "Mode": "{{mode}}", "MaxAge": 1209600, "Mx": [ "{{mx}}" ], "TlsRpt": [ "mailto:tls@example.com" ] } } },
          "Tls": { "Certificates": [ { "Path": "tls.pem", "KeyPath": "tls.key" } ] },
          "Dns": { "Resolvers": [ "{{_dns.EndPoint}}" ] },
          "Checks": { "SmtpPort": {{_smtp!.Port}}, "HttpsPort": {{_https}}, "TrustedRootsFile": "roots.pem" }
        }
        """;

    private void PublishTxt(string value) => _dns.Answer("_mta-sts.example.com", Txt, Text(value));

    /// <summary>By another way to look that looks the same: the host begins anew then.</summary>
    private Task CheckAgainAsync() => _app!.ChangeAsync(() =>
    {
        var path = Path.Combine(_app.Folder.Path, ConfigurationSources.FileName);
        var timeout = TimeSpan.FromSeconds(20 + (_app.Loads % 60));
        var settings = JsonNode.Parse(File.ReadAllText(path))!;
        settings["Checks"]!["Timeout"] = timeout.ToString("c");
        _app.Folder.Write(ConfigurationSources.FileName, settings.ToJsonString());
    });

    private async Task<JsonNode> HealthAsync(Func<JsonNode, bool> condition)
    {
        JsonNode? domain = null;
        try
        {
            await Eventually.IsTrueAsync(
                async () => condition(domain =
                    JsonNode.Parse(await _app!.GetTextAsync(_app.Management, "/health?domain=example.com"))!["domains"]![0]!),
                "the health of example.com");
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException($"{domain}\n{_app!.Log.Text}", e);
        }

        return domain!;
    }

    private Task<string> PolicyAsync() => _app!.GetTextAsync(_app.Http, "/.well-known/mta-sts.txt", "mta-sts.example.com");

    private static string Codes(JsonNode domain) =>
        string.Join(' ', domain["problems"]!.AsArray().Select(problem => (string?)problem!["code"]));

    private static byte[] Text(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Name(string name) => [.. name.Split('.').SelectMany(Text), 0];
}
