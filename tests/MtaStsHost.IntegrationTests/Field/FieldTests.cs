using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Field;

/// <summary><c>check</c> over real servers: what breaks in the field is named, with its remedy, and a sound domain is sound.</summary>
public sealed partial class FieldTests(FieldFixture field) : IClassFixture<FieldFixture>
{
    public static TheoryData<string> Names => [.. FieldDomains.All.Select(domain => domain.Label)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Each_fault_is_named_with_its_remedy_and_nothing_else_is(string label)
    {
        var domain = FieldDomains.All.Single(domain => domain.Label == label);
        var check = await field.CheckedAsync(domain);
        var findings = check["findings"]!.AsArray().Select(Read).ToList();
        var id = field.Ids.GetValueOrDefault(domain.Domain, "1");

        foreach (var (code, severity, seen, fix) in domain.Expected)
        {
            Assert.True(
                findings.Any(finding => (finding.Code, finding.Severity) == (code, severity)
                    && finding.Message.Contains(domain.Fill(seen, id), StringComparison.Ordinal)
                    && finding.Fix.Contains(domain.Fill(fix, id), StringComparison.Ordinal)),
                $"no {severity} {code} with '{domain.Fill(seen, id)}' and '{domain.Fill(fix, id)}' in\n{string.Join('\n', findings)}");
        }

        Assert.All(check["findings"]!.AsArray().Where(finding => (string?)finding!["severity"] is "error" or "warning"),
            finding => Assert.StartsWith("RFC ", (string?)finding!["rfc"], StringComparison.Ordinal));
        var expected = domain.Expected.Where(entry => entry.Severity != "info")
            .Select(entry => $"{entry.Severity} {entry.Code}").Order(StringComparer.Ordinal);
        // How slow a policy is depends on the machine.
        var actual = findings.Where(finding => finding.Severity != "info" && finding.Code != "policy-slow")
            .Select(finding => $"{finding.Severity} {finding.Code}");
        Assert.Equal(expected, actual.Order(StringComparer.Ordinal));
        Assert.Equal(
            domain.Expected.Any(entry => entry.Severity == "error") ? "error"
                : domain.Expected.Any(entry => entry.Severity == "warning") ? "warning" : "ok",
            (string?)check["status"]);
    }

    [Theory]
    [InlineData("sound", "warning", 0)]
    [InlineData("brokenipv6", "warning", 1)]
    [InlineData("brokenipv6", "error", 0)]
    [InlineData("stale", "error", 1)]
    [InlineData("loop", "warning", 0)] // what could not be checked does not count as a fault
    [InlineData("loop", "unknown", 1)]
    public async Task The_exit_code_shows_whether_there_is_a_finding_that_counts(string label, string failOn, int exitCode)
    {
        var result = await field.RunAsync("check", $"{label}.example", "--fail-on", failOn);

        Assert.True(exitCode == result.ExitCode, result.Output + result.Error);
        if (failOn == "warning") Assert.Equal(exitCode, (await field.RunAsync("check", $"{label}.example")).ExitCode); // the default
    }

    [Fact]
    public async Task A_terminal_has_a_table_a_domain_and_a_narrow_one_leaves_records_whole()
    {
        var wide = await field.RunOnTerminalAsync(120, "check", "stale.example", "sound.example");
        var narrow = await field.RunOnTerminalAsync(60, "check", "stale.example", "sound.example");

        var record = $"→ publish _mta-sts.stale.example. TXT \"v=STSv1; id={field.Ids.GetValueOrDefault("stale.example")};\"";
        Assert.Contains("╭──", wide, StringComparison.Ordinal);
        Assert.DoesNotContain("│", narrow, StringComparison.Ordinal);
        foreach (var output in new[] { wide, narrow })
        {
            Assert.Contains(record, output, StringComparison.Ordinal);
            Assert.EndsWith("2 domains: 1 error, 1 ok", output.TrimEnd(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(120)]
    [InlineData(60)]
    public async Task A_terminal_has_a_colour_for_each_severity_where_wanted(int columns)
    {
        var colours = await field.RunOnTerminalAsync(columns, "check", "stale.example", "brokenipv6.example", "loop.example");

        // Red, yellow, blue and green, of the sixteen or the same of 256.
        foreach (var (word, colour) in new[] { ("error", 9), ("warning", 11), ("unknown", 12), ("info", 2) })
            Assert.Matches($"\u001b\\[38;5;{colour}m *{word}", colours);
    }

    [Fact]
    public async Task The_guide_shows_what_the_program_prints()
    {
        var guide = await File.ReadAllTextAsync(Path.Combine(HostBinary.Repository, "docs", "guides", "check-a-domain.md"));
        var block = Example().Match(guide);
        Assert.True(block.Success, "the guide has no example of check");

        var output = await field.RunOnTerminalAsync(120, ["check", .. block.Groups[1].Value.Split(' ')]);

        var printed = TerminalScreen.Show(output);
        // The domains are in the order in which their checks ended, which varies.
        Assert.True(Parts(block.Groups[2].Value).SequenceEqual(Parts(printed)), $"the guide should show\n{printed}");

        static IEnumerable<string> Parts(string text) => PartStart().Split(text).Order(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"^```text\n\$ MtaStsHost check ([^\n]+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example();

    /// <summary>The first line of a domain, and the last one of all.</summary>
    [GeneratedRegex(@"^(?=\S+\.example: |\d+ domains: )", RegexOptions.Multiline)]
    private static partial Regex PartStart();

    private static (string Code, string Severity, string Message, string Fix) Read(JsonNode? finding) =>
        ((string)finding!["code"]!, (string)finding["severity"]!, (string)finding["message"]!, (string?)finding["fix"] ?? "");
}
