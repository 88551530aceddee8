using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Acme.Testing;
using MtaStsHost.Testing;
using MtaStsHost.Text;

namespace MtaStsHost.IntegrationTests.Hostile;

/// <summary>
/// <c>check</c> of a domain whose owner attacks every checker: all that DNS can carry, a thousand MX, floods, and escape sequences
/// wherever
/// there is text. None of it gets to a terminal, a pipe or JSON as it is, and what it costs is bounded.
/// </summary>
public sealed partial class HostileDomainTests : IAsyncLifetime
{
    // Clears the screen, sets the title, turns to magenta, turns the text round, ends the line; in C1 too.
    private const string Evil = "\u001b[2J\u001b]0;pwned\u0007\u001b[35;45mEVIL\u202e\u2028\u009b2J\r\nerror\tforged\u0000";

    private const string Domain = "hostile.example";
    private const int Txt = 16;
    private const int Mx = 15;

    private readonly FakeDnsServer _dns = new();
    private readonly TestCa _ca = new();
    private readonly HostInstallation _host = new("{ }");
    private readonly TestPolicyHost _policyHost = new(IPAddress.Any);
    private readonly List<TestSmtpServer> _mail = [];

    public ValueTask InitializeAsync()
    {
        _host.Folder.Write("roots.pem", _ca.RootPem);
        _policyHost.Certificate = _ca.Issue([$"mta-sts.{Domain}"]);
        _policyHost.Body = $"version: STSv1\r\nmode: {Evil}\r\n";
        AddMail();
        AddRecords();
        _host.Write($$"""
            { "Kestrel": { "Endpoints": { "Http": { "Url": "{{_host.Http}}" } } },
              "Dns": { "Resolvers": [ "{{_dns.EndPoint}}" ] },
              "Checks": { "TrustedRootsFile": "{{_host.Folder["roots.pem"]}}", "HttpsPort": {{_policyHost.Port}}, "SmtpPort": {{_mail[0].Port}} } }
            """);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _mail) await server.DisposeAsync();
        await _policyHost.DisposeAsync();
        _host.Dispose();
        _ca.Dispose();
        _dns.Dispose();
    }

    [Fact]
    public async Task A_pipe_gets_one_line_of_printable_text_per_finding()
    {
        var result = await _host.RunAsync("check", Domain, "--explain");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal("", result.Error.Replace($"checking {Domain}\n", "", StringComparison.Ordinal));
        Assert.InRange(result.Output.Length, 1000, 64 * 1024);
        foreach (var line in result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var cells = line.Split('\t');
            Assert.Equal(6, cells.Length);
            Assert.Equal(Domain, cells[0]);
            Assert.All(cells, cell => Assert.True(Printable.IsPrintable(cell), cell));
        }

        // It was all there to be shown: each text went through, escaped.
        foreach (var code in new[] { "txt-invalid", "policy-invalid", "mx-certificate",
            "mx-invalid", "spf-invalid", "dmarc-invalid", "tlsrpt-invalid", "dkim-invalid" })
            Assert.Contains($"\t{code}\t", result.Output, StringComparison.Ordinal);
        Assert.Contains("\\u001B[35;45mEVIL\\u202E", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_printable_strings_alone()
    {
        var result = await _host.RunAsync("check", Domain, "--json");

        Assert.DoesNotContain(result.Output, character => char.IsControl(character) && character is not ('\n' or '\r'));
        var findings = JsonNode.Parse(result.Output)!["domains"]![0]!["findings"]!.AsArray();
        Assert.All(findings, finding => Assert.All(finding!.AsObject(),
            field => Assert.True(Printable.IsPrintable((string?)field.Value ?? ""), (string?)field.Value)));
    }

    [Theory]
    [InlineData(120)]
    [InlineData(60)]
    public async Task A_terminal_is_not_driven_by_others(int columns)
    {
        var script = Tools.Require("script");
        var command = $"stty cols {columns}; {string.Join(' ', _host.Command)} check {Domain}";

        var (_, output) = await Tools.RunAsync("env", "TERM=xterm-256color", script, "-qec", command, "/dev/null");

        Assert.Contains("EVIL", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[35", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\nerror\tforged", output, StringComparison.Ordinal);
        // A check that takes over a second shows a status, which is rewritten in place.
        Assert.All(OwnSequences().Replace(output, "").Split('\n', '\r'), line => Assert.True(Printable.IsPrintable(line), line));
    }

    /// <summary>The bounds that the checks state: TXT 2 queries, policy host 8 fetches, MX 20 hosts at 4 addresses, SPF 42, DMARC 18, DKIM
    /// 46, TLSRPT 21.</summary>
    [Fact]
    public async Task What_it_costs_is_bounded()
    {
        await _host.RunAsync("check", Domain);

        const int Hosts = 20;
        // For each address look-up two, for each MX host one more for TLSA; and for the domain's MX and its address.
        Assert.InRange(_dns.Asked.Count, 50, 2 + 2 + 3 + (3 * Hosts) + 42 + 18 + 46 + 21);
        Assert.Equal(8, _policyHost.Connections);
        Assert.InRange(_mail.Sum(server => server.Connections), _mail.Count, Hosts * 4);
        // What the kernel buffers on both sides comes on top of what the probe takes.
        Assert.InRange(_mail.Sum(server => server.Flooded), 0, 16 * 1024 * 1024);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task A_host_that_checks_it_in_the_background_logs_and_answers_printable_text(string format)
    {
        var settings = JsonNode.Parse(File.ReadAllText(_host.SettingsPath))!;
        settings["MtaSts"] =
            JsonNode.Parse($$"""{ "Domains": { "{{Domain}}": { "Mode": "enforce", "MaxAge": 604800, "Mx": [ "mx1.{{Domain}}" ] } } }""");
        settings["Serilog"] = JsonNode.Parse($$"""{ "Format": "{{format}}" }""");
        settings["Checks"]!["Timeout"] = "00:00:02";
        _host.Write(settings.ToJsonString());
        await using var process = await _host.StartAsync(new HostStart { Arguments = _host.HttpArguments, ChecksInBackground = true });
        using var client = new HttpClient();
        var health = "";
        await Eventually.IsTrueAsync(
            async () => (health = await client.GetStringAsync(new Uri(_host.Management, $"/health?domain={Domain}")))
                .Contains("\"lastChecked\": \"", StringComparison.Ordinal),
            "the domain is checked", TimeSpan.FromSeconds(60));
        var metrics = await client.GetStringAsync(new Uri(_host.Management, "/metrics"));
        // The line is written a moment after the result.
        await Eventually.IsTrueAsync(() => process.Output.Contains("spf-invalid", StringComparison.Ordinal), "the findings are in the log");
        await process.SignalAsync("TERM");
        await process.WaitForExitAsync();

        foreach (var code in new[] { "txt-invalid", "policy-invalid", "mx-invalid", "spf-invalid" })
        {
            Assert.Contains(code, process.Output, StringComparison.Ordinal);
            Assert.Contains(code, health, StringComparison.Ordinal);
        }

        Assert.Contains("u001B[35;45mEVIL", process.Output, StringComparison.Ordinal);
        foreach (var text in new[] { process.Output, process.Error, metrics })
            Assert.All(text.Split('\n'), line => Assert.True(Printable.IsPrintable(line), line));
        Assert.All(JsonNode.Parse(health)!["domains"]![0]!["problems"]!.AsArray(), problem =>
            Assert.All(problem!.AsObject(), field => Assert.True(Printable.IsPrintable((string?)field.Value ?? ""), (string?)field.Value)));
    }

    private void AddMail()
    {
        var port = FreePorts.Next();
        TestSmtpServer Add(TestCertificate? certificate)
        {
            var server = new TestSmtpServer(certificate, IPAddress.Parse($"127.0.0.{_mail.Count + 2}"), port);
            _mail.Add(server);
            _dns.Answer($"mx{_mail.Count}.{Domain}", 1, [127, 0, 0, (byte)(_mail.Count + 1)]);
            return server;
        }

        Add(_ca.Issue(["\u001b[35;45mEVIL\r\n\u0007.example"])); // ASCII, or the names could not be read
        Add(null).Scripts[SmtpStep.Greeting] = TestSmtpServer.Say($"554 {Evil.ReplaceLineEndings("")}\r\n");
        Add(null).Scripts[SmtpStep.Greeting] = TestSmtpServer.Say($"{Evil}\r\n");
        Add(null).Scripts[SmtpStep.Ehlo] =
            TestSmtpServer.Say($"250-{Evil.ReplaceLineEndings("")}\r\n250 {Evil.ReplaceLineEndings("")}\r\n");
        var flooding = Add(null);
        flooding.Scripts[SmtpStep.Greeting] = flooding.Flood("220-welcome to the endless banner\r\n");
        var line = Add(null);
        line.Scripts[SmtpStep.Greeting] = line.Flood("220 no end of the line");
        Add(null).Scripts[SmtpStep.Ehlo] = TestSmtpServer.Say($"250-x\r\n250 STARTTLS\r\n");
        _mail[^1].Scripts[SmtpStep.StartTls] = TestSmtpServer.Say($"220 go\r\n250 {Evil.ReplaceLineEndings("")}\r\n");
    }

    private void AddRecords()
    {
        // As much as one message of DNS can carry.
        byte[][] Full(string first) => [FakeDnsServer.Txt(first),
            .. Enumerable.Range(0, 15).Select(i => FakeDnsServer.Txt($"{i}{Evil}{new string('x', 4000)}"))];

        _dns.Answer($"_mta-sts.{Domain}", Txt, Full($"v=STSv1; id={Evil};"));
        _dns.Answer(Domain, Txt, Full($"v=spf1 include:{Evil}.example a:%{{{Evil}}} -all"));
        _dns.Answer($"_dmarc.{Domain}", Txt, FakeDnsServer.Txt($"v=DMARC1; p={Evil}"));
        _dns.Answer($"_smtp._tls.{Domain}", Txt, FakeDnsServer.Txt($"v=TLSRPTv1; rua=mailto:{Evil}"));
        _dns.Answer($"default._domainkey.{Domain}", Txt, FakeDnsServer.Txt($"v=DKIM1; p={Evil}"));
        _dns.Answer($"mta-sts.{Domain}", 1, [.. Enumerable.Range(1, 100).Select(i => (byte[])[127, 0, 0, (byte)i])]);
        var hosts = Enumerable.Range(1, _mail.Count).Select(i => FakeDnsServer.Mx(i, $"mx{i}.{Domain}"));
        var others = Enumerable.Range(0, 1000).Select(i => FakeDnsServer.Mx(100 + i, $"{Evil.Replace('.', '-')}{i}.{Domain}"));
        _dns.Answer(Domain, Mx, [.. hosts, .. others.Take(500), .. Enumerable.Range(0, 500)
            .Select(i => FakeDnsServer.Mx(20 + i, $"more{i}.{Domain}"))]);
    }

    /// <summary>
    /// What the program writes itself: colours and weights, what the console is opened with, and the status's hidden cursor, line up and
    /// line cleared.
    /// </summary>
    [GeneratedRegex(@"\u001b\[(\d+(;\d+)*)?m|\u001b\[\?1h\u001b=|\u001b\[\?25[hl]|\u001b\[\d+A|\u001b\[2K")]
    private static partial Regex OwnSequences();
}
