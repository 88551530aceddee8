using MtaSts;
using MtaStsHost.Checks;
using MtaStsHost.Checks.Mx;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Policies.History;
using static MtaStsHost.Tests.Policies.History.Past;

namespace MtaStsHost.Tests.Checks.Sts;

public sealed class GateJudgementTests
{
    private static readonly MxFitness s_unfit = new(MxFit.Unfit, "mail.example.com has no STARTTLS");

    [Fact]
    public void Judge_Held_IsAWarningWithTheRecordOfWhatIsServed()
    {
        var held = EnforceGate.Hold(Served(PolicyMode.Enforce), "seen by the host");

        var finding = GateJudgement.Judge(Subject(held), s_unfit)!;

        Assert.Equal(("enforce-held", FindingSeverity.Warning), (finding.Code, finding.Severity));
        Assert.Equal("example.com is configured to go to enforce and is served in mode testing (MtaSts:EnforceGate is Block): mail.example.com has no STARTTLS", finding.Message);
        Assert.Contains($"TXT \"{held.TxtValue}\"", finding.Fix, StringComparison.Ordinal);
        Assert.Contains("has not seen its MX hosts pass yet", GateJudgement.Judge(Subject(held), new MxFitness(MxFit.Fit, "all right"))!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_ARunningHostOrOneThatIsNotHeld_FindsNothing()
    {
        Assert.Null(GateJudgement.Judge(Subject(EnforceGate.Hold(Served(PolicyMode.Enforce), "seen")) with { IsGated = false }, s_unfit));
        Assert.Null(GateJudgement.Judge(Subject(Served(PolicyMode.Enforce)), s_unfit));
    }

    private static CheckSubject Subject(MtaStsHost.Policies.ServedPolicy served) => new(served.Domain, served) { IsGated = true };
}
