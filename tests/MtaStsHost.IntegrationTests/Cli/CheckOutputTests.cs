using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Acme.Testing;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Cli;

/// <summary>What <c>check</c> shows while it runs: one domain's policy host takes a connection and says nothing until the test lets it
/// go.</summary>
public sealed class CheckOutputTests : IDisposable
{
    private const string Slow = "slow.example";
    private const string Fast = "fast.example";
    private const string Faster = "faster.example";

    private readonly FakeDnsServer _dns = new();
    private readonly TcpListener _silent = new(IPAddress.Loopback, FreePorts.Next());
    private readonly HostInstallation _host = new("{ }");

    public CheckOutputTests()
    {
        _silent.Start(); // the kernel accepts the connection; nothing answers the handshake
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
        await Eventually.IsTrueAsync(() => TerminalScreen.Show(check.Output).Contains($"{Fast}: error", StringComparison.Ordinal),
            "the second is printed while the first is checked");
        await Eventually.IsTrueAsync(
            () => TerminalScreen.Show(check.Output).TrimEnd().EndsWith(" checking 2 domains: 1 done", StringComparison.Ordinal),
            "the status is below");

        LetGo();
        var result = await check.WaitForExitAsync();

        Assert.Equal(1, result.ExitCode);
        var screen = TerminalScreen.Show(check.Output);
        Assert.DoesNotContain("checking", screen, StringComparison.Ordinal); // the status is gone
        AssertCursorIsShown(check.Output);
        Assert.Matches($"(?s)^{Fast}: error\n.*\n{Slow}: error\n.*\n2 domains: 2 error\n$", screen);
    }

    [Fact]
    public async Task Json_is_whole_and_in_order()
    {
        await using var check = Start("check", "--json", Slow, Fast);
        await Eventually.IsTrueAsync(() => check.Error.Contains("checking 2 domains: ", StringComparison.Ordinal), "progress is shown");
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
    public async Task An_interrupt_on_a_terminal_shows_the_cursor_again()
    {
        var pid = _host.Folder["pid"];
        await using var check = StartOnTerminal(120, $"check {Slow}", $"echo $$ > {pid}; exec env --default-signal=INT ");
        await Eventually.IsTrueAsync(() => check.Output.Contains($"checking {Slow}", StringComparison.Ordinal), "the status is shown");

        await Tools.RunAsync("kill", "-INT", (await File.ReadAllTextAsync(pid)).Trim());
        await check.WaitForExitAsync();

        Assert.Contains("\u001b[?25l", check.Output, StringComparison.Ordinal);
        AssertCursorIsShown(check.Output);
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

        var lines = TerminalScreen.Show(check.Output).Split('\n');
        Assert.EndsWith(" (RFC 8461 §3.1)", lines[Array.FindIndex(lines, line => line.EndsWith(" txt-missing", StringComparison.Ordinal))
            + 1], StringComparison.Ordinal);
        Assert.DoesNotContain("RFC",
            lines[Array.FindIndex(lines, line => line.EndsWith(" mx-left-out", StringComparison.Ordinal)) + 1], StringComparison.Ordinal);
    }

    /// <summary>The connections that were not accepted are reset.</summary>
    private void LetGo() => _silent.Stop();

    private HostProcess Start(params string[] arguments) =>
        HostProcess.Start([.. _host.Command, .. arguments], new HostStart { WorkingDirectory = _host.Folder.Path });

    private HostProcess StartOnTerminal(int columns, string arguments, string before = "")
    {
        var command = string.Create(
            CultureInfo.InvariantCulture, $"stty cols {columns}; {before}{string.Join(' ', _host.Command)} {arguments}");
        return HostProcess.Start(["env", "TERM=xterm-256color", Tools.Require("script"), "-qec", command, "/dev/null"],
            new HostStart { WorkingDirectory = _host.Folder.Path });
    }

    private static void AssertCursorIsShown(string output) =>
        Assert.True(output.LastIndexOf("\u001b[?25h", StringComparison.Ordinal)
            > output.LastIndexOf("\u001b[?25l", StringComparison.Ordinal));

    private static IEnumerable<string> Domains(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split('\t')[0]).Distinct();
}
