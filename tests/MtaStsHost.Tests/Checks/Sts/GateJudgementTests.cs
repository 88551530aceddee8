using MtaSts;
using MtaStsHost.Checks;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Checks.Sts;

public sealed class GateJudgementTests
{
    private static readonly MxVerdict s_fails = new(MxOutcome.Fails, "mail.example.com has no STARTTLS");

    [Fact]
    public void JudgeGate_Held_IsAWarningWithTheRecordOfWhatIsServed()
    {
        var held = EnforceGate.Hold(Served(PolicyMode.Enforce), "seen by the host");

        var finding = PolicyJudgement.JudgeGate(Subject(held), s_fails)!;

        Assert.Equal(("enforce-held", FindingSeverity.Warning), (finding.Code, finding.Severity));
        Assert.Equal(
            "example.com is configured for mode enforce and is served in mode testing (MtaSts:EnforceGate is Block): mail.example.com has "
            + "no STARTTLS", finding.Message);
        Assert.Contains($"TXT \"{held.TxtValue}\"", finding.Fix, StringComparison.Ordinal);
        Assert.Contains("has not seen its MX hosts pass yet",
            PolicyJudgement.JudgeGate(Subject(held), new MxVerdict(MxOutcome.Passes, "all right"))!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(MxOutcome.Fails), true)]
    [InlineData(nameof(MxOutcome.Unknown), false)] // it goes, as the gate has it
    [InlineData(nameof(MxOutcome.Passes), false)]
    public void JudgeGate_PlannedEnforce_IsAWarningWhereItWillBeHeld(string outcome, bool isFound)
    {
        var finding = PolicyJudgement.JudgeGate(Subject(Served(PolicyMode.Enforce)) with { Purpose = CheckPurpose.PlannedBehindGate },
            s_fails with { Outcome = Enum.Parse<MxOutcome>(outcome) });

        Assert.Equal(isFound
            ? "example.com is to change to mode enforce and will be served in mode testing (MtaSts:EnforceGate is Block): "
                + "mail.example.com has no "
            + "STARTTLS" : null, finding?.Message);
        var planned = Subject(Served(PolicyMode.Testing)) with { Purpose = CheckPurpose.PlannedBehindGate };
        Assert.Null(PolicyJudgement.JudgeGate(planned, s_fails));
    }

    [Fact]
    public void JudgeGate_ARunningHostOrOneThatIsNotHeld_FindsNothing()
    {
        Assert.Null(PolicyJudgement.JudgeGate(Subject(EnforceGate.Hold(Served(PolicyMode.Enforce), "seen"))
            with { Purpose = CheckPurpose.Background }, s_fails));
        Assert.Null(PolicyJudgement.JudgeGate(Subject(Served(PolicyMode.Enforce)), s_fails));
    }

    private static CheckSubject Subject(MtaStsHost.Serving.ServedPolicy served) =>
        new(served.Domain, served) { Purpose = CheckPurpose.Explain };
}
