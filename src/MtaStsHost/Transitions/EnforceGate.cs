using MtaStsHost.Configuration;
using MtaStsHost.Serving;

namespace MtaStsHost.Transitions;

/// <param name="ServeTesting">Instead of what is configured.</param>
/// <param name="Reason">Why the domain should not be in <c>enforce</c> yet; <c>null</c>: it may.</param>
internal readonly record struct GateDecision(bool ServeTesting, string? Reason);

/// <summary>
/// Whether a domain may go to <c>enforce</c>. One that is in <c>enforce</c> already stays there: senders hold copies of that policy, so
/// serving another does not help, and one failed check would take away a domain's protection.
/// </summary>
internal static class EnforceGate
{
    private const string NeverChecked = "its MX hosts have not been checked yet";

    /// <param name="configured">The configured mode.</param>
    /// <param name="wasEnforced">Whether senders may hold a policy in <c>enforce</c>, or that isn't known.</param>
    /// <param name="verdict"><c>null</c>: not checked yet.</param>
    public static GateDecision Decide(GateMode gate, PolicyMode configured, bool wasEnforced, MxVerdict? verdict)
    {
        if (configured != PolicyMode.Enforce || gate == GateMode.Off || wasEnforced
            || verdict is { Outcome: MxOutcome.Passes }) return default;
        // A network without port 25 must not hold a domain for ever.
        if (gate == GateMode.Block) return verdict is { Outcome: MxOutcome.Unknown } ? new GateDecision(false, verdict.Message)
            : new GateDecision(true, verdict?.Message ?? NeverChecked);
        // Without a verdict there is nothing to warn of; the check that follows reports what it finds.
        return new GateDecision(false, verdict is { Outcome: MxOutcome.Fails } ? verdict.Message : null);
    }

    /// <summary>What is served meanwhile. Its id is always the hash of its text: if a configured id were used, senders would not fetch the
    /// policy that follows.</summary>
    public static ServedPolicy Hold(ServedPolicy configured, string reason)
    {
        var policy = new Policy(PolicyMode.Testing, configured.Policy.Mx, configured.Policy.MaxAge);
        return new ServedPolicy(configured.Domain, policy, PolicyId.Compute(policy), PolicyFormatter.Format(policy), configured.TlsRpt)
        {
            DkimSelectors = configured.DkimSelectors,
            HeldBecause = reason,
        };
    }
}
