using MtaSts;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Checks.Sts;

public sealed class HistoryJudgementTests
{
    [Fact]
    public void Judge_NothingBefore_FindsNothing() =>
        Assert.Empty(Judge(5, Served(PolicyMode.Enforce), ["other.example.com"], Row(PolicyMode.Enforce, 0, null)));

    [Fact]
    public void Judge_IdStayedWhileTheTextChanged_IsAnErrorWithTheTime()
    {
        var finding = Assert.Single(Judge(
            12, Served(PolicyMode.Enforce, mx: "new.example.com", id: "fixed"),
                [], Row(PolicyMode.Enforce, 0, 10, id: "fixed"), Row(PolicyMode.Enforce, 10, null, mx: "new.example.com", id: "fixed")));

        Assert.Equal(
            "Error id-not-changed the policy of example.com has changed, but its id fixed has not: senders that hold the old text keep it "
                + "until 2026-03-18 12:00Z (5 days)", finding);
    }

    [Fact]
    public void Judge_IdStayedAndHasChangedSince_FindsNothing() =>
        Assert.Empty(Judge(12, Served(PolicyMode.Enforce, id: "next"), [], Row(PolicyMode.Enforce, 0, 10, id: "fixed"),
            Row(PolicyMode.Enforce, 10, 11, id: "fixed", mx: "*.example.com"), Row(PolicyMode.Enforce, 11, null, id: "next")));

    [Theory]
    [InlineData("enforce", 12,
        "Error mx-cached-policy an earlier policy of example.com, in mode enforce, doesn't name new.example.com, and senders may hold it "
        + "until 2026-03-18 12:00Z (5 days): they don't deliver there")]
    [InlineData("testing", 12,
        "Warning mx-cached-policy an earlier policy of example.com, in mode testing, doesn't name new.example.com, and senders may hold "
        + "it until 2026-03-18 12:00Z (5 days): they report a failure for each delivery there")]
    [InlineData("none", 12, null)]
    [InlineData("enforce", 17, null)]
    public void Judge_MxThatACachedPolicyDoesNotCover_IsFoundUntilItsCopiesHaveRunOut(string mode, double day, string? expected)
    {
        Assert.True(PolicyModes.TryParse(mode, out var before));

        var findings = Judge(
            day, Served(PolicyMode.Enforce, mx: "mail.example.com new.example.com"), ["mail.example.com", "new.example.com"],
            Row(before, 0, 10), Row(PolicyMode.Enforce, 10, null, mx: "mail.example.com new.example.com"));

        Assert.Equal(expected is null ? [] : [expected], findings);
    }

    [Theory]
    [InlineData("new.example.com",
        "(postfix-tlspol, chasquid) keep the earlier one until 2026-03-18 12:00Z: until then, bring back an MX host")]
    [InlineData("mail.example.com new.example.com", "remove new.example.com from the MX records until 2026-03-18 12:00Z")]
    public void Judge_MxThatACachedPolicyDoesNotCover_IsNeverTakenOutIfNoneIsLeft(string mx, string fix)
    {
        var served = Served(PolicyMode.Enforce, mx: mx);
        var history = new DomainHistory([Row(PolicyMode.Enforce, 0, 10), Row(PolicyMode.Enforce, 10, null, mx: mx)], Day(12));

        var finding = Assert.Single(HistoryJudgement.Judge(served, history, mx.Split(' '), Day(12)));

        Assert.StartsWith($"publish _mta-sts.example.com. TXT \"{served.TxtValue}\"", finding.Fix, StringComparison.Ordinal);
        Assert.Contains(fix, finding.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_SeveralCachedPolicies_NamesTheHostsOnceAndTheLatestTime()
    {
        var findings = Judge(
            12, Served(PolicyMode.Enforce, mx: "*.example.com"), ["a.example.com", "b.example.com"],
            Row(PolicyMode.Enforce, 0, 9, mx: "a.example.com", maxAge: 30 * 86_400),
                Row(PolicyMode.Enforce, 9, 10, mx: "mail.example.com"), Row(PolicyMode.Enforce, 10, null, mx: "*.example.com"));

        var finding = Assert.Single(findings);
        Assert.Contains("doesn't name b.example.com, a.example.com, and senders may hold it until 2026-04-09 12:00Z (27 days)",
            finding, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        12, "Info not-safe-to-remove example.com is in mode none and must stay until 2026-03-18 12:00Z (5 days), since senders may hold "
        + "an earlier policy until then")]
    [InlineData(17, "Info safe-to-remove example.com is safe to remove since 2026-03-18 12:00Z: no sender holds a policy that binds it")]
    public void Judge_ModeNone_TellsWhenItIsSafeToRemove(double day, string expected) =>
        Assert.Equal([expected], Judge(day, Served(PolicyMode.None), [], Row(PolicyMode.Enforce, 0, 10), Row(PolicyMode.None, 10, null)));

    [Fact]
    public void Judge_ModeNoneThatIsNotServedYet_IsNotSafeToRemove() =>
        Assert.Equal(
            ["Info not-safe-to-remove example.com is configured in mode none, which is not served yet as far as the store knows"],
            Judge(30, Served(PolicyMode.None), [], Row(PolicyMode.Enforce, 0, null)));

    [Fact]
    public void Judge_ModeNoneFromTheBeginning_SaysWhatItDoesNotKnow() =>
        Assert.Contains("as far as this service has served it",
            Assert.Single(Judge(5, Served(PolicyMode.None), [], Row(PolicyMode.None, 0, null))), StringComparison.Ordinal);

    [Fact]
    public void Judge_Removed_IsAWarningWithTheRecord()
    {
        var served = Retired(Served(PolicyMode.Enforce), Day(10));

        var finding = Assert.Single(HistoryJudgement.Judge(served,
            new DomainHistory([Row(PolicyMode.Enforce, 0, 10), Row(served, Day(10), null)], Day(12)), [], Day(12)));

        Assert.Equal(("not-safe-to-remove", "Warning"), (finding.Code, finding.Severity.ToString()));
        Assert.Equal(
            $"publish _mta-sts.example.com. TXT \"{served.TxtValue}\" and leave mta-sts.example.com in DNS until 2026-03-18 12:00Z",
            finding.Fix);
    }

    private static IReadOnlyList<string> Judge(double day, ServedPolicy served,
        IReadOnlyList<string> mxHosts, params StoredPolicy[] rows) =>
        [.. HistoryJudgement.Judge(served, new DomainHistory(rows, Day(day)), mxHosts, Day(day))
            .Select(finding => $"{finding.Severity} {finding.Code} {finding.Message}")];
}
