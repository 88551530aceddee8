using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Transitions;

namespace MtaStsHost.Checks.Mx;

/// <summary>What the check of a domain's MX hosts brought.</summary>
/// <param name="Hosts">The MX hosts in DNS, or the domain itself if it is its own MX; empty if there are none or the lookup failed.
/// Safe to print.</param>
/// <param name="Verdict">Whether the policy may be in mode <c>enforce</c>.</param>
internal sealed record MxReport(IReadOnlyList<Finding> Findings, IReadOnlyList<string> Hosts, MxVerdict Verdict);

/// <summary>What the MX records are worth, and what senders that honor the policy make of them. Pure.</summary>
internal static class MxJudgement
{
    private const int MostNames = 10;

    public static MxReport Judge(MxFacts facts) => new(
        [.. JudgeRecords(facts), .. JudgeNames(facts), .. JudgeCover(facts), .. MxHostJudgement.Judge(facts), .. JudgeRefusal(facts)],
        [.. facts.Hosts.Select(host => Printable.Text(host.Name))],
        MxReadiness.Judge(facts));

    private static IEnumerable<Finding> JudgeRecords(MxFacts facts)
    {
        var domain = facts.Domain.Value;
        if (facts.LookupError is { } error) yield return new(MxFindings.LookupFailed, domain, error);
        else if (facts.IsImplicit) yield return new(MxFindings.Implicit, domain);
        else if (facts is { HasNullMx: false, Hosts.Count: 0 }) yield return new(MxFindings.Missing, domain);
        else if (facts is { HasNullMx: true, Hosts.Count: > 0 }) yield return new(MxFindings.NullBesideOthers, domain);
        else if (facts.HasNullMx)
            yield return new(facts.Policy is { Mode: not PolicyMode.None } ? MxFindings.NullWithPolicy : MxFindings.Null, domain);
    }

    private static IEnumerable<Finding> JudgeNames(MxFacts facts)
    {
        var domain = facts.Domain.Value;
        foreach (var host in facts.Hosts.Where(host => host.NameFault is not null).Take(MostNames))
        {
            // Senders without MTA-STS do deliver to a name with an underscore; but no certificate is issued for one.
            var severity = host.Name.Contains('_', StringComparison.Ordinal) ? facts.Severity : FindingSeverity.Error;
            yield return new(MxFindings.Invalid, domain, Printable.Text(host.Name), host.NameFault!) { Severity = severity };
        }

        if (facts.Repeated.Count > 0) yield return new(MxFindings.Repeated, domain, facts.Repeated);
        var left = facts.Hosts.Where(host => host is { IsLeftOut: true, NameFault: null }).Select(host => host.Name).ToList();
        if (left.Count > 0) yield return new(MxFindings.HostsLeftOut, domain, left);
        var cut = facts.Hosts.Where(host => host.LeftOutAddresses > 0).Select(host => host.Name).ToList();
        if (cut.Count > 0) yield return new(MxFindings.AddressesLeftOut, domain, cut, MxFacts.MaxAddresses);
    }

    /// <summary>RFC 8461 §4.1.</summary>
    private static IEnumerable<Finding> JudgeCover(MxFacts facts)
    {
        if (facts.Policy is not { Mode: not PolicyMode.None } policy || facts.Hosts.Count == 0) yield break;
        var uncovered = facts.Hosts.Where(facts.IsUncovered).Select(host => host.Name).ToList();
        if (uncovered.Count > 0)
            yield return new(MxFindings.NotCovered, facts.Domain.Value, uncovered) { Severity = facts.Severity };
        var unused = policy.Mx.Where(pattern => !facts.Hosts.Any(host => pattern.Matches(host.Name))).Select(mx => mx.Value).ToList();
        if (unused.Count > 0) yield return new(MxFindings.PatternUnused, facts.Domain.Value, unused);
    }

    /// <summary>Says plainly that mail is being lost now.</summary>
    private static IEnumerable<Finding> JudgeRefusal(MxFacts facts)
    {
        if (facts is not { IsSeen: true, Policy.Mode: PolicyMode.Enforce }) yield break;
        var failing = facts.Hosts.Where(host => facts.IsUncovered(host) || host.IsRefusedByPolicy).ToList();
        if (failing.Count == 0) yield break;
        var covered = facts.Hosts.Where(host => !facts.IsUncovered(host)).ToList();
        var working = covered.Where(host => host.IsGood).Select(host => host.Name).ToList();
        var unseen = covered.Where(host => host is { IsGood: false, IsRefusedByPolicy: false, NameFault: null }).Select(host => host.Name)
            .ToList();
        var rest = (working.Count, unseen.Count) switch
        {
            ( > 0, _) => $"what still works: {MxFacts.List(working)}",
            (_, > 0) => $"not checked from here: {MxFacts.List(unseen)}",
            _ => "no other MX host works, so such senders deliver nothing",
        };
        yield return new(MxFindings.Refused, facts.Domain.Value, failing.Select(host => Describe(facts, host)), rest);
    }

    private static string Describe(MxFacts facts, MxHost host)
    {
        if (facts.IsUncovered(host)) return $"{host.Name} (not in the policy)";
        var refused = host.Addresses.Count(entry => entry.Result.IsRefusedByPolicy);
        return refused == host.Addresses.Count ? host.Name : $"{host.Name} (at {refused} of {host.Addresses.Count} addresses)";
    }
}
