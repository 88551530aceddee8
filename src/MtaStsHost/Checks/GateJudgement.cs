using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;

namespace MtaStsHost.Checks;

/// <summary>What the enforce gate (MtaSts:EnforceGate is Block) makes of a domain. Pure.</summary>
internal static class GateJudgement
{
    /// <param name="verdict">As the MX hosts were just seen; the running service may have checked them earlier.</param>
    public static Finding? Judge(CheckSubject subject, MxVerdict verdict) => subject switch
    {
        { Purpose: CheckPurpose.Explain, Served: { HeldBecause: not null } held } =>
            JudgeHeld(held, verdict.Outcome == MxOutcome.Fails ? verdict.Message
            : "the running service has not seen its MX hosts pass yet, and checks them again within minutes"),
        { Purpose: CheckPurpose.PlannedBehindGate, Served.Policy.Mode: PolicyMode.Enforce } when verdict.Outcome == MxOutcome.Fails =>
            new(PolicyFindings.EnforceWillBeHeld, subject.Domain.Value, verdict.Message),
        _ => null,
    };

    /// <param name="held">As it is served meanwhile.</param>
    public static Finding JudgeHeld(ServedPolicy held, string reason) =>
        new(PolicyFindings.EnforceHeld, held.Domain.Value, reason, held.TxtValue);
}
