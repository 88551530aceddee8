using MtaStsHost.Configuration;
using MtaStsHost.Serving;

namespace MtaStsHost.Transitions;

/// <summary>What the enforce gate decides for all domains at one moment, and which of that is news.</summary>
internal sealed class GateRound
{
    /// <summary>Served instead of what is configured.</summary>
    public Dictionary<DomainName, ServedPolicy> Held { get; } = [];

    /// <summary>Held from now on.</summary>
    public List<(ServedPolicy Policy, string Reason)> Begun { get; } = [];

    /// <summary>Goes to <c>enforce</c> against the advice of the checks.</summary>
    public List<(ServedPolicy Policy, string Reason)> Doubtful { get; } = [];

    /// <summary>Held until now.</summary>
    public List<ServedPolicy> Released { get; } = [];

    public static GateRound Decide(GateMode gate, PolicySnapshot configured, PolicySnapshot before, MxVerdicts verdicts,
        Func<ServedPolicy, bool> wasEnforced)
    {
        var round = new GateRound();
        if (gate == GateMode.Off) return round;
        foreach (var policy in configured.All)
        {
            // Skips nearly all domains, nearly always.
            if (policy.Policy.Mode != PolicyMode.Enforce || wasEnforced(policy)) continue;
            var decision = EnforceGate.Decide(gate, policy.Policy.Mode, wasEnforced: false, verdicts.Find(policy));
            var wasHeld = before.TryFind(policy.Host, out var known) && known.HeldBecause is not null;
            if (decision.ServeTesting)
            {
                round.Held.Add(policy.Domain, EnforceGate.Hold(policy, decision.Reason!));
                if (!wasHeld) round.Begun.Add((policy, decision.Reason!));
                continue;
            }

            if (decision.Reason is not null) round.Doubtful.Add((policy, decision.Reason));
            if (wasHeld) round.Released.Add(policy);
        }

        return round;
    }
}
