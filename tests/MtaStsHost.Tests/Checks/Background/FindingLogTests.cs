using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Checks.Background;
using MtaStsHost.Checks.Catalogue;
using static MtaStsHost.Tests.Checks.Background.DomainFindingsTests;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Checks.Background;

public sealed class FindingLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly LineLogger<FindingLog> _lines = [];
    private readonly FindingLog _log;

    public FindingLogTests() => _log = new FindingLog(_time, _lines);

    [Fact]
    public void Report_FindingThatComesStaysAndGoes_HasTwoLines()
    {
        var (none, some) = (Findings(null), Findings(null, "error txt-missing:no record",
            "warning txt-missing:and more", "warning spf-missing:none"));

        _log.Report(Domain("example.com"), null, some);
        _log.Report(Domain("example.com"), some, some);
        _log.Report(Domain("example.com"), some, none);
        _log.Report(Domain("example.com"), none, none);

        Assert.Equal(
            [
                "1707 Error example.com: txt-missing: no record", "1700 Warning example.com: spf-missing: none",
                "1701 Information example.com: txt-missing is resolved", "1701 Information example.com: spf-missing is resolved",
            ],
            _lines);
    }

    [Fact]
    public void Report_LongMessage_IsOneLineOf160CharactersAtMost()
    {
        _log.Report(Domain("example.com"), null, Findings(null, $"error txt-missing:{new string('x', 1000)}"));

        var line = Assert.Single(_lines)["1707 Error ".Length..];
        Assert.Equal(160, line.Length);
        Assert.EndsWith("x…", line, StringComparison.Ordinal);
    }

    /// <summary>Of a domain that was removed, only the record and the policy host are checked.</summary>
    [Fact]
    public void Report_FindingThatIsNotCheckedAnyMore_IsNotCalledResolved()
    {
        var before = Findings(null, "error mx-certificate:bad", "error txt-missing:no record");

        _log.Report(Domain("example.com"), before, Findings(null) with { Checked = FindingArea.Txt | FindingArea.PolicyHost });

        Assert.Equal(["1701 Information example.com: mx-certificate is no longer checked",
            "1701 Information example.com: txt-missing is resolved"], _lines);
    }

    [Theory]
    [InlineData("warning", "error", 1)]
    [InlineData("error", "warning", 0)]
    public void Report_OtherSeverity_IsNewsWhenItIsGraver(string before, string after, int lines)
    {
        _log.Report(Domain("example.com"), Findings(null, $"{before} mx-not-covered"), Findings(null, $"{after} mx-not-covered"));

        Assert.Equal(lines, _lines.Count);
    }

    [Fact]
    public void Report_ManyDomainsTogether_HaveTwentyLinesAMinuteAndTheirNumber()
    {
        var (none, some) = (Findings(null), Findings(null, "error txt-missing:no record"));
        for (var i = 0; i < 1000; i++) _log.Report(Domain($"d{i}.example"), null, some);
        for (var i = 0; i < 10; i++) _log.Report(Domain($"d{i}.example"), some, none);
        Assert.Equal(FindingLog.LinesAMinute, _lines.Count);
        Assert.Equal(TimeSpan.FromMinutes(1), _log.FlushAfter);
        _time.Advance(TimeSpan.FromSeconds(59));
        _log.Flush();
        Assert.Equal(FindingLog.LinesAMinute, _lines.Count);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, _log.FlushAfter);
        _log.Flush();

        Assert.Equal(["1702 Warning More findings are new: 980; /health lists them all",
            "1703 Information More findings are resolved or no longer checked: 10"], _lines.Skip(FindingLog.LinesAMinute));
        Assert.Null(_log.FlushAfter);
        _log.Report(Domain("example.com"), null, some);
        Assert.EndsWith("example.com: txt-missing: no record", _lines[^1], StringComparison.Ordinal);
    }
}
