using MtaSts;
using MtaStsHost.Serving;
using MtaStsHost.Transitions;

namespace MtaStsHost.Checks.Sts;

/// <summary>What follows for a domain from the policies that it was served with. Pure.</summary>
internal static class HistoryJudgement
{
    private const int MostNames = 10;

    /// <param name="served">As this host serves it.</param>
    /// <param name="mxHosts">In DNS, safe to print; empty where there are none or DNS didn't tell.</param>
    public static IEnumerable<Finding> Judge(ServedPolicy served, DomainHistory history, IReadOnlyList<string> mxHosts, DateTimeOffset now)
    {
        // The history may be one look behind a change that this moment brought.
        if (history.IdUnchangedUntil is { } unchanged && history.IdInForce == served.Id.Value)
        {
            yield return new("id-not-changed", FindingSeverity.Error,
                $"the policy of {served.Domain} has changed and its id {served.Id} has not: senders that hold the old text keep to it "
                + $"until {DeadlineText.Text(unchanged, now)}",
                $"take Id out of the settings of {served.Domain}, or change it, and publish the new {served.TxtName} TXT", "RFC 8461 §8.1");
        }

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
            var names = string.Join(", ", hosts.Take(MostNames)) + (hosts.Count > MostNames ? $" and {hosts.Count - MostNames} more" : "");
            var isEnforced = mode.Key == PolicyMode.Enforce;
            yield return new("mx-cached-policy", isEnforced ? FindingSeverity.Error : FindingSeverity.Warning,
                $"an earlier policy of {served.Domain}, in mode {PolicyModes.ToText(mode.Key)}, doesn't name {names}, and senders may "
                    + $"hold it until {DeadlineText.Text(until, now)}: "
                + (isEnforced ? "those don't deliver there" : "those report a failure for each delivery there"),
                FixOf(served, names, hosts.Count < mxHosts.Count, until), "RFC 8461 §8.1");
        }
    }

    /// <param name="areOthers">Whether an MX host is left that the earlier policies name: without one, no mail would come at all.</param>
    private static string FixOf(ServedPolicy served, string names, bool areOthers, DateTimeOffset until)
    {
        // RFC 8461 §5.1: senders look for a newer policy before they give a message up.
        var fix = $"publish {served.TxtName}. TXT \"{served.TxtValue}\", if that isn't done yet: senders that see the new id fetch the "
            + $"new policy";
        if (!areOthers) return fix + "; leave the MX records as they are";
        return $"{fix}; to be safe with those that don't, take {names} out of the MX records until {DeadlineText.Stamp(until)}; the next "
            + $"time, add a host to Mx and publish the id first, and wait for the old policy's max_age before it goes into DNS";
    }

    private static Finding? JudgeRemoval(ServedPolicy served, DomainHistory history, DateTimeOffset now)
    {
        if (served.RetiredUntil is { } until) return JudgeRemoved(served, until, now);
        if (served.Policy.Mode != PolicyMode.None) return null;
        if (!history.IsInForce(served))
        {
            return new("not-safe-to-remove", FindingSeverity.Info,
                $"{served.Domain} is configured in mode none, which is not served yet, as far as the store knows",
                $"leave {served.Domain} in the configuration, and {served.Host} in DNS; MtaStsHost history {served.Domain} tells until "
                    + $"when, once mode none is served", "RFC 8461 §8.3");
        }

        if (history.BoundUntil is { } copies)
        {
            return new("not-safe-to-remove", FindingSeverity.Info,
                $"{served.Domain} is in mode none and must stay until {DeadlineText.Text(copies, now)}, since senders may hold an "
                + $"earlier policy until then",
                $"leave {served.Domain} in the configuration, and {served.TxtName} TXT \"{served.TxtValue}\" and {served.Host} in DNS, "
                    + $"until {DeadlineText.Stamp(copies)}", "RFC 8461 §8.3");
        }

        var since = history.FreeSince is { } free ? $"since {DeadlineText.Stamp(free)}"
            : "as far as this host has served it, since it was in no other mode here";
        return new("safe-to-remove", FindingSeverity.Info,
            $"{served.Domain} is safe to remove {since}: no sender holds a policy that binds",
            $"take {served.TxtName} and {served.Host} out of DNS, then {served.Domain} out of the configuration", "RFC 8461 §8.3");
    }

    /// <summary>Of a domain that isn't configured any more, and whose policy host and record are another policy's.</summary>
    public static Finding JudgeElsewhere(ServedPolicy retired, DateTimeOffset until, DateTimeOffset now) => new(
        "policy-differs", FindingSeverity.Info,
        $"{retired.Domain} is not configured any more, and {retired.Host} serves another policy than this host would, under another id: "
            + $"it seems to be hosted elsewhere now",
        $"if it is not, see what answers there: a proxy with a cache, an old server, or another host with an old configuration; senders "
            + $"may hold a policy of this host until {DeadlineText.Text(until, now)}", "RFC 8461 §8.3");

    /// <summary>Known without a history too: of a domain that isn't configured any more and is served.</summary>
    public static Finding JudgeRemoved(ServedPolicy served, DateTimeOffset until, DateTimeOffset now) => new(
        "not-safe-to-remove", FindingSeverity.Warning,
            $"{served.Domain} is not configured any more, and senders may hold a policy of it until {DeadlineText.Text(until, now)}: it "
            + $"is served in mode none until then",
        $"publish {served.TxtName}. TXT \"{served.TxtValue}\" and leave {served.Host} in DNS until {DeadlineText.Stamp(until)}",
            "RFC 8461 §8.3");
}
