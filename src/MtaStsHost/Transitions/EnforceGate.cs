using MtaSts;
using MtaStsHost.Configuration;
using MtaStsHost.Serving;

namespace MtaStsHost.Transitions;

internal enum MxOutcome
{
    /// <summary>Every MX host is covered by the policy and can be delivered to under it.</summary>
    Passes,

    /// <summary>Senders refuse an MX host under the policy.</summary>
    Fails,

    /// <summary>It could not be seen from here, since port 25 can't be reached, say.</summary>
    Unknown,
}

/// <summary>What the last check of a domain's MX hosts against its configured policy showed.</summary>
/// <param name="Message">What was seen; safe to print.</param>
internal sealed record MxVerdict(MxOutcome Outcome, string Message);

/// <summary>What checks say of MX hosts. Whoever checks feeds it.</summary>
internal interface IMxVerdicts
{
    /// <summary>Raised after the verdicts on some domains have changed.</summary>
    event Action<IReadOnlyList<DomainName>>? Changed;

    /// <param name="policy">As it is configured; a verdict on other mx says nothing of it.</param>
    /// <returns><c>null</c>: the domain has not been checked yet.</returns>
    MxVerdict? Find(ServedPolicy policy);

    /// <summary>What is known counts no more; the next check gives a new verdict.</summary>
    void Forget(DomainName domain);
}

/// <param name="ServeTesting">Instead of what is configured.</param>
/// <param name="Reason">Why the domain should not be in <c>enforce</c> yet; <c>null</c>: it may.</param>
internal readonly record struct GateDecision(bool ServeTesting, string? Reason);

/// <summary>
/// Whether a domain may go to <c>enforce</c>. One that is in <c>enforce</c> already stays there: senders hold copies of that policy, so
/// that to serve another helps nobody, and a check that fails once would take a domain's protection away.
/// </summary>
internal static class EnforceGate
{
    private const string NeverChecked = "its MX hosts have not been checked yet";

    /// <param name="configured">The configured mode.</param>
    /// <param name="wasEnforced">Whether the last policy that bound senders was in <c>enforce</c> and they may hold it, or that isn't
    /// known.</param>
    /// <param name="verdict"><c>null</c>: never checked.</param>
    public static GateDecision Decide(GateMode gate, PolicyMode configured, bool wasEnforced, MxVerdict? verdict)
    {
        if (configured != PolicyMode.Enforce || gate == GateMode.Off || wasEnforced
            || verdict is { Outcome: MxOutcome.Passes }) return default;
        if (gate == GateMode.Block)
        {
            // What can't be seen from here will not be seen tomorrow: a network without port 25 must not hold a domain for ever.
            return verdict is { Outcome: MxOutcome.Unknown } ? new GateDecision(false, verdict.Message)
                : new GateDecision(true, verdict?.Message ?? NeverChecked);
        }

        // What nobody has seen is nothing to warn of: the check that follows tells it.
        return new GateDecision(false, verdict is { Outcome: MxOutcome.Fails } ? verdict.Message : null);
    }

    /// <summary>What is served meanwhile. Its id is always its own: under a configured one, senders would not fetch the policy that
    /// follows.</summary>
    public static ServedPolicy Hold(ServedPolicy configured, string reason)
    {
        var policy = new Policy(PolicyMode.Testing, configured.Policy.Mx, configured.Policy.MaxAge);
        return new ServedPolicy(configured.Domain, policy, PolicyId.Compute(policy),
            PolicyFormatter.Format(policy), configured.TlsRpt)
        {
            DkimSelectors = configured.DkimSelectors,
            HeldBecause = reason,
        };
    }
}
