namespace MtaStsHost.Checks.Mx;

internal enum MxFit
{
    /// <summary>Senders that honour the policy would deliver to every MX host, were it in mode <c>enforce</c>.</summary>
    Fit,

    /// <summary>They would not deliver to some host, or some address of one; or nobody can deliver there.</summary>
    Unfit,

    /// <summary>Something could not be looked at from here, and what could is all right.</summary>
    Unknown,
}

/// <summary>Whether a domain's MX hosts are fit for mode <c>enforce</c>, whatever mode its policy has. Pure.</summary>
/// <param name="Message">What was seen; safe to print, and the same as long as the same is seen.</param>
internal sealed record MxFitness(MxFit Fit, string Message)
{
    public static MxFitness Judge(MxFacts facts)
    {
        if (facts.LookupError is not null) return new(MxFit.Unknown, $"DNS doesn't tell the MX hosts of {facts.Domain}");
        if (facts.Hosts.Count == 0)
            return facts.HasNullMx ? new(MxFit.Fit, $"{facts.Domain} takes no mail")
                : new(MxFit.Unfit, $"{facts.Domain} has no MX record and no address");
        var faults = facts.Hosts.Select(host => (host.Name, Fault: FaultOf(facts, host))).Where(host => host.Fault is not null).ToList();
        if (facts.Hosts.All(host => host is { IsLookedAt: true, LookupError: null, Addresses.Count: 0 }))
            return new(MxFit.Unfit, $"no MX host of {facts.Domain} has an address");
        if (faults.Count > 0) return new(MxFit.Unfit,
            $"senders would not deliver to {MxJudgement.List([.. faults.Select(host => $"{host.Name} ({host.Fault})")])}");
        var unseen = facts.Hosts.Where(IsUnseen).Select(host => host.Name).ToList();
        return unseen.Count > 0
            ? new(MxFit.Unknown, $"from here nobody can tell whether these MX hosts are all right: {MxJudgement.List(unseen)}")
            : new(MxFit.Fit, $"all MX hosts of {facts.Domain} are all right");
    }

    private static string? FaultOf(MxFacts facts, MxHost host)
    {
        if (host.NameFault is not null) return "no host name";
        if (MxJudgement.IsUncovered(facts.Policy, host)) return "not in the policy";
        // One that doesn't answer now may answer without TLS tomorrow: it is not known to be fit.
        var failing = host.Addresses.Where(entry => entry.Result.IsRefusedByPolicy
            || (entry.Result.Outcome != SmtpOutcome.Good && !MxHostJudgement.IsUnknown(entry))).ToList();
        return failing.Count == 0 ? null : $"{string.Join(", ", failing.Select(entry => entry.Address))} {failing[0].Result.Message}";
    }

    private static bool IsUnseen(MxHost host) => host.IsLeftOut || host.LookupError is not null
        || host.LeftOutAddresses > 0 || host.Addresses.Any(MxHostJudgement.IsUnknown);
}
