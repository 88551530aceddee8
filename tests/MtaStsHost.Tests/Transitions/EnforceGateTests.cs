using MtaSts;
using MtaStsHost.Configuration;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Transitions;

public sealed class EnforceGateTests
{
    [Theory]
    [InlineData(nameof(GateMode.Block), "enforce", false, null, "held")]
    [InlineData(nameof(GateMode.Block), "enforce", false, "Fails", "held")]
    [InlineData(nameof(GateMode.Block), "enforce", false, "Passes", "goes")]
    [InlineData(nameof(GateMode.Block), "enforce", false, "Unknown", "goes, told")]
    [InlineData(nameof(GateMode.Block), "enforce", true, "Fails", "goes")] // it is there already
    [InlineData(nameof(GateMode.Block), "testing", false, "Fails", "goes")]
    [InlineData(nameof(GateMode.Block), "none", false, "Fails", "goes")]
    [InlineData(nameof(GateMode.Warn), "enforce", false, null, "goes")]
    [InlineData(nameof(GateMode.Warn), "enforce", false, "Fails", "goes, told")]
    [InlineData(nameof(GateMode.Warn), "enforce", false, "Unknown", "goes")]
    [InlineData(nameof(GateMode.Warn), "enforce", true, "Fails", "goes")]
    [InlineData(nameof(GateMode.Off), "enforce", false, "Fails", "goes")]
    public void Decide_EachCase_HasItsOutcome(string gate, string mode, bool wasEnforced, string? outcome, string expected)
    {
        Assert.True(PolicyModes.TryParse(mode, out var configured));

        var policy = Served(configured);
        var verdicts = new MxVerdicts();
        if (outcome is not null) verdicts.Set([(policy, new MxVerdict(Enum.Parse<MxOutcome>(outcome), "seen"))]);

        var round = GateRound.Decide(Enum.Parse<GateMode>(gate), new PolicySnapshot([policy]), PolicySnapshot.Empty, verdicts,
            _ => wasEnforced);

        Assert.Equal(expected, round.Held.Count > 0 ? "held" : round.Doubtful.Count > 0 ? "goes, told" : "goes");
        Assert.All(round.Held.Values, held => Assert.NotNull(held.HeldBecause));
    }

    [Fact]
    public void Hold_ConfiguredId_IsNotUsedUpByThePolicyThatIsServedMeanwhile()
    {
        var configured = Served(PolicyMode.Enforce, id: "fixed");

        var held = EnforceGate.Hold(configured, "why");

        Assert.Equal((PolicyMode.Testing, Week, "why"), (held.Policy.Mode, held.Policy.MaxAge, held.HeldBecause));
        Assert.Equal(configured.Policy.Mx, held.Policy.Mx);
        Assert.Equal(PolicyId.Compute(held.Policy), held.Id);
        Assert.Equal(configured.DkimSelectors, held.DkimSelectors);
    }
}
