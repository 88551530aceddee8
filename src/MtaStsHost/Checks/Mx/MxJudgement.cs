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

    private static readonly TimeSpan s_soon = TimeSpan.FromDays(7);

    public static MxReport Judge(MxFacts facts) => new(
        [.. JudgeRecords(facts), .. JudgeNames(facts), .. JudgeCover(facts), .. JudgeHosts(facts), .. JudgeRefusal(facts)],
        [.. facts.Hosts.Select(host => Printable.Text(host.Name))],
        JudgeReadiness(facts));

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
            yield return new(MxFindings.Invalid, severity, domain, Printable.Text(host.Name), host.NameFault!);
        }

        if (facts.Repeated.Count > 0) yield return new(MxFindings.Repeated, domain, facts.Repeated);
        var left = facts.Hosts.Where(host => host is { IsLeftOut: true, NameFault: null }).Select(host => host.Name).ToList();
        if (left.Count > 0)
            yield return new(MxFindings.HostsLeftOut, domain, left,
                facts.DroppedNames > 0 ? $", and {facts.DroppedNames} beyond the first {MxCheck.MaxNames}" : "");
        var cut = facts.Hosts.Where(host => host.LeftOutAddresses > 0).Select(host => host.Name).ToList();
        if (cut.Count > 0) yield return new(MxFindings.AddressesLeftOut, domain, cut, MxFacts.MaxAddresses);
    }

    /// <summary>RFC 8461 §4.1.</summary>
    private static IEnumerable<Finding> JudgeCover(MxFacts facts)
    {
        if (facts.Policy is not { Mode: not PolicyMode.None } policy || facts.Hosts.Count == 0) yield break;
        var uncovered = facts.Hosts.Where(facts.IsUncovered).Select(host => host.Name).ToList();
        if (uncovered.Count > 0)
            yield return new(MxFindings.NotCovered, facts.Severity, facts.Domain.Value, uncovered,
                uncovered.Select(host => PatternFor(policy, host)).Distinct(StringComparer.OrdinalIgnoreCase));
        var unused = policy.Mx.Where(pattern => !facts.Hosts.Any(host => pattern.Matches(host.Name))).Select(mx => mx.Value).ToList();
        if (unused.Count > 0) yield return new(MxFindings.PatternUnused, facts.Domain.Value, unused);
    }

    /// <summary>A wildcard stands for one label only (RFC 8461 §4.1): where the policy has one that is meant for such hosts, the one that
    /// covers them, as for <c>*.mx.microsoft</c> and <c>example-com.h-v1.mx.microsoft</c>.</summary>
    private static string PatternFor(Policy policy, string host) => policy.Mx.Any(pattern => pattern.IsWildcard
        && host.EndsWith(pattern.Value[1..], StringComparison.OrdinalIgnoreCase)) ? $"*.{host.Split('.', 2)[1]}" : host;

    /// <summary>What the hosts showed when they were connected to.</summary>
    private static IEnumerable<Finding> JudgeHosts(MxFacts facts)
    {
        var domain = facts.Domain.Value;
        var looked = facts.Hosts.Where(host => host.IsLookedAt).ToList();
        var isNoneLeft = looked.TrueForAll(host => host.LookupError is null && host.Addresses.Count == 0);
        foreach (var host in looked)
        {
            if (host.LookupError is { } error)
                yield return new(MxFindings.AddressesUnknown, domain, host.Name, host.Addresses.Count > 0 ? "all " : "", error);
            else if (host.Addresses.Count == 0)
                yield return new(MxFindings.NoAddress, isNoneLeft ? FindingSeverity.Error : FindingSeverity.Warning, domain, host.Name);

            // One finding for all addresses that show the same.
            foreach (var same in host.Addresses.GroupBy(entry => (entry.Result.Outcome, entry.Result.Message, entry.IsInconclusive)))
            {
                var where = $"{host.Name} ({string.Join(", ", same.Select(entry => entry.Address))})";
                if (same.Key is { Outcome: not SmtpOutcome.Good, IsInconclusive: false })
                    yield return Explain(facts, where, same.Key.Message, same.Key.Outcome, host.Name);
                if (same.Key.Outcome == SmtpOutcome.Good && Soonest(facts, same) is { } end)
                    yield return new(MxFindings.ExpiresSoon, domain, where, end);
            }

            if (host.Aliases.Count > 0) yield return new(MxFindings.Alias, domain, host.Name, host.Aliases, host.Aliases[^1]);
        }

        // One for the domain: a network that blocks port 25 blocks it to all hosts.
        var closed = looked.SelectMany(host => host.Addresses.Select(entry => (host.Name, entry))).Where(one => one.entry.IsInconclusive)
            .ToLookup(one => one.entry.Result.Outcome == SmtpOutcome.NotGlobal);
        if (closed[true].Any())
            yield return new(MxFindings.NotGlobal, domain, closed[true].Select(one => $"{one.Name} ({one.entry.Address})"));
        var unseen = closed[false].ToList();
        if (unseen.Count > 0)
            yield return new(MxFindings.Inconclusive, domain, unseen.Select(one => $"{one.Name} ({one.entry.Address})"),
                unseen.Select(one => one.entry.Result.Message).Distinct());
        // RFC 7672: senders that support DANE use TLSA records, and wait if they can't find out whether there are any.
        var dane = looked.Where(host => host.TlsaRecords > 0).Select(host => host.Name).ToList();
        if (dane.Count > 0) yield return new(MxFindings.Dane, domain, dane);
        var silent = looked.Where(host => host.TlsaRecords is null).Select(host => $"_25._tcp.{host.Name}").ToList();
        if (silent.Count > 0) yield return new(MxFindings.DaneUnknown, domain, silent);
    }

    private static Finding Explain(MxFacts facts, string where, string fault, SmtpOutcome outcome, string name)
    {
        var descriptor = outcome switch
        {
            SmtpOutcome.NoStartTls => MxFindings.NoStartTls,
            SmtpOutcome.StartTlsRefused => MxFindings.StartTlsRefused,
            SmtpOutcome.InjectedPlaintext => MxFindings.Injected,
            SmtpOutcome.TlsVersion => MxFindings.TlsVersion,
            SmtpOutcome.TlsHandshake => MxFindings.TlsFailed,
            SmtpOutcome.LargeHello => MxFindings.LargeHello,
            SmtpOutcome.Untrusted => MxFindings.Untrusted,
            SmtpOutcome.WrongName => MxFindings.WrongName,
            SmtpOutcome.Expired => MxFindings.Expired,
            _ => MxFindings.Unreachable,
        };
        return new(descriptor, outcome < SmtpOutcome.NoStartTls ? FindingSeverity.Warning : facts.Severity,
            facts.Domain.Value, where, fault, name);
    }

    /// <summary>A week before the end, or in the last fifth of a shorter life.</summary>
    private static DateTimeOffset? Soonest(MxFacts facts, IEnumerable<MxAddress> addresses) => addresses.Select(entry => entry.Result)
        .Where(result => result is { CertificateNotBefore: { } from, CertificateNotAfter: { } to }
            && to - facts.Time is var left && left < s_soon && left < (to - from) / 5)
        .Min(result => result.CertificateNotAfter);

    /// <summary>Says plainly that mail is being lost now.</summary>
    private static IEnumerable<Finding> JudgeRefusal(MxFacts facts)
    {
        if (facts is not { IsSeen: true, Policy.Mode: PolicyMode.Enforce }) yield break;
        var failing = facts.Hosts.Where(host => facts.IsUncovered(host) || host.IsRefusedByPolicy).ToList();
        if (failing.Count == 0) yield break;
        var covered = facts.Hosts.Where(host => !facts.IsUncovered(host)).ToList();
        var working = covered.Where(host => host.IsGood).Select(host => host.Name).ToList();
        var unseen = covered.Where(host => host is { IsGood: false, IsRefusedByPolicy: false, NameFault: null }).ToList();
        var rest = working.Count > 0 ? $"what still works: {List(working)}"
            : unseen.Count > 0 ? $"not checked from here: {List(unseen.Select(host => host.Name))}"
            : "no other MX host works, so such senders deliver nothing";
        yield return new(MxFindings.Refused, facts.Domain.Value, failing.Select(host => Describe(facts, host)), rest);
    }

    /// <summary>Names for a message, cut if there are many.</summary>
    private static string List(IEnumerable<string> names)
    {
        var all = names.ToList();
        return string.Join(", ", all.Take(MostNames).Select(name => Printable.Text(name)))
            + (all.Count > MostNames ? $" and {all.Count - MostNames} more" : "");
    }

    private static string Describe(MxFacts facts, MxHost host)
    {
        if (facts.IsUncovered(host)) return $"{host.Name} (not in the policy)";
        var refused = host.Addresses.Count(entry => entry.Result.IsRefusedByPolicy);
        return refused == host.Addresses.Count ? host.Name : $"{host.Name} (at {refused} of {host.Addresses.Count} addresses)";
    }

    /// <summary>Whether the hosts are ready for mode <c>enforce</c>, whatever mode the policy has.</summary>
    private static MxVerdict JudgeReadiness(MxFacts facts)
    {
        if (facts.LookupError is not null) return new(MxOutcome.Unknown, $"the MX records of {facts.Domain} could not be looked up");
        if (facts.Hosts.Count == 0)
            return facts.HasNullMx ? new(MxOutcome.Passes, $"{facts.Domain} accepts no mail")
                : new(MxOutcome.Fails, $"{facts.Domain} has no MX record and no address");
        if (facts.Hosts.All(host => host is { IsLookedAt: true, LookupError: null, Addresses.Count: 0 }))
            return new(MxOutcome.Fails, $"no MX host of {facts.Domain} has an address");
        var faults = facts.Hosts.Select(host => (host.Name, Fault: FaultOf(facts, host))).Where(host => host.Fault is not null);
        if (List(faults.Select(host => $"{host.Name} ({host.Fault})")) is { Length: > 0 } failing)
            return new(MxOutcome.Fails, $"senders would not deliver to {failing}");
        return List(facts.Hosts.Where(IsUnseen).Select(host => host.Name)) is { Length: > 0 } unseen
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
