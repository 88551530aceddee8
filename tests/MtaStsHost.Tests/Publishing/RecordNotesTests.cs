using MtaSts;
using MtaStsHost.Configuration;
using MtaStsHost.Publishing;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Publishing;

public sealed class RecordNotesTests
{
    private static readonly TransitionSettings s_block = new(true, GateMode.Block);

    [Fact]
    public void Of_TheOnlyPolicyEver_SaysNothing() => Assert.Empty(Notes(Served(PolicyMode.Enforce), 5, Row(PolicyMode.Enforce, 0, null)));

    [Fact]
    public void Of_NotServedYet_SaysToWait() => Assert.StartsWith("not served yet",
        Assert.Single(Notes(Served(PolicyMode.Enforce), 5)), StringComparison.Ordinal);

    [Fact]
    public void Of_AnotherIdIsServed_SaysToWait() =>
        Assert.StartsWith($"the id that is served is {Served(PolicyMode.Testing).Id}",
            Assert.Single(Notes(Served(PolicyMode.Enforce), 5, Row(PolicyMode.Testing, 0, null))), StringComparison.Ordinal);

    [Fact]
    public void Of_Changed_SaysNowAndUntilWhenTheEarlierOneIsHeld() =>
        Assert.Equal(
            "served since 2026-03-11 12:00Z: publish this TXT now; senders may hold an earlier policy until 2026-03-18 12:00Z (5 days)",
            Assert.Single(Notes(Served(PolicyMode.Enforce), 12, Row(PolicyMode.Testing, 0, 10), Row(PolicyMode.Enforce, 10, null))));

    [Theory]
    [InlineData(
        12, "publish this TXT now, leave both records and the domain until 2026-03-18 12:00Z (5 days), then remove them (RFC 8461 §8.3)")]
    [InlineData(17, "safe to remove: remove these records, then the domain (RFC 8461 §8.3)")]
    public void Of_None_SaysWhenItMayGo(double day, string expected) =>
        Assert.Equal(expected,
            Assert.Single(Notes(Served(PolicyMode.None), day, Row(PolicyMode.Enforce, 0, 10), Row(PolicyMode.None, 10, null))));

    [Fact]
    public void Of_Removed_SaysUntilWhen() =>
        Assert.StartsWith(
            "example.com is no longer configured: publish this TXT now, leave both records until 2026-03-18 12:00Z (5 days)",
            Assert.Single(Notes(Retired(Served(PolicyMode.Enforce), Day(10)), 12, Row(PolicyMode.Enforce, 0, 10))),
                StringComparison.Ordinal);

    [Fact]
    public void Serving_HeldByTheGate_IsWhatIsServed()
    {
        var configured = Served(PolicyMode.Enforce, id: "fixed");
        var history = new DomainHistory([Row(EnforceGate.Hold(configured, "why"), Day(0), null)], Day(1));

        var serving = RecordNotes.Serving(configured, s_block, history);

        Assert.Equal((PolicyMode.Testing, history.IdInForce), (serving.Policy.Mode, serving.Id.Value));
        Assert.Contains("this TXT is for what is served", Assert.Single(RecordNotes.Of(serving, history, Day(1))),
            StringComparison.Ordinal);
        Assert.Same(configured, RecordNotes.Serving(configured, TransitionSettings.Default, history));
        Assert.Same(configured, RecordNotes.Serving(configured, s_block, new DomainHistory([Row(configured, Day(0), null)], Day(1))));
    }

    [Theory]
    [InlineData(0, 0, 1, "2026-03-01 12:01Z (a minute)")]
    [InlineData(0, 90, 0, "2026-03-01 13:30Z (90 minutes)")]
    [InlineData(0, 125, 0, "2026-03-01 14:05Z (3 hours)")]
    [InlineData(2, 1, 0, "2026-03-03 12:01Z (3 days)")]
    public void Deadline_Text_IsRoundedUp(int days, int minutes, int seconds, string expected) =>
        Assert.Equal(expected, DeadlineText.Text(Start + new TimeSpan(days, 0, minutes, seconds), Start));

    private static IReadOnlyList<string> Notes(ServedPolicy policy, double day, params StoredPolicy[] rows) =>
        [.. RecordNotes.Of(policy, new DomainHistory(rows, Day(day)), Day(day))];
}
