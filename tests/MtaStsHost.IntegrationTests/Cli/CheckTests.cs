using System.Text;
using System.Text.Json.Nodes;
using Acme.Testing;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Cli;

/// <summary>The verb <c>check</c> against a host on this machine and a name server of the test's own.</summary>
public sealed class CheckTests : IDisposable
{
    private const string Policy = """{ "Mode": "testing", "MaxAge": 86400, "Mx": [ "mail.example.com" ] }""";

    private readonly FakeDnsServer _dns = new();
    private readonly TestCa _ca = new();
    private readonly HostInstallation _host = new("{ }");

    public CheckTests()
    {
        var (chain, key) = _ca.Issue(["mta-sts.example.com"]).Write(_host.Folder.Path);
        _host.Folder.Write("roots.pem", _ca.RootPem);
        _host.Write($$"""
            { "Kestrel": { "Endpoints": { "Http": { "Url": "{{_host.Http}}" }, "Https": { "Url": "{{_host.Https}}" } } },
              "MtaSts": { "Domains": { "example.com": {{Policy}}, "example.net": {{Policy}} } },
              "Tls": { "Certificates": [ { "Path": "{{chain}}", "KeyPath": "{{key}}" } ] },
              "Dns": { "Resolvers": [ "{{_dns.EndPoint}}" ] },
              "Checks": { "TrustedRootsFile": "{{_host.Folder["roots.pem"]}}", "HttpsPort": {{_host.Https.Port}}, "SmtpPort": {{FreePorts.Next()}}, "Timeout": "00:01:00" } }
            """);
        foreach (var domain in (string[])["example.com", "example.net"])
        {
            _dns.Answer($"mta-sts.{domain}", 1, [127, 0, 0, 1]);
            _dns.Answer(domain, 15, [0, 10, .. Name("mail.example.com")]);
        }

        _dns.Answer("mail.example.com", 1, [127, 0, 0, 1]);
    }

    public void Dispose()
    {
        _host.Dispose();
        _ca.Dispose();
        _dns.Dispose();
    }

    [Fact]
    public async Task A_domain_whose_record_and_policy_are_right_has_no_fault_there()
    {
        await using var process = await _host.StartHttpsAsync();
        Publish("example.com", await IdAsync("example.com"));

        var (_, findings) = await CheckAsync("example.com");

        // the machine's matter
        Assert.DoesNotContain(findings, finding => (finding.Severity is "error" or "warning") && finding.Code != "policy-slow"
            && (finding.Code.StartsWith("txt-", StringComparison.Ordinal) || finding.Code.StartsWith("host-", StringComparison.Ordinal)
                || finding.Code.StartsWith("policy-", StringComparison.Ordinal)));
        Assert.Contains(findings, finding => finding is { Code: "mx-unreachable", Severity: "unknown" });
    }

    [Fact]
    public async Task A_policy_host_means_its_domain()
    {
        var result = await _host.RunAsync("check", "--json", "mta-sts.Example.net.");

        Assert.Equal("example.net", (string?)JsonNode.Parse(result.Output)!["domains"]![0]!["domain"]);
    }

    [Fact]
    public async Task What_is_wrong_is_told_with_its_code_and_the_record_to_set()
    {
        await using var process = await _host.StartHttpsAsync();
        Publish("example.net", "old");

        var (exitCode, findings) = await CheckAsync("example.net");

        Assert.Equal(1, exitCode);
        var id = await IdAsync("example.net");
        Assert.Contains(findings, finding => finding is { Code: "txt-id-stale", Severity: "error" }
            && finding.Fix.Contains($"_mta-sts.example.net. TXT \"v=STSv1; id={id};\"", StringComparison.Ordinal));
        // There is no certificate for this one, so the service aborts the handshake.
        Assert.Contains(findings, finding => finding is { Code: "host-tls", Severity: "error" });
        Assert.Contains(findings, finding => finding is { Code: "tlsrpt-missing", Severity: "warning" });
    }

    [Fact]
    public async Task Without_names_all_configured_domains_are_checked_in_their_order_and_a_line_is_a_finding()
    {
        var result = await _host.RunAsync("check", "--explain");

        Assert.Equal(1, result.ExitCode);
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToList();
        Assert.Equal(["example.com", "example.net"], lines.Select(line => line[0]).Distinct());
        Assert.All(lines, line => Assert.Equal(6, line.Length));
        Assert.Contains(lines, line => line[1..3] is ["error", "txt-missing"] && line[5] == "RFC 8461 §3.1");
        Assert.Contains(lines, line => line[1..3] is ["error", "host-unreachable"]);
    }

