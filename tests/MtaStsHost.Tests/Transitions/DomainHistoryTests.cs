using MtaSts;
using MtaStsHost.Management.Health;
using MtaStsHost.Publishing;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Transitions;

public sealed class DomainHistoryTests
{
    [Fact]
    public void New_NoRows_SaysNothing()
    {
        var history = At(0);

        Assert.Null(history.InForce);
        Assert.Null(history.ServedSince);
        Assert.Null(history.ModeSince);
        Assert.Null(history.BoundUntil);
        Assert.Null(history.FreeSince);
        Assert.Null(history.IdUnchangedUntil);
        Assert.Empty(history.Cached);
        Assert.Equal(RetirementState.Active, history.StateOf(null));
    }

    [Theory]
    [InlineData(10, 17.0)]
    [InlineData(16.99, 17.0)]
    [InlineData(17, null)]
    public void Cached_PolicyThatWasReplaced_LastsItsMaxAgeFromItsLastServing(double day, double? until)
    {
        var history = At(day, Row(PolicyMode.Enforce, 0, 10), Row(PolicyMode.Enforce, 10, null, mx: "new.example.com"));

        Assert.Equal(until is { } end ? [Day(end)] : [], history.Cached.Select(cached => cached.Until));
    }

    [Fact]
    public void Cached_SeveralPolicies_TheLongestFirstAndNoneLeftOut()
    {
        var history = At(
            20, Row(PolicyMode.Enforce, 0, 5, maxAge: 30 * 86_400), Row(PolicyMode.Testing, 5, 19, mx: "b.example.com"),
                Row(PolicyMode.None, 19, 19.5), Row(PolicyMode.Enforce, 19.5, null));

        Assert.Equal([(PolicyMode.Enforce, Day(35)), (PolicyMode.Testing, Day(26))],
            history.Cached.Select(cached => (cached.Policy.Mode, cached.Until)));
        Assert.Equal(Day(35), history.CopiesUntil);
    }

    [Fact]
    public void BoundUntil_InForce_CountsFromNow() => Assert.Equal(Day(27), At(20, Row(PolicyMode.Testing, 0, null)).BoundUntil);

    [Theory]
    [InlineData(10, nameof(RetirementState.Retiring), null)]
    [InlineData(16.99, nameof(RetirementState.Retiring), null)]
    [InlineData(17, nameof(RetirementState.SafeToRemove), 17.0)]
    [InlineData(400, nameof(RetirementState.SafeToRemove), 17.0)]
    public void StateOf_None_IsSafeOnceEveryCopyHasRunOut(double day, string expected, double? since)
    {
        var none = Served(PolicyMode.None, maxAge: 86_400);
        var history = At(day, Row(PolicyMode.Enforce, 0, 10), Row(none, Day(10), null));

        Assert.Equal(expected, history.StateOf(none).ToString());
        Assert.Equal(since is { } free ? Day(free) : null, history.FreeSince);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("fixed")]
    public void StateOf_NoneThatIsNotServedYet_IsNeverSafe(string? id)
    {
        var none = Served(PolicyMode.None, id: id);

        foreach (var history in (DomainHistory[])[At(3, Row(PolicyMode.Enforce, 0, null, id: id)),
            At(30, Row(PolicyMode.Enforce, 0, 3, id: id)), At(3)])
        {
            Assert.Equal(RetirementState.Retiring, history.StateOf(none));
            Assert.DoesNotContain("safe", string.Join('\n', RecordNotes.Of(none, history, Day(30))), StringComparison.Ordinal);
        }

        Assert.Equal(new RetirementHealth("retiring", Day(10)), RetirementHealth.Of(At(3, Row(PolicyMode.Enforce, 0, null, id: id)), none));
    }

    [Fact]
    public void StateOf_EarlierPolicyWithALongerLife_DecidesThoughAnotherOneCameAfterIt()
    {
        var history = At(20, Row(PolicyMode.Enforce, 0, 1, maxAge: 365 * 86_400),
            Row(PolicyMode.Enforce, 1, 10, maxAge: 86_400), Row(PolicyMode.None, 10, null));

        Assert.Equal(RetirementState.Retiring, history.StateOf(Served(PolicyMode.None)));
        Assert.Equal(Day(366), history.CopiesUntil);
    }

    [Fact]
    public void StateOf_Removed_IsSaid()
    {
        var history = At(11, Row(PolicyMode.Enforce, 0, 10));

        Assert.Equal(RetirementState.Removed, history.StateOf(Retired(Served(PolicyMode.Enforce), Day(10))));
        Assert.Equal(RetirementState.Removed, history.StateOf(null));
        Assert.Equal(RetirementState.SafeToRemove, At(18, Row(PolicyMode.Enforce, 0, 10)).StateOf(null));
        Assert.Equal(RetirementState.Active, history.StateOf(Served(PolicyMode.Testing)));
    }

    [Theory]
    [InlineData(12, 17.0)]
    [InlineData(17, null)]
    public void IdUnchangedUntil_AnotherTextUnderTheSameId_LastsAsLongAsItsCopies(double day, double? until)
    {
        var history = At(day, Row(PolicyMode.Enforce, 0, 10, id: "fixed"),
            Row(PolicyMode.Enforce, 10, null, mx: "new.example.com", id: "fixed"));

        Assert.Equal(until is { } end ? Day(end) : null, history.IdUnchangedUntil);
    }

