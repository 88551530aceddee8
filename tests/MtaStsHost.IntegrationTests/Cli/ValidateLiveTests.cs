using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Acme.Testing;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Cli;

/// <summary><c>validate --live</c> as a pipeline runs it: the new configuration here, the old one, or none, out there.</summary>
public sealed class ValidateLiveTests : IAsyncLifetime
{
    private readonly FakeDnsServer _dns = new();
    private readonly TestCa _ca = new();
    private readonly TestSmtpServer _mail;
    private readonly HostInstallation _host = new("{ }");

    public ValidateLiveTests()
    {
        _mail = new TestSmtpServer(_ca.Issue(["mail.example.com"]), IPAddress.Parse("127.0.0.2"));
        _host.Folder.Write("roots.pem", _ca.RootPem);
        _dns.Answer("example.com", 15, [0, 10, .. Name("mail.example.com")]);
        _dns.Answer("mail.example.com", 1, [127, 0, 0, 2]);
        _dns.Answer("example.com", 16, Text("v=spf1 mx -all"));
        _dns.Answer("_dmarc.example.com", 16, Text("v=DMARC1; p=reject"));
        _dns.Answer("_smtp._tls.example.com", 16, Text("v=TLSRPTv1; rua=https://reports.example.com/"));
        Configure("mail.example.com");
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _mail.DisposeAsync();
        _host.Dispose();
        _ca.Dispose();
        _dns.Dispose();
    }

    [Fact]
    public async Task A_first_policy_that_fits_the_mail_server_may_be_deployed()
    {
        var result = await _host.RunAsync("validate", "--live", "--json");

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        var json = JsonNode.Parse(result.Output)!;
        Assert.True((bool)json["valid"]!);
        Assert.Equal("example.com", (string?)json["domains"]![0]!["domain"]);
        var check = Assert.Single(json["checks"]!.AsArray())!;
        Assert.Equal("ok", (string?)check["status"]);
        var missing = check["findings"]!.AsArray().Single(finding => (string?)finding!["code"] == "txt-missing")!;
        Assert.Equal("info", (string?)missing["severity"]);
        Assert.StartsWith($"after the deployment, publish _mta-sts.example.com. TXT \"v=STSv1; id={json["domains"]![0]!["id"]};\"",
            (string?)missing["fix"], StringComparison.Ordinal);
        Assert.Equal(1, _mail.Connections);
    }