    [Fact]
    public async Task A_domain_that_the_gate_holds_is_checked_as_it_is_served_and_that_is_told()
    {
        string[] enforce = ["--MtaSts:EnforceGate=Block", "--Checks:Enabled=false", "--MtaSts:Domains:example.com:Mode=enforce"];
        await using (await _host.StartHttpsAsync()) await Eventually.IsTrueAsync(async () => (await HealthAsync("example.com"))["history"]
            is JsonArray { Count: 1 }, "the store knows what is served");
        await using var process = await _host.StartHttpsAsync(enforce);
        await Eventually.IsTrueAsync(async () => (await HealthAsync("example.com")) is var held
            && (string?)held["policy"]!["mode"] == "testing" && held["history"] is JsonArray { Count: > 0 }, "it is held");
        Publish("example.com", (string)(await HealthAsync("example.com"))["id"]!);

        var (_, findings) = await CheckAsync("example.com", enforce);

        Assert.Contains(findings, finding => finding is { Code: "enforce-held", Severity: "warning" });
        Assert.DoesNotContain(findings, finding => finding.Code is "txt-id-stale" or "policy-differs");
    }

    [Fact]
    public async Task Any_domain_can_be_checked_and_fail_on_says_what_counts()
    {
        var warnings = await _host.RunAsync("check", "elsewhere.example");
        var errors = await _host.RunAsync("check", "elsewhere.example", "--fail-on", "error");

        Assert.Contains("elsewhere.example\twarning\ttxt-missing", warnings.Output, StringComparison.Ordinal);
        Assert.Equal(1, warnings.ExitCode);
        Assert.Contains("elsewhere.example\terror\tmx-missing", errors.Output, StringComparison.Ordinal);
        Assert.Equal(1, errors.ExitCode);
    }

    [Fact]
    public async Task Caa_that_forbids_the_ca_is_reported_for_the_host_whose_certificate_is_ordered()
    {
        using var server = new FakeAcmeServer();
        await using var ca = new FakeAcmeListener(server);
        var roots = _host.Folder.Write("ca.pem", ca.Roots[0].ExportCertificatePem());
        // The certificate of example.com is a file, so none is ordered.
        foreach (var domain in (string[])["example.com", "example.net"]) _dns.Answer(domain, 257, [0, 5, .. "issueother.example"u8]);

        var result = await _host.RunAsync(
            "check", "--json", "--Acme:AcceptTermsOfService=true", $"--Acme:DirectoryUrl={server.DirectoryUrl}",
                $"--Acme:TrustedRootsFile={roots}");

        var found = JsonNode.Parse(result.Output)!["domains"]!.AsArray()
            .SelectMany(check => check!["findings"]!.AsArray().Where(finding => (string?)finding!["code"] == "caa-forbids")
                .Select(finding => (Domain: (string?)check["domain"], Finding: finding!))).ToList();
        var (name, forbids) = Assert.Single(found);
        Assert.Equal(("example.net", "error"), (name, (string?)forbids["severity"]));
        Assert.Equal("publish example.net CAA 0 issue \"ca.example\"", (string?)forbids["fix"]);
    }

    [Theory]
    [InlineData("check", "not a domain")]
    [InlineData("check", "example.com", "--fail-on", "info")]
    [InlineData("check", "--jsn")]
    public async Task Wrong_usage_ends_with_2_and_says_why(params string[] arguments)
    {
        var result = await _host.RunAsync(arguments);

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("error: ", result.Error, StringComparison.Ordinal);
    }

    private void Publish(string domain, string id)
    {
        var text = Encoding.ASCII.GetBytes($"v=STSv1; id={id};");
        _dns.Answer($"_mta-sts.{domain}", 16, [(byte)text.Length, .. text]);
    }

    private async Task<JsonNode> HealthAsync(string domain)
    {
        using var client = new HttpClient();
        var health = await client.GetStringAsync(new Uri(_host.Management, $"/health?domain={domain}"),
            TestContext.Current.CancellationToken);
        return JsonNode.Parse(health)!["domains"]![0]!;
    }

    private async Task<string> IdAsync(string domain)
    {
        var result = await _host.RunAsync("validate", "--json");
        return (string)JsonNode.Parse(result.Output)!["domains"]!.AsArray().Single(entry => (string?)entry!["domain"] == domain)!["id"]!;
    }

    private async Task<(int ExitCode, List<(string Code, string Severity, string Fix)> Findings)> CheckAsync(string domain,
        params string[] options)
    {
        var result = await _host.RunAsync(["check", domain, "--json", .. options]);
        Assert.True(result.ExitCode is 0 or 1, result.Error);
        var checks = JsonNode.Parse(result.Output)!["domains"]!.AsArray();
        var check = Assert.Single(checks)!;
        Assert.Equal(domain, (string?)check["domain"]);
        var findings = check["findings"]!.AsArray()
            .Select(finding => ((string)finding!["code"]!, (string)finding["severity"]!, (string?)finding["fix"] ?? "")).ToList();
        Assert.Equal((string?)check["status"], findings.Any(finding => finding.Item2 == "error")
            ? "error" : findings.Any(finding => finding.Item2 == "warning") ? "warning" : "ok");
        return (result.ExitCode, findings);
    }

    private static byte[] Name(string name) => [.. name.Split('.')
        .SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];
}
