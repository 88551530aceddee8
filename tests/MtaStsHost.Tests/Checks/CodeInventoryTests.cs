using System.Text.RegularExpressions;
using MtaStsHost.Checks;
using MtaStsHost.Testing;
using MtaStsHost.Text;

namespace MtaStsHost.Tests.Checks;

/// <summary>No code without a test that makes it appear and one that makes it go away.</summary>
public sealed partial class CodeInventoryTests
{
    public static TheoryData<string> Codes => [.. CodeRows.All.Select(row => row.Code)];

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task A_code_appears_in_the_broken_world_and_is_gone_from_the_mended_one(string code)
    {
        var row = CodeRows.All.Single(row => row.Code == code);
        await using var world = new CheckWorld();
        if (code != "dnssec") Assert.DoesNotContain(await world.CheckAsync(), finding => finding.Code == code);

        row.Break(world);
        var broken = await world.CheckAsync();
        row.Mend(world);
        var mended = await world.CheckAsync();

        var finding = Assert.Single(broken, finding => finding.Code == code);
        Assert.Equal(row.Severity, finding.Severity.ToString().ToLowerInvariant());
        Assert.True(finding.Fix is { Length: > 0 } || finding.Severity is FindingSeverity.Info or FindingSeverity.Unknown,
            $"no remedy: {finding}");
        Assert.All(broken, each => Assert.True(Printable.IsPrintable(each.Message + each.Fix), each.Message));
        Assert.DoesNotContain(mended, finding => finding.Code == code);
    }

    [Fact]
    public async Task A_sound_domain_has_nothing_above_info()
    {
        await using var world = new CheckWorld();

        Assert.All(await world.CheckAsync(), finding => Assert.Equal(FindingSeverity.Info, finding.Severity));
    }

    [Fact]
    public void Every_code_of_the_interface_has_a_row()
    {
        var table = File.ReadAllText(SharedData.Require("../spec.md")).Split("## 6. Findings")[1];
        var codes = TableRow().Matches(table).SelectMany(row => Code().Matches(row.Value).Select(match => match.Groups[1].Value)).ToList();

        Assert.InRange(codes.Count, 45, 1000);
        Assert.Empty(codes.Except(CodeRows.All.Select(row => row.Code)).Except(CodeRows.Elsewhere.Keys));
    }

    [Fact]
    public void Every_code_that_the_program_gives_has_a_row()
    {
        var given = GivenCodes();

        Assert.InRange(given.Count, 45, 1000);
        Assert.Contains("enforce-held", given); // of no family: known by its severity alone
        Assert.Empty(given.Except(CodeRows.All.Select(row => row.Code)).Except(CodeRows.Elsewhere.Keys));
    }

    [Fact]
    public void What_is_shown_elsewhere_is_there()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(HostBinary.Repository, "tests", "MtaStsHost.Tests"),
            "*Tests.cs", SearchOption.AllDirectories)
            .ToLookup(path => Path.GetFileNameWithoutExtension(path), File.ReadAllText);

        foreach (var code in GivenCodes().Intersect(CodeRows.Elsewhere.Keys))
            Assert.True(tests[CodeRows.Elsewhere[code]].Any(text => text.Contains(code, StringComparison.Ordinal)),
                $"{CodeRows.Elsewhere[code]} should have {code}");
    }

    /// <summary>As they stand in the source: before a severity, or as a constant of a check.</summary>
    private static List<string> GivenCodes() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(HostBinary.Repository, "src", "MtaStsHost"), "*.cs", SearchOption.AllDirectories)
            .Where(path => path.Contains("Checks", StringComparison.Ordinal) || path.Contains("Health", StringComparison.Ordinal))
            .SelectMany(path => Given().Matches(File.ReadAllText(path)).Select(match => match.Groups["code"].Value)).Distinct(),
    ];

    [GeneratedRegex(@"^\|.*\|$", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex("`([a-z]+(?:-[a-z]+)+)`")]
    private static partial Regex Code();

    [GeneratedRegex("""
        "(?<code>(?:txt|host|policy|mx|max|testing|mail|id|not|safe|tlsrpt|spf|dmarc|dkim|caa|certificate)(?:-[a-z]+)+)"|"(?<code>[a-z]+(?:-[a-z]+)*)",\s*FindingSeverity\.\w+\b(?! =>)
        """)]
    private static partial Regex Given();
}
