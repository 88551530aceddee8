using MtaSts;
using MtaStsHost.Text;

namespace MtaStsHost.Checks.Mx;

/// <summary>What the MX records are worth, and what senders that honour the policy make of them. Pure.</summary>
internal static class MxJudgement
{
    private const int MostNames = 10;

    public static MxReport Judge(MxFacts facts)
    {
        var findings = new List<Finding>();
        findings.AddRange(JudgeRecords(facts));
        findings.AddRange(JudgeNames(facts));
        findings.AddRange(JudgeCover(facts));
        findings.AddRange(MxHostJudgement.Judge(facts));
        if (JudgeRefusal(facts) is { } refused) findings.Add(refused);
        return new MxReport(
            findings,
            [.. facts.Hosts.Select(host => Printable.Text(host.Name))],
            facts.Hosts.Any(host => IsUncovered(facts.Policy, host) || host.IsRefusedByPolicy),
            MxFitness.Judge(facts));
    }

    /// <summary>Names for a message, cut where there are many.</summary>
    public static string List(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(MostNames).Select(name => Printable.Text(name)))
            + (names.Count > MostNames ? $" and {names.Count - MostNames} more" : "");

    private static IEnumerable<Finding> JudgeRecords(MxFacts facts)
    {
        var domain = facts.Domain;
        if (facts.LookupError is { } error)
            return [new("mx-missing", FindingSeverity.Unknown, $"DNS doesn't tell where mail for {domain} goes: {Printable.Text(error)}",
                "see that the domain's name servers answer", "RFC 5321 §5.1")];
        if (facts.IsImplicit)
            return [new("mx-missing", FindingSeverity.Info, $"{domain} has no MX record; mail goes to its own address",
                $"to say so, publish {domain}. MX 10 {domain}.", "RFC 5321 §5.1")];
        if (facts is { HasNullMx: false, Hosts.Count: 0 })
        {
            return
            [
                new("mx-missing", FindingSeverity.Error, $"{domain} has no MX record and no address: no mail can be delivered",
                    $"publish {domain}. MX 10 with the name of the mail server; or {domain}. MX 0 . where the domain takes no mail",
                        "RFC 5321 §5.1"),
            ];
        }

        return facts.HasNullMx ? [JudgeNullMx(facts)] : [];
    }

    private static Finding JudgeNullMx(MxFacts facts)
    {
        var domain = facts.Domain;
        if (facts.Hosts.Count > 0)
        {
            return new("mx-null", FindingSeverity.Error,
                $"{domain} says that it takes no mail (a null MX), and has other MX records beside that: senders may do either",
                $"take {domain}. MX 0 . out of DNS, or the other MX records", "RFC 7505 §3");
        }

        return facts.Policy is { Mode: not PolicyMode.None }
            ? new("mx-null", FindingSeverity.Warning, $"{domain} takes no mail (a null MX), so its policy is of no use",
                "retire the policy (mode none), or publish the MX records that are missing", "RFC 7505 §3")
            : new("mx-null", FindingSeverity.Info, $"{domain} takes no mail (a null MX)", null, "RFC 7505 §3");
    }

    private static IEnumerable<Finding> JudgeNames(MxFacts facts)
    {
        foreach (var host in facts.Hosts.Where(host => host.NameFault is not null).Take(MostNames))
        {
            // Senders that know nothing of MTA-STS do go to a name with an underscore; but no certificate is issued for one.
            var severity = host.Name.Contains('_', StringComparison.Ordinal) ? Severity(facts.Policy) : FindingSeverity.Error;
            yield return new("mx-invalid", severity,
                $"the MX {Printable.Text(host.Name)} of {facts.Domain} is no host name, so no certificate is valid for it: it "
                + $"{host.NameFault}",
                "let the MX record hold the name of a host that has an A or AAAA record", "RFC 5321 §5.1");
        }

        if (facts.Repeated.Count > 0)
            yield return new("mx-repeated", FindingSeverity.Info, $"more than one MX record names {List(facts.Repeated)}",
                "one record a host is enough", "RFC 5321 §5.1");
        var left = facts.Hosts.Where(host => host is { IsLeftOut: true, NameFault: null }).Select(host => host.Name).ToList();
        if (left.Count > 0)
            yield return new("mx-left-out", FindingSeverity.Unknown,
                $"{facts.Domain} has so many MX hosts that {left.Count} were not looked at: {List(left)}",
                "a few MX hosts are enough", null) { Unseen = Finding.Join(left) };
        var cut = facts.Hosts.Where(host => host.LeftOutAddresses > 0).ToList();
        if (cut.Count > 0)
        {
            yield return new("mx-left-out", FindingSeverity.Unknown,
                $"no more than {MxCheck.MaxAddresses} addresses were looked at of "
                + $"{List([.. cut.Select(host => $"{host.Name} ({host.LeftOutAddresses} more)")])}", null, null)
            {
                Unseen = Finding.Join(cut.Select(host => host.Name)),
            };
        }
    }

