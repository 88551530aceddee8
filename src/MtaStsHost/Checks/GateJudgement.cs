using MtaSts;
using MtaStsHost.Checks.Mx;
using MtaStsHost.Serving;

namespace MtaStsHost.Checks;

/// <summary>What the enforce gate (MtaSts:EnforceGate is Block) makes of a domain. Pure.</summary>
internal static class GateJudgement
{
    private const string Rfc = "RFC 8461 §5";

    /// <param name="fitness">As it was just seen; the running host may have looked earlier.</param>
    public static Finding? Judge(CheckSubject subject, MxFitness fitness) => subject switch
    {
        { IsGated: true, Served: { HeldBecause: not null } held } =>
            JudgeHeld(held, fitness.Fit == MxFit.Unfit ? fitness.Message
            : "the running host has not seen its MX hosts pass yet, and looks again within minutes"),
        { IsGated: true, IsPlanned: true, Served: { Policy.Mode: PolicyMode.Enforce } planned } when fitness.Fit == MxFit.Unfit =>
            JudgePlanned(planned, fitness.Message),
        _ => null,
    };

    private static Finding JudgePlanned(ServedPolicy planned, string reason) => new(
        "enforce-held", FindingSeverity.Warning,
            $"{planned.Domain} is to go to enforce and will be served in mode testing (MtaSts:EnforceGate is Block): {reason}",
        $"mend the MX hosts of {planned.Domain} before the deployment; the id to publish is that in /health, until the log tells that it "
            + $"is in enforce", Rfc);

    /// <param name="held">As it is served meanwhile.</param>
    public static Finding JudgeHeld(ServedPolicy held, string reason) => new(
        "enforce-held", FindingSeverity.Warning,
            $"{held.Domain} is configured to go to enforce and is served in mode testing (MtaSts:EnforceGate is Block): {reason}",
        $"mend the MX hosts (MtaStsHost check {held.Domain}); publish {held.TxtName}. TXT \"{held.TxtValue}\" meanwhile, and the new one "
            + $"when the log tells that it is in enforce", Rfc);
}
