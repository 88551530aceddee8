using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>How long senders may hold what was served. Pure.</summary>
internal static class Retirement
{
    /// <summary>How often the service notes that it serves. If it is killed, it may have served that much longer than noted.</summary>
    public static readonly TimeSpan NoteEvery = TimeSpan.FromMinutes(1);

    /// <summary>When the copies of one policy have expired: max_age after it was last served and its id has left DNS. If it is served, or
    /// its id may be in DNS still, max_age from now at least.</summary>
    public static DateTimeOffset Expires(StoredPolicy policy, DateTimeOffset now) =>
        policy.IsInForce || policy.LeftDns is null ? now.AddSeconds(policy.MaxAge) : Copy(policy).NotAfter(now).Until;

    /// <summary>Whether senders that hold it are bound by it.</summary>
    public static bool Binds(ServedPolicy policy) => policy.Policy is { Mode: not PolicyMode.None, MaxAge: > 0 };

    /// <summary>Not in mode <c>none</c>.</summary>
    public static bool IsBinding(StoredPolicy policy) => policy.Mode != "none";

    /// <summary>When the copies of all binding policies have expired; <c>null</c>: there are none, or they have.</summary>
    public static DateTimeOffset? Until(IEnumerable<StoredPolicy> policies, DateTimeOffset now) =>
        LastExpiry(policies.Where(IsBinding), now);

    /// <summary>When the last copy of these policies expires; <c>null</c>: none is left.</summary>
    public static DateTimeOffset? LastExpiry(IEnumerable<StoredPolicy> policies, DateTimeOffset now) =>
        policies.Select(policy => (DateTimeOffset?)Expires(policy, now)).Where(expires => expires > now).Max();

    /// <summary>The copies of a policy that was served until now; <c>null</c>: it is not binding.</summary>
    public static SenderCopies? Of(ServedPolicy ended, DateTimeOffset now) => !Binds(ended) ? null
        : new SenderCopies(ended.Domain, ended.Policy.Mx,
            [new PolicyCopy(ended.Id.Value, ended.Policy.MaxAge, ended.Policy.Mode, now, null)]);

    /// <summary>The same from the history of one domain.</summary>
    /// <param name="ended">When those that are served according to it ended; not before they began.</param>
    public static SenderCopies? Of(IReadOnlyCollection<StoredPolicy> policies, DateTimeOffset ended, DateTimeOffset now)
    {
        var past = policies.Select(policy => !policy.IsInForce ? policy : policy with
        {
            IsInForce = false,
            LastServed = policy.Since > ended ? policy.Since : ended,
            LeftDns = null,
        }).ToList();
        ImmutableArray<PolicyCopy> held = [.. past.Where(policy => IsBinding(policy) && policy.MaxAge > 0)
            .Select(Copy).Where(copy => copy.IsHeld(now))];
        if (held.IsEmpty || !DomainName.TryParse(past[0].Key.Domain, out var domain, out _)) return null;
        // A policy that followed another at once did not end earlier than that one.
        var mx = past.OrderByDescending(policy => policy.LastServed).ThenByDescending(policy => policy.Since)
            .Select(policy => Parse(policy)?.Mx ?? []).FirstOrDefault(mx => !mx.IsEmpty, []);
        return new SenderCopies(domain, mx, held);
    }

    private static PolicyCopy Copy(StoredPolicy policy) => new(policy.Key.Id, policy.MaxAge,
        policy.Mode == "enforce" ? PolicyMode.Enforce : PolicyMode.Testing, policy.LastServed, policy.LeftDns);

    /// <summary>When what was served ended, if that was not recorded: at the last note, plus the time that it may have served after that.
    /// </summary>
    public static DateTimeOffset End(DateTimeOffset? servedUntil, DateTimeOffset now)
    {
        if (servedUntil is not { } noted) return now;
        // One of the two clocks is wrong; the later time is never too early.
        if (noted >= now) return noted;
        return noted + NoteEvery < now ? noted + NoteEvery : now;
    }

    /// <summary>The policy of a domain that is not configured, as far as the ledger has it: without what is not in the policy.</summary>
    /// <returns><c>null</c>: the row does not hold a policy.</returns>
    public static ServedPolicy? Restore(StoredPolicy row) =>
        Parse(row) is { } policy && DomainName.TryParse(row.Key.Domain, out var domain, out _)
            && PolicyId.TryParse(row.Key.Id, out var id, out _)
            ? new ServedPolicy(domain, policy, id, Encoding.ASCII.GetBytes(row.Body), []) : null;

    /// <returns><c>null</c>: the row does not hold a policy.</returns>
    public static Policy? Parse(StoredPolicy policy) => PolicyParser.TryParse(Encoding.ASCII.GetBytes(policy.Body), out var parsed, out _)
        ? parsed : null;
}
