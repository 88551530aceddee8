using System.Collections.Immutable;
using System.Text;
using MtaSts;
using MtaStsHost.Storage;

namespace MtaStsHost.Policies.History;

/// <summary>A domain that isn't configured any more while senders may hold a policy of it. It is served in mode none until then. RFC 8461 §8.3.</summary>
/// <param name="Mx">As in the last policy: some senders refuse one without.</param>
/// <param name="Until">When the last copy has run out.</param>
internal sealed record RetiredDomain(DomainName Domain, ImmutableArray<MxPattern> Mx, DateTimeOffset Until)
{
    /// <summary>A day: "a small max_age", and the least that no sender ignores.</summary>
    public const int MaxAge = 86_400;

    public string Host => ServedPolicy.HostPrefix + Domain.Value;

    public ServedPolicy Serve(PolicyStatistics statistics)
    {
        var policy = new Policy(PolicyMode.None, Mx, MaxAge);
        return new ServedPolicy(Domain, policy, PolicyId.Compute(policy), PolicyFormatter.Format(policy), [], statistics);
    }
}

/// <summary>How long senders may hold what was served. Pure.</summary>
internal static class Retirement
{
    /// <summary>When the copies of one policy have run out: max_age after it was served last, which is now for one in force.</summary>
    public static DateTimeOffset Expires(StoredPolicy policy, DateTimeOffset now) =>
        // A time of the future was noted by a clock that was ahead.
        (policy.IsInForce || policy.LastServed > now ? now : policy.LastServed).AddSeconds(policy.MaxAge);

    /// <summary>When the copies of all policies that bind senders have run out; <c>null</c>: there are none, or they have.</summary>
    public static DateTimeOffset? Until(IEnumerable<StoredPolicy> policies, DateTimeOffset now)
    {
        DateTimeOffset? until = null;
        foreach (var policy in policies)
        {
            if (policy.Mode != "none" && Expires(policy, now) is var expires && expires > now && expires > (until ?? now)) until = expires;
        }

        return until;
    }

    /// <summary>What retires a domain that was served until now; <c>null</c>: nothing has to.</summary>
    public static RetiredDomain? Of(ServedPolicy removed, DateTimeOffset now) =>
        removed.Policy is { Mode: not PolicyMode.None, MaxAge: > 0 } policy ? new RetiredDomain(removed.Domain, policy.Mx, now.AddSeconds(policy.MaxAge)) : null;

    /// <summary>The same from the history of one domain.</summary>
    public static RetiredDomain? Of(IReadOnlyList<StoredPolicy> policies, DateTimeOffset now)
    {
        if (Until(policies, now) is not { } until || !DomainName.TryParse(policies[0].Key.Domain, out var domain, out _)) return null;
        var last = policies.Where(policy => policy.Mode != "none").MaxBy(policy => (policy.IsInForce, policy.LastServed))!;
        return new RetiredDomain(domain, Parse(last)?.Mx ?? [], until);
    }

    /// <returns><c>null</c>: the row was written by nobody who serves.</returns>
    public static Policy? Parse(StoredPolicy policy) => PolicyParser.TryParse(Encoding.ASCII.GetBytes(policy.Body), out var parsed, out _) ? parsed : null;
}
