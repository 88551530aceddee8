using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;

namespace MtaStsHost.Checks.Sts;

/// <summary>What follows for a domain from the policies that it was served with. Pure.</summary>
internal static class HistoryJudgement
{
    private const int MostNames = 10;

    /// <param name="served">As this service serves it.</param>
    /// <param name="mxHosts">In DNS; empty if there are none or the lookup failed.</param>
    public static IEnumerable<Finding> Judge(ServedPolicy served, DomainHistory history, IReadOnlyList<string> mxHosts, DateTimeOffset now)
    {
        // The history may lag behind a change that was made just now.
        if (history.IdUnchangedUntil is { } unchanged && history.IdInForce == served.Id.Value)
            yield return new(PolicyFindings.IdNotChanged, served.Domain.Value, served.Id, DeadlineText.Text(unchanged, now));
        foreach (var finding in JudgeCached(served, history, mxHosts, now)) yield return finding;
        if (JudgeRemoval(served, history, now) is { } removal) yield return removal;
    }

    /// <summary>A sender that hasn't fetched the new policy goes by the old one: RFC 8461 §8.1.</summary>
    private static IEnumerable<Finding> JudgeCached(ServedPolicy served,
        DomainHistory history, IReadOnlyList<string> mxHosts, DateTimeOffset now)
    {
        var uncovered = history.Cached.SelectMany(cached => mxHosts.Where(host => !cached.Policy.Matches(host))
            .Select(host => (Host: host, cached.Until, cached.Policy.Mode)));
        foreach (var mode in uncovered.GroupBy(entry => entry.Mode).OrderByDescending(mode => mode.Key == PolicyMode.Enforce))
        {
            var until = mode.Max(entry => entry.Until);
            var hosts = mode.Select(entry => entry.Host).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
            // RFC 8461 §5.1: senders look for a newer policy before they give up on a message. Without an MX host that the earlier
            // policies name, no mail would come at all.
            // Some senders (postfix-tlspol, chasquid) never check the id, and keep the earlier policy for its whole max_age.
            var stamp = DeadlineText.Stamp(until);
            var rest = hosts.Count == mxHosts.Count
                ? $"; those that never check the id (postfix-tlspol, chasquid) keep the earlier one until {stamp}: until then, bring back "
                + "an MX host that it names, or at least add that name to the certificate of the new host, which is what Postfix compares; "
                + "next time, keep the old MX host for the old policy's max_age"
                : $"; to be safe with those that don't (postfix-tlspol, chasquid), remove {string.Join(", ", hosts.Take(MostNames))} from "
                + $"the MX records until {stamp}; next time, add a host to Mx and publish the id first, and wait for the old policy's "
                + "max_age before it goes into DNS";
            yield return new(mode.Key == PolicyMode.Enforce ? PolicyFindings.CachedAndEnforced : PolicyFindings.CachedAndTested,
                served.Domain.Value, hosts, DeadlineText.Text(until, now), served.TxtValue, rest);
        }
    }

    private static Finding? JudgeRemoval(ServedPolicy served, DomainHistory history, DateTimeOffset now)
    {
        var domain = served.Domain.Value;
        if (served.Removal is not null) return JudgeRemoved(served, now);
        if (served.Policy.Mode != PolicyMode.None) return null;
        if (!history.IsInForce(served)) return new(PolicyFindings.NoneNotServedYet, domain);
        if (history.BoundUntil is { } bound && history.IsOldIdInDns)
            return new(PolicyFindings.IdStillInDns, domain, served.TxtValue, DeadlineText.Text(bound, now));
        if (history.BoundUntil is { } copies)
            return new(PolicyFindings.NotSafeToRemove, domain, DeadlineText.Text(copies, now), served.TxtValue, DeadlineText.Stamp(copies));
        return new(PolicyFindings.SafeToRemove, domain, history.FreeSince is { } free ? $"since {DeadlineText.Stamp(free)}"
            : "as far as this service has served it, since it was in no other mode here");
    }

    /// <summary>A domain that is safe to remove needs neither record nor policy host.</summary>
    public static Finding Excuse(Finding finding) =>
        finding.Descriptor == TxtFindings.Missing || finding.Descriptor == TxtFindings.MissingAtAlias
            || finding.Descriptor == TxtFindings.MissingBehindAlias
            ? new(TxtFindings.MissingAndSafe, finding.Subject)
        : finding.Descriptor == HostFindings.Missing ? new(HostFindings.MissingAndSafe, finding.Subject, finding.Arguments[0])
        : finding;

    /// <summary>A domain that is not configured any more, and whose policy host and record show another policy.</summary>
    public static Finding JudgeElsewhere(ServedPolicy retired, DateTimeOffset now) =>
        new(PolicyFindings.HostedElsewhere, retired.Domain.Value, DeadlineText.Text(retired.RetiredUntil!.Value, now));

    /// <summary>A domain that is not configured any more and is still served; known without a history too.</summary>
    public static Finding JudgeRemoved(ServedPolicy retired, DateTimeOffset now)
    {
        if (retired.Removal!.Until is not { } until) return new(PolicyFindings.RemovalUnconfirmed, retired.Domain.Value);
        if (retired.Removal.Stage == RemovalStage.Grace)
            return new(PolicyFindings.RemovedJustNow, retired.Domain.Value, DeadlineText.Text(until, now));
        if (retired.Removal.IsInDns)
            return new(PolicyFindings.RemovedAndInDns, retired.Domain.Value,
                DeadlineText.Text(until > now ? until : now, now), retired.TxtValue);
        return new(PolicyFindings.RemovedTooEarly, retired.Domain.Value,
            DeadlineText.Text(until, now), retired.TxtValue, DeadlineText.Stamp(until));
    }
}
