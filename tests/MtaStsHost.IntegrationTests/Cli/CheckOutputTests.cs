using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Cli;

/// <summary>What <c>check</c> shows while it runs: one domain's policy host takes a connection and says nothing until the test lets it
/// go.</summary>
public sealed partial class CheckOutputTests : IDisposable
{
    private const string Slow = "slow.example";
    private const string Fast = "fast.example";
    private const string Faster = "faster.example";

    private readonly FakeDnsServer _dns = new();
    private readonly TcpListener _silent = new(IPAddress.Loopback, FreePorts.Next());
    private readonly HostInstallation _host = new("{ }");

    public CheckOutputTests()
    {
        _silent.Start(); // the kernel takes the connection, and nobody the handshake
        _host.Write($$"""
            { "Kestrel": { "Endpoints": { "Http": { "Url": "{{_host.Http}}" } } },
              "MtaSts": { "Domains": { "{{Slow}}": { "Mode": "testing", "MaxAge": 86400, "Mx": [ "mail.{{Slow}}" ] } } },
              "Dns": { "Resolvers": [ "{{_dns.EndPoint}}" ] },
              "Checks": { "HttpsPort": {{((IPEndPoint)_silent.LocalEndpoint).Port}}, "SmtpPort": {{FreePorts.Next()}}, "Timeout": "00:05:00" } }
            """);
        _dns.Answer($"mta-sts.{Slow}", 1, [127, 0, 0, 1]);
    }

    public void Dispose()
    {
        _silent.Dispose();
        _host.Dispose();
        _dns.Dispose();
    }

    [Fact]
    public async Task A_pipe_has_the_domains_in_their_order_each_as_soon_as_those_before_it_are_done()
    {
        await using var check = Start("check", Fast, Slow, Faster);
        await Eventually.IsTrueAsync(() => check.Output.StartsWith($"{Fast}\t", StringComparison.Ordinal),
            "the first is printed while the second is checked");

        LetGo();
        var result = await check.WaitForExitAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Equal([Fast, Slow, Faster], Domains(result.Output));
    }

    [Fact]
    public async Task A_terminal_has_each_domain_as_soon_as_it_is_done_and_the_summary_at_the_end()
    {
        await using var check = StartOnTerminal(120, $"check {Slow} {Fast}");
        await Eventually.IsTrueAsync(() => Screen(check).Contains($"{Fast}: error", StringComparison.Ordinal),
            "the second is printed while the first is checked");
        await Eventually.IsTrueAsync(() => Screen(check).EndsWith("\nchecking 2 domains: 1 done", StringComparison.Ordinal),
            "how far it is stands below");

        LetGo();
        var result = await check.WaitForExitAsync();

        Assert.Equal(1, result.ExitCode);
        var screen = Screen(check);
        Assert.DoesNotContain("checking", screen, StringComparison.Ordinal); // it was wiped away
        Assert.Matches($"(?s)^{Fast}: error\n.*\n{Slow}: error\n.*\n2 domains: 2 error\n$", screen);
    }

    [Fact]
    public async Task Json_is_whole_and_in_order()
    {
        await using var check = Start("check", "--json", Slow, Fast);
        await Eventually.IsTrueAsync(() => check.Error == "checking 2 domains: 1 done\n", "it tells how far it is");
        Assert.Empty(check.Output);

        LetGo();
        var result = await check.WaitForExitAsync();

        Assert.Equal([Slow, Fast], JsonNode.Parse(result.Output)!["domains"]!.AsArray().Select(entry => (string?)entry!["domain"]));
    }

    [Fact]
    public async Task An_interrupt_leaves_what_was_printed()
    {
        await using var check = Start("check", Fast, Slow);
        await Eventually.IsTrueAsync(() => check.Output.Contains("\tmx-missing\t", StringComparison.Ordinal), "the first is printed");

        await check.SignalAsync("INT");
        var result = await check.WaitForExitAsync();

        Assert.Equal(130, result.ExitCode);
        Assert.Equal([Fast], Domains(result.Output));
        Assert.EndsWith("\n", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("error:", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_has_its_table_before_the_domains_are_done()
    {
        await using var validate = Start("validate", "--live");
        await Eventually.IsTrueAsync(() => validate.Output.Contains($"\n{Slow}\ttesting\t", StringComparison.Ordinal),
            "the table is there while the domain is checked");

        LetGo();
        var result = await validate.WaitForExitAsync();

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(["domain", Slow], Domains(result.Output));
        Assert.Contains($"\n{Slow}\twarning\t", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_stands_behind_a_finding_on_a_narrow_terminal_where_there_is_one()
    {
        _dns.Answer(Fast, 15, FakeDnsServer.Mx(10, $"mail.{Fast}"));
        _dns.Answer($"mail.{Fast}", 1, [.. Enumerable.Range(2, 9).Select(i => (byte[])[127, 0, 0, (byte)i])]);

        await using var check = StartOnTerminal(60, $"check {Fast} --explain");
        await check.WaitForExitAsync();

        var lines = Screen(check).Split('\n');
        Assert.EndsWith(" (RFC 8461 §3.1)", lines[Array.FindIndex(lines, line => line.EndsWith(" txt-missing", StringComparison.Ordinal))
            + 1], StringComparison.Ordinal);
        Assert.EndsWith($"mail.{Fast} (5 more)",
            lines[Array.FindIndex(lines, line => line.EndsWith(" mx-left-out", StringComparison.Ordinal)) + 1], StringComparison.Ordinal);
    }

    /// <summary>The connections that nobody took are reset.</summary>
    private void LetGo() => _silent.Stop();

    /// <summary>A shell without job control has what it starts in the background ignore this signal, and the tests may have been started
    /// so.</summary>
    private HostProcess Start(params string[] arguments) =>
        HostProcess.Start(["env", "--default-signal=INT", .. _host.Command, .. arguments],
            new HostStart { WorkingDirectory = _host.Folder.Path });

    private HostProcess StartOnTerminal(int columns, string arguments)
    {
        var command = string.Create(CultureInfo.InvariantCulture, $"stty cols {columns}; {string.Join(' ', _host.Command)} {arguments}");
        return HostProcess.Start(["env", "TERM=xterm-256color", Tools.Require("script"), "-qec", command, "/dev/null"],
            new HostStart { WorkingDirectory = _host.Folder.Path });
    }

    private static IEnumerable<string> Domains(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split('\t')[0]).Distinct();

    /// <summary>What a terminal would show now: text after a carriage return goes over what stands there.</summary>
    private static string Screen(HostProcess process) =>
        string.Join('\n', Sequence().Replace(process.Output, "").Split("\r\n")
            .Select(line => line.Split('\r').Aggregate("", (shown, text) => text + (shown.Length > text.Length ? shown[text.Length..] : ""))
            .TrimEnd(' ')));

    [GeneratedRegex(@"\u001b(\[[0-9;?]*[a-zA-Z]|=)")]
    private static partial Regex Sequence();
}
