using MtaStsHost.Transitions;

namespace MtaStsHost.Checks.Mx;

/// <summary>Whether a domain's MX hosts are ready for mode <c>enforce</c>, whatever mode its policy has. Pure.</summary>
internal static class MxReadiness
{
    public static MxVerdict Judge(MxFacts facts)
    {
        if (facts.LookupError is not null) return new(MxOutcome.Unknown, $"the MX records of {facts.Domain} could not be looked up");
        if (facts.Hosts.Count == 0)
            return facts.HasNullMx ? new(MxOutcome.Passes, $"{facts.Domain} accepts no mail")
                : new(MxOutcome.Fails, $"{facts.Domain} has no MX record and no address");
        if (facts.Hosts.All(host => host is { IsLookedAt: true, LookupError: null, Addresses.Count: 0 }))
            return new(MxOutcome.Fails, $"no MX host of {facts.Domain} has an address");
        var faults = facts.Hosts.Select(host => (host.Name, Fault: FaultOf(facts, host))).Where(host => host.Fault is not null);
        if (MxFacts.List(faults.Select(host => $"{host.Name} ({host.Fault})")) is { Length: > 0 } failing)
            return new(MxOutcome.Fails, $"senders would not deliver to {failing}");
        return MxFacts.List(facts.Hosts.Where(IsUnseen).Select(host => host.Name)) is { Length: > 0 } unseen
            ? new(MxOutcome.Unknown, $"these MX hosts could not be checked from here: {unseen}")
            : new(MxOutcome.Passes, $"all MX hosts of {facts.Domain} passed the check");
    }

    private static string? FaultOf(MxFacts facts, MxHost host)
    {
        if (host.NameFault is not null) return "not a valid host name";
        if (facts.IsUncovered(host)) return "not in the policy";
        // A host that doesn't answer now may answer without TLS tomorrow: it is not known to be ready.
        var failing = host.Addresses.Where(entry => entry.Result.IsRefusedByPolicy
            || (entry.Result.Outcome != SmtpOutcome.Good && !entry.IsInconclusive)).ToList();
        return failing.Count == 0 ? null : $"{string.Join(", ", failing.Select(entry => entry.Address))} {failing[0].Result.Message}";
    }

    private static bool IsUnseen(MxHost host) => host.IsLeftOut || host.LookupError is not null
        || host.LeftOutAddresses > 0 || host.Addresses.Any(entry => entry.IsInconclusive);
}