    [Fact]
    public void IdUnchangedUntil_ModeNoneBefore_CountsToo() =>
        Assert.Equal(Day(17), At(12, Row(PolicyMode.None, 0, 10, id: "fixed"),
            Row(PolicyMode.Enforce, 10, null, id: "fixed")).IdUnchangedUntil);

    [Fact]
    public void IdUnchangedUntil_IdsDiffer_IsNull() =>
        Assert.Null(At(12, Row(PolicyMode.Enforce, 0, 10), Row(PolicyMode.Enforce, 10, null, mx: "new.example.com")).IdUnchangedUntil);

    [Fact]
    public void ModeSince_PoliciesOfOneModeInARow_IsWhenTheFirstCame()
    {
        var history = At(
            30, Row(PolicyMode.Testing, 0, 3), Row(PolicyMode.Enforce, 3, 5),
                Row(PolicyMode.Testing, 5, 10, mx: "b.example.com"), Row(PolicyMode.Testing, 10.01, 20, mx: "c.example.com"),
            Row(PolicyMode.Testing, 20, null, mx: "d.example.com"));

        Assert.Equal((Day(5), Day(20)), (history.ModeSince!.Value, history.ServedSince!.Value));
    }

    [Fact]
    public void Expires_EndedInTheFuture_IsMaxAgeFromNowAtMost() =>
        Assert.Equal(Day(8), Retirement.Expires(Row(PolicyMode.Enforce, 0, 4000), Day(1)));

    [Theory]
    [InlineData(null, 10.0)] // nothing was ever noted
    [InlineData(10.0, 10.0)]
    [InlineData(11.0, 11.0)] // one of the clocks is wrong: the later time
    [InlineData(3.0, 3.0)]
    public void End_PolicyOfAHostThatDied_IsAMinuteAfterItsLastNoteAtMost(double? noted, double expected)
    {
        var end = Retirement.End(noted is { } day ? Day(day) : null, Day(10));

        Assert.InRange(end, Day(expected), Day(expected) + Retirement.NoteEvery);
        Assert.Equal(noted < 10, end == Day(expected) + Retirement.NoteEvery);
    }

    [Fact]
    public void Of_HistoryOfARemovedDomain_KeepsTheLastMx()
    {
        StoredPolicy[] rows = [Row(PolicyMode.Enforce, 0, 5, mx: "old.example.com", maxAge: 86_400),
            Row(PolicyMode.Testing, 5, null, mx: "mail.example.com *.mx.example.net")];

        var copies = Retirement.Of(rows, Day(6), Day(7))!;

        Assert.Equal((Day(13), PolicyMode.Testing, true), (copies.Until, copies.Mode, copies.IsInDns));
        Assert.Equal("version: STSv1\r\nmode: none\r\nmx: mail.example.com\r\nmx: *.mx.example.net\r\nmax_age: 86400\r\n",
            System.Text.Encoding.ASCII.GetString(copies.Retire().Body.Span));
        // The id of the last one may be in DNS still.
        Assert.Equal(Day(13), Retirement.Of(rows, Day(6), Day(1300))!.Until);
        Assert.Null(Retirement.Of([rows[0]], Day(6), Day(7)));
    }

    [Theory]
    [InlineData(5, 11.9, true)]
    [InlineData(5, 12, false)] // a week later
    [InlineData(1, 3, false)] // an earlier policy
    [InlineData(0, 3, false)] // never
    public void IsHeld_IsForAMaxAgeFromTheLastFetchFromOutside(double fetched, double now, bool expected)
    {
        var (policy, statistics) = (Served(PolicyMode.Enforce), new HostStatistics());
        if (fetched > 0) statistics.NoteFromOutside(System.Net.Sockets.AddressFamily.InterNetworkV6, Day(fetched).ToUnixTimeSeconds());

        Assert.Equal(expected, At(now, Row(policy, Day(2), null)).IsHeld(policy, statistics));
        Assert.False(At(now, Row(Served(PolicyMode.Testing), Day(2), null)).IsHeld(policy, statistics));
    }

    [Fact]
    public void IsEnforced_IsTheLastPolicyThatBindsSenders()
    {
        Assert.True(At(3, Row(PolicyMode.Testing, 0, 1), Row(PolicyMode.Enforce, 1, null)).IsEnforced);
        Assert.True(At(3, Row(PolicyMode.Enforce, 0, 2), Row(PolicyMode.None, 2, null)).IsEnforced);
        Assert.False(At(10, Row(PolicyMode.Enforce, 0, 2), Row(PolicyMode.None, 2, null)).IsEnforced);
        Assert.False(At(3, Row(PolicyMode.Enforce, 0, 2), Row(PolicyMode.Testing, 2, null)).IsEnforced);
        Assert.False(At(3).IsEnforced);
    }

    [Fact]
    public void With_PlannedPolicy_MakesTheOneInForceACopyThatSendersHold()
    {
        var planned = Served(PolicyMode.Enforce, mx: "new.example.com", id: "fixed");

        var history = At(3, Row(PolicyMode.Enforce, 0, null, id: "fixed")).With(planned);

        Assert.True(history.IsInForce(planned));
        Assert.Equal([Day(10)], history.Cached.Select(cached => cached.Until));
        Assert.Equal(Day(10), history.IdUnchangedUntil);
        Assert.Same(history, history.With(planned));
    }

    private static DomainHistory At(double day, params StoredPolicy[] rows) => new(rows, Day(day));
}
