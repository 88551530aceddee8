using MtaSts;
using MtaStsHost.Checks;
using MtaStsHost.Checks.Mx;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Checks;

public sealed class GateJudgementTests
{
    private static readonly MxFitness s_unfit = new(MxFit.Unfit, "mail.example.com has no STARTTLS");

    [Fact]
    public void Judge_Held_IsAWarningWithTheRecordOfWhatIsServed()
    {
        var held = EnforceGate.Hold(Served(PolicyMode.Enforce), "seen by the host");

        var finding = GateJudgement.Judge(Subject(held), s_unfit)!;

        Assert.Equal(("enforce-held", FindingSeverity.Warning), (finding.Code, finding.Severity));
        Assert.Equal(
            "example.com is configured to go to enforce and is served in mode testing (MtaSts:EnforceGate is Block): mail.example.com "
            + "has no STARTTLS", finding.Message);
        Assert.Contains($"TXT \"{held.TxtValue}\"", finding.Fix, StringComparison.Ordinal);
        Assert.Contains("has not seen its MX hosts pass yet",
            GateJudgement.Judge(Subject(held), new MxFitness(MxFit.Fit, "all right"))!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(MxFit.Unfit), true)]
    [InlineData(nameof(MxFit.Unknown), false)] // it goes, as the gate has it
    [InlineData(nameof(MxFit.Fit), false)]
    public void Judge_PlannedEnforce_IsAWarningWhereItWillBeHeld(string fit, bool isFound)
    {
        var finding = GateJudgement.Judge(Subject(Served(PolicyMode.Enforce)) with { IsPlanned = true },
            s_unfit with { Fit = Enum.Parse<MxFit>(fit) });

        Assert.Equal(isFound
            ? "example.com is to go to enforce and will be served in mode testing (MtaSts:EnforceGate is Block): mail.example.com has no "
            + "STARTTLS" : null, finding?.Message);
        Assert.Null(GateJudgement.Judge(Subject(Served(PolicyMode.Testing)) with { IsPlanned = true }, s_unfit));
    }

    [Fact]
    public void Judge_ARunningHostOrOneThatIsNotHeld_FindsNothing()
    {
        Assert.Null(GateJudgement.Judge(Subject(EnforceGate.Hold(Served(PolicyMode.Enforce), "seen")) with { IsGated = false }, s_unfit));
        Assert.Null(GateJudgement.Judge(Subject(Served(PolicyMode.Enforce)), s_unfit));
    }

    private static CheckSubject Subject(MtaStsHost.Serving.ServedPolicy served) => new(served.Domain, served) { IsGated = true };
}