    /// <summary>RFC 8461 §4.1.</summary>
    private static IEnumerable<Finding> JudgeCover(MxFacts facts)
    {
        if (facts.Policy is not { Mode: not PolicyMode.None } policy || facts.Hosts.Count == 0) yield break;
        var uncovered = facts.Hosts.Where(host => IsUncovered(policy, host)).Select(host => host.Name).ToList();
        if (uncovered.Count > 0)
        {
            yield return new("mx-not-covered", Severity(policy), $"the policy of {facts.Domain} doesn't name {List(uncovered)}",
                $"add to the domain's Mx: {List(uncovered)}; then publish the new id; or take the MX record out of DNS", "RFC 8461 §4.1");
        }

        var unused = policy.Mx.Where(pattern => !facts.Hosts.Any(host => pattern.Matches(host.Name)))
            .Select(pattern => pattern.Value).ToList();
        if (unused.Count > 0)
            yield return new("mx-pattern-unused", FindingSeverity.Info, $"the policy names {List(unused)}, and no MX record does",
                "leave it while you add or remove that host; else take it out of Mx", "RFC 8461 §4.1");
    }

    /// <summary>The one that says it plainly: mail is being lost now.</summary>
    private static Finding? JudgeRefusal(MxFacts facts)
    {
        if (facts is not { IsSeen: true, Policy: { Mode: PolicyMode.Enforce } policy }) return null;
        var failing = facts.Hosts.Where(host => IsUncovered(policy, host) || host.IsRefusedByPolicy).ToList();
        if (failing.Count == 0) return null;
        var working = facts.Hosts.Where(host => !IsUncovered(policy, host) && host.IsGood).Select(host => host.Name).ToList();
        var unseen = facts.Hosts.Where(host => !IsUncovered(policy, host)
            && !host.IsGood && !host.IsRefusedByPolicy && host.NameFault is null).Select(host => host.Name).ToList();
        var rest = (working.Count, unseen.Count) switch
        {
            ( > 0, _) => $"what is left is {List(working)}",
            (_, > 0) => $"nobody here could see whether {List(unseen)} works",
            _ => "no MX host is left that works: such senders deliver nothing",
        };
        return new("mail-refused", FindingSeverity.Error,
            $"mail is being refused: senders that honour the policy of {facts.Domain} don't deliver to "
                + $"{List([.. failing.Select(host => Describe(policy, host))])}; {rest}",
            "mend what the findings about these hosts say; until then, serve the policy in mode testing and publish its id", "RFC 8461 §5");
    }

    private static string Describe(Policy policy, MxHost host)
    {
        if (IsUncovered(policy, host)) return $"{host.Name} (not in the policy)";
        var refused = host.Addresses.Count(entry => entry.Result.IsRefusedByPolicy);
        return refused == host.Addresses.Count ? host.Name : $"{host.Name} (at {refused} of {host.Addresses.Count} addresses)";
    }

    public static bool IsUncovered(Policy? policy, MxHost host) =>
        policy is { Mode: not PolicyMode.None } && host.NameFault is null && !policy.Matches(host.Name);

    /// <summary>Of what makes senders that honour the policy refuse to deliver, once its mode is enforce (RFC 8461 §5).</summary>
    public static FindingSeverity Severity(Policy? policy) => policy is { Mode: PolicyMode.Enforce }
        ? FindingSeverity.Error : FindingSeverity.Warning;
}
