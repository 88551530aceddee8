using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Testing;
using MtaStsHost.Text;

namespace MtaStsHost.Tests.Checks;

/// <summary>No code without a test that makes it appear and one that makes it go away.</summary>
public sealed class CodeInventoryTests
{
    public static TheoryData<string> Codes => [.. FindingRows.All.Select(row => row.Code)];

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task A_code_appears_in_the_broken_world_and_is_gone_from_the_fixed_one(string code)
    {
        var row = FindingRows.All.Single(row => row.Code == code);
        await using var world = new CheckWorld();
        if (code != "dnssec") Assert.DoesNotContain(await world.CheckAsync(), finding => finding.Code == code);

        row.Break(world);
        var broken = await world.CheckAsync();
        row.Repair(world);
        var fixedAgain = await world.CheckAsync();

        var finding = Assert.Single(broken, finding => finding.Code == code);
        Assert.Equal(row.Severity, finding.Severity.ToString().ToLowerInvariant());
        Assert.True(finding.Fix is { Length: > 0 } || finding.Severity is FindingSeverity.Info or FindingSeverity.Unknown,
            $"no remedy: {finding}");
        Assert.All(broken, each => Assert.True(Printable.IsPrintable(each.Message + each.Fix), each.Message));
        Assert.DoesNotContain(fixedAgain, finding => finding.Code == code);
    }

    [Fact]
    public async Task A_sound_domain_has_nothing_above_info()
    {
        await using var world = new CheckWorld();

        Assert.All(await world.CheckAsync(), finding => Assert.Equal(FindingSeverity.Info, finding.Severity));
    }

    [Fact]
    public void Every_code_has_a_row()
    {
        var codes = FindingCatalogue.All.Select(descriptor => descriptor.Code).ToHashSet();

        Assert.InRange(codes.Count, 45, 1000);
        Assert.Empty(codes.Except(FindingRows.All.Select(row => row.Code)).Except(FindingRows.Elsewhere.Keys));
    }

    [Fact]
    public void What_is_shown_elsewhere_is_there()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(HostBinary.Repository, "tests", "MtaStsHost.Tests"),
            "*Tests.cs", SearchOption.AllDirectories)
            .ToLookup(path => Path.GetFileNameWithoutExtension(path), File.ReadAllText);

        foreach (var (code, name) in FindingRows.Elsewhere)
            Assert.True(tests[name].Any(text => text.Contains(code, StringComparison.Ordinal)), $"{name} should have {code}");
    }
}