    [Fact]
    public async Task A_policy_that_misses_the_mail_server_ends_with_1_and_the_table_comes_first()
    {
        Configure("mail.example.net");

        var result = await _host.RunAsync("validate", "--live", "--fail-on", "error");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("domain\tmode\tmax_age\tmx\tid\nexample.com\tenforce\t1209600\tmail.example.net\t",
            result.Output, StringComparison.Ordinal);
        Assert.Contains("\nexample.com\terror\tmx-not-covered\tthe policy of example.com doesn't name mail.example.com\t",
            result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("mail-refused", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_gate_would_hold_is_told_and_what_senders_hold_already_counts()
    {
        await using (await _host.StartAsync("--MtaSts:Domains:example.com:Mode=testing",
            "--MtaSts:Domains:example.com:Id=fixed", "--Checks:Enabled=false"))
            await Eventually.IsTrueAsync(async () => (await _host.RunAsync("history", "example.com")).ExitCode == 0,
                "the store knows what is served");
        Configure("mail.example.net");

        var result = await _host.RunAsync("validate", "--live", "--MtaSts:EnforceGate=Block", "--MtaSts:Domains:example.com:Id=fixed");

        Assert.Contains("\nexample.com\twarning\tenforce-held\texample.com is to change to mode enforce and will be served in mode testing",
            result.Output, StringComparison.Ordinal);
        Assert.Contains("\nexample.com\terror\tid-not-changed\t", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("enforce-held", (await _host.RunAsync("validate", "--live")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_mx_that_the_policy_which_is_served_does_not_name_is_told_before_the_new_one_goes_out()
    {
        await using (await _host.StartAsync("--MtaSts:Domains:example.com:Mx:0=old.example.com", "--Checks:Enabled=false"))
            await Eventually.IsTrueAsync(async () => (await _host.RunAsync("history", "example.com")).ExitCode == 0,
                "the store knows what is served");

        var result = await _host.RunAsync("validate", "--live", "--MtaSts:EnforceGate=Block");

        Assert.Contains("\nexample.com\terror\tmx-cached-policy\t", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("enforce-held", result.Output, StringComparison.Ordinal); // it is in enforce
    }

    [Fact]
    public async Task A_domain_that_is_taken_out_while_senders_hold_its_policy_is_told_before_the_deployment()
    {
        await using (await _host.StartAsync("--MtaSts:Domains:gone.example:Mode=enforce",
            "--MtaSts:Domains:gone.example:MaxAge=604800", "--MtaSts:Domains:gone.example:Mx:0=mail.example.com", "--Checks:Enabled=false"))
            await Eventually.IsTrueAsync(async () => (await _host.RunAsync("history", "gone.example")).ExitCode == 0,
                "the store knows what is served");

        var removed = await _host.RunAsync("validate", "--live");
        var json = JsonNode.Parse((await _host.RunAsync("validate", "--live", "--json", "--fail-on", "error")).Output)!;

        Assert.Equal(1, removed.ExitCode);
        Assert.Contains(
            "\ngone.example\twarning\tnot-safe-to-remove\tgone.example is not configured any more, but _mta-sts.gone.example has an "
            + "earlier id, or has not been looked up since: ", removed.Output, StringComparison.Ordinal);
        // it is not a configured domain
        Assert.DoesNotContain("\ngone.example\tenforce\t", removed.Output, StringComparison.Ordinal);
        Assert.Equal(["example.com"], json["domains"]!.AsArray().Select(domain => (string?)domain!["domain"]));
        var check = json["checks"]!.AsArray().Single(check => (string?)check!["domain"] == "gone.example")!;
        var finding = Assert.Single(check["findings"]!.AsArray())!;
        Assert.Equal(("warning", "not-safe-to-remove", "warning"),
            ((string?)check["status"], (string?)finding["code"], (string?)finding["severity"]));
        Assert.StartsWith("publish _mta-sts.gone.example. TXT \"v=STSv1; id=", (string?)finding["fix"], StringComparison.Ordinal);

        Assert.Equal(0, (await _host.RunAsync("validate", "--live", "--fail-on", "error")).ExitCode);
        Assert.DoesNotContain("gone.example", (await _host.RunAsync("validate", "--live", "--MtaSts:Retirement=Off")).Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_weighs_less_than_fail_on_doesnt_fail()
    {
        _dns.Answer("_dmarc.example.com", 16, Text("v=DMARC1; p=none"));

        Assert.Equal(1, (await _host.RunAsync("validate", "--live")).ExitCode);
        Assert.Equal(0, (await _host.RunAsync("validate", "--live", "--fail-on", "error")).ExitCode);
    }

    [Fact]
    public async Task A_bad_configuration_ends_with_78_without_a_query()
    {
        Configure("not a host");

        var result = await _host.RunAsync("validate", "--live", "--json");

        Assert.Equal(78, result.ExitCode);
        Assert.Null(JsonNode.Parse(result.Output)!["checks"]);
        Assert.Empty(_dns.Asked);
    }

    [Fact]
    public async Task Without_live_there_is_no_query_and_fail_on_is_wrong_usage()
    {
        var plain = await _host.RunAsync("validate", "--json");
        var wrong = await _host.RunAsync("validate", "--fail-on", "error");

        Assert.Equal(0, plain.ExitCode);
        Assert.DoesNotContain("checks", plain.Output, StringComparison.Ordinal);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("--fail-on requires --live", wrong.Error, StringComparison.Ordinal);
        Assert.Empty(_dns.Asked);
    }

    private void Configure(string mx) => _host.Write($$"""
        { "Kestrel": { "Endpoints": { "Http": { "Url": "{{_host.Http}}" } } },
          "MtaSts": { "Domains": { "example.com": { "Mode": "enforce", "MaxAge": 1209600, "Mx": [ "{{mx}}" ] } } },
          "Dns": { "Resolvers": [ "{{_dns.EndPoint}}" ] },
          "Checks": { "TrustedRootsFile": "{{_host.Folder["roots.pem"]}}", "HttpsPort": {{FreePorts.Next()}}, "SmtpPort": {{_mail.Port}}, "Timeout": "00:01:00" } }
        """);

    private static byte[] Text(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Name(string name) => [.. name.Split('.')
        .SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];
}
