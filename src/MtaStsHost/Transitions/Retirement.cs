using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>Copies that senders may hold of policies of one domain that are no longer served.</summary>
/// <param name="Mx">Of the last policy that was served: some senders refuse a policy in mode none without mx.</param>
/// <param name="Until">When the last of these copies expires.</param>
/// <param name="Mode">Of the last binding policy; <c>null</c>: not known.</param>
internal sealed record SenderCopies(DomainName Domain, ImmutableArray<MxPattern> Mx, DateTimeOffset Until, PolicyMode? Mode = null)
{
    /// <summary>A day: "a small max_age" (RFC 8461 §8.3), and the smallest that no sender ignores.</summary>
    public const int MaxAge = 86_400;

    public string Host => PolicyFetcher.HostFor(Domain);

    /// <summary>What is served for a domain that was removed, until the last copy has expired. RFC 8461 §8.3.</summary>
    public ServedPolicy Retire()
    {
        var policy = new Policy(PolicyMode.None, Mx, MaxAge);
        return new ServedPolicy(Domain, policy, PolicyId.Compute(policy), PolicyFormatter.Format(policy), []) 
        {
            Removal = new Removal(RemovalStage.None, Until),
        };
    }
}

/// <summary>Copies that senders may hold, by domain. Those of configured domains count once the domain is removed.</summary>
internal sealed class KnownCopies
{
    private readonly Dictionary<DomainName, SenderCopies> _copies = [];

    /// <summary>A list of its own, so that a loop may change what is known.</summary>
    public IReadOnlyList<SenderCopies> All => [.. _copies.Values];

    /// <summary>A policy is no longer served.</summary>
    public void End(ServedPolicy policy, DateTimeOffset now)
    {
        if (Retirement.Of(policy, now) is { } copies) Note(copies);
        else if (_copies.TryGetValue(policy.Domain, out var earlier)) Note(earlier with { Mx = policy.Policy.Mx });
    }

    /// <returns>Whether senders may hold a policy longer than was known.</returns>
    public bool Note(SenderCopies copies)
    {
        if (_copies.TryAdd(copies.Domain, copies)) return true;
        var known = _copies[copies.Domain];
        _copies[copies.Domain] = copies with
        {
            Mx = copies.Mx.IsEmpty ? known.Mx : copies.Mx,
            Mode = copies.Mode ?? known.Mode,
            Until = known.Until > copies.Until ? known.Until : copies.Until,
        };
        return copies.Until > known.Until;
    }

    public void Shorten(SenderCopies copies, DateTimeOffset until) => _copies[copies.Domain] = copies with { Until = until };

    public void Forget(DomainName domain) => _copies.Remove(domain);

    /// <summary>Whether senders may hold a policy whose last binding version was in <c>enforce</c>.</summary>
    public bool AreEnforced(DomainName domain, DateTimeOffset now) =>
        _copies.TryGetValue(domain, out var copies) && copies.Mode == PolicyMode.Enforce && copies.Until > now;
}

/// <summary>How long senders may hold what was served. Pure.</summary>
internal static class Retirement
{
    /// <summary>How often the service notes that it serves. If it is killed, it may have served that much longer than noted.</summary>
    public static readonly TimeSpan NoteEvery = TimeSpan.FromMinutes(1);

    /// <summary>When the copies of one policy have expired: max_age after it was last served, which is now if it is served.</summary>
    public static DateTimeOffset Expires(StoredPolicy policy, DateTimeOffset now) =>
        // A clock that was ahead noted a time in the future.
        (policy.IsInForce || policy.LastServed > now ? now : policy.LastServed).AddSeconds(policy.MaxAge);

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
    public static SenderCopies? Of(ServedPolicy ended, DateTimeOffset now) =>
        Binds(ended) ? new SenderCopies(ended.Domain, ended.Policy.Mx, now.AddSeconds(ended.Policy.MaxAge), ended.Policy.Mode) : null;

    /// <summary>The same from the history of one domain.</summary>
    /// <param name="ended">When those that are served according to it ended; not before they began.</param>
    public static SenderCopies? Of(IReadOnlyCollection<StoredPolicy> policies, DateTimeOffset ended, DateTimeOffset now)
    {
        var past = policies.Select(policy => policy.IsInForce
            ? policy with { IsInForce = false, LastServed = policy.Since > ended ? policy.Since : ended } : policy).ToList();
        if (Until(past, now) is not { } until || !DomainName.TryParse(past[0].Key.Domain, out var domain, out _)) return null;
        // A policy that followed another at once did not end earlier than that one.
        var latest = past.OrderByDescending(policy => policy.LastServed)
            .ThenByDescending(policy => policy.Since).Select(policy => Parse(policy)).OfType<Policy>().ToList();
        var mx = latest.Select(policy => policy.Mx).FirstOrDefault(mx => !mx.IsEmpty, []);
        return new SenderCopies(domain, mx, until, latest.Find(policy => policy.Mode != PolicyMode.None)?.Mode);
    }

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
