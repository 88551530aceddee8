using MtaStsHost.Configuration;
using MtaStsHost.Serving;

namespace MtaStsHost.Transitions;

/// <summary>
/// Whether a domain may go to <c>enforce</c>. One that is in <c>enforce</c> already stays there: senders hold copies of that policy, so
/// serving another does not help, and one failed check would take away a domain's protection.
/// </summary>
internal static class EnforceGate
{
    private const string NeverChecked = "its MX hosts have not been checked yet";

    /// <summary>For a domain that is configured for <c>enforce</c> and that senders don't know in it yet.</summary>
    /// <param name="verdict"><c>null</c>: not checked yet.</param>
    /// <returns>Whether it is held in <c>testing</c>, and why it should not be in <c>enforce</c> yet; <c>null</c>: it may.</returns>
    public static (bool IsHeld, string? Reason) Decide(GateMode gate, MxVerdict? verdict) => (gate, verdict?.Outcome) switch
    {
        (GateMode.Off, _) or (_, MxOutcome.Passes) => default,
        // A network without port 25 must not hold a domain for ever.
        (GateMode.Block, not MxOutcome.Unknown) => (true, verdict?.Message ?? NeverChecked),
        (GateMode.Block, _) or (_, MxOutcome.Fails) => (false, verdict?.Message),
        // Without a verdict there is nothing to warn of; the check that follows reports what it finds.
        _ => default,
    };

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

/// <summary>What the enforce gate decides for all domains at one moment, and which of that is news.</summary>
internal sealed class GateRound
{
    /// <summary>Served instead of what is configured.</summary>
    public Dictionary<DomainName, ServedPolicy> Held { get; } = [];

    /// <summary>Held from now on.</summary>
    public List<ServedPolicy> Begun { get; } = [];

    /// <summary>Goes to <c>enforce</c> against the advice of the checks.</summary>
    public List<(ServedPolicy Policy, string Reason)> Doubtful { get; } = [];

    /// <summary>Held until now.</summary>
    public List<ServedPolicy> Released { get; } = [];

    public static GateRound Decide(GateMode gate, PolicySnapshot configured, PolicySnapshot before, MxVerdicts verdicts,
        Func<ServedPolicy, bool> wasEnforced)
    {
        var round = new GateRound();
        if (gate == GateMode.Off) return round;
        // Skips nearly all domains, nearly always.
        foreach (var policy in configured.All.Where(policy => policy.Policy.Mode == PolicyMode.Enforce && !wasEnforced(policy)))
        {
            var (holds, reason) = EnforceGate.Decide(gate, verdicts.Find(policy));
            var wasHeld = before.TryFind(policy.Host, out var known) && known.HeldBecause is not null;
            if (holds)
            {
                var held = round.Held[policy.Domain] = EnforceGate.Hold(policy, reason!);
                if (!wasHeld) round.Begun.Add(held);
                continue;
            }

            if (reason is not null) round.Doubtful.Add((policy, reason));
            if (wasHeld) round.Released.Add(policy);
        }

        return round;
    }
}
