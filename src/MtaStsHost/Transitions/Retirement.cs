using System.Collections.Immutable;
using System.Text;
using MtaSts;
using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>Copies of policies of one domain that are served no more and that senders may hold.</summary>
/// <param name="Mx">As in the last policy that was served: some senders refuse one in mode none that has no mx.</param>
/// <param name="Until">When the last of these copies has run out.</param>
/// <param name="Mode">Of the last policy that bound senders; <c>null</c>: not known.</param>
internal sealed record SenderCopies(DomainName Domain, ImmutableArray<MxPattern> Mx, DateTimeOffset Until, PolicyMode? Mode = null)
{
    /// <summary>A day: "a small max_age", and the least that no sender ignores.</summary>
    public const int MaxAge = 86_400;

    public string Host => PolicyFetcher.HostFor(Domain);

    /// <summary>What is served of a domain that isn't configured any more, as long as there are copies. RFC 8461 §8.3.</summary>
    public ServedPolicy Retire()
    {
        var policy = new Policy(PolicyMode.None, Mx, MaxAge);
        return new ServedPolicy(Domain, policy, PolicyId.Compute(policy), PolicyFormatter.Format(policy), []) { RetiredUntil = Until };
    }
}

/// <summary>How long senders may hold what was served. Pure.</summary>
internal static class Retirement
{
    /// <summary>A host notes once so often that it is serving; killed without warning, it may have served that much longer.</summary>
    public static readonly TimeSpan NoteEvery = TimeSpan.FromMinutes(1);

    /// <summary>When the copies of one policy have run out: max_age after it was served last, which is now for one in force.</summary>
    public static DateTimeOffset Expires(StoredPolicy policy, DateTimeOffset now) =>
        // A time of the future was noted by a clock that was ahead.
        (policy.IsInForce || policy.LastServed > now ? now : policy.LastServed).AddSeconds(policy.MaxAge);

    /// <summary>In mode none it binds nobody.</summary>
    public static bool IsBinding(StoredPolicy policy) => policy.Mode != "none";

    /// <summary>When the copies of all policies that bind senders have run out; <c>null</c>: there are none, or they have.</summary>
    public static DateTimeOffset? Until(IEnumerable<StoredPolicy> policies, DateTimeOffset now)
    {
        DateTimeOffset? until = null;
        foreach (var policy in policies)
        {
            if (IsBinding(policy) && Expires(policy, now) is var expires && expires > now && expires > (until ?? now)) until = expires;
        }

        return until;
    }

    /// <summary>The copies of a policy that was served until now; <c>null</c>: it binds nobody.</summary>
    public static SenderCopies? Of(ServedPolicy ended, DateTimeOffset now) =>
        ended.Policy is { Mode: not PolicyMode.None, MaxAge: > 0 } policy
            ? new SenderCopies(ended.Domain, policy.Mx, now.AddSeconds(policy.MaxAge), policy.Mode) : null;

    /// <summary>The same from the history of one domain.</summary>
    /// <param name="ended">When those that are in force in it ended; not before they began.</param>
    public static SenderCopies? Of(IReadOnlyCollection<StoredPolicy> policies, DateTimeOffset ended, DateTimeOffset now)
    {
        var past = policies.Select(policy => policy.IsInForce
            ? policy with { IsInForce = false, LastServed = policy.Since > ended ? policy.Since : ended } : policy).ToList();
        if (Until(past, now) is not { } until || !DomainName.TryParse(past[0].Key.Domain, out var domain, out _)) return null;
        // A policy that followed another at once ended no earlier than that one did.
        var latest = past.OrderByDescending(policy => policy.LastServed)
            .ThenByDescending(policy => policy.Since).Select(policy => Parse(policy)).OfType<Policy>().ToList();
        var mx = latest.Select(policy => policy.Mx).FirstOrDefault(mx => !mx.IsEmpty, []);
        return new SenderCopies(domain, mx, until, latest.Find(policy => policy.Mode != PolicyMode.None)?.Mode);
    }

    /// <summary>When what was in force ended, where no host has said so: when one last noted that it was serving, and what that may be
    /// late.</summary>
    public static DateTimeOffset End(DateTimeOffset? servedUntil, DateTimeOffset now)
    {
        if (servedUntil is not { } noted) return now;
        // One of the two clocks is wrong; the later time is never too early for a sender.
        if (noted >= now) return noted;
        return noted + NoteEvery < now ? noted + NoteEvery : now;
    }

    /// <returns><c>null</c>: the row was written by nobody who serves.</returns>
    public static Policy? Parse(StoredPolicy policy) => PolicyParser.TryParse(Encoding.ASCII.GetBytes(policy.Body), out var parsed, out _)
        ? parsed : null;
}
