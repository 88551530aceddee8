using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>A domain that was served when the service stopped, and is not configured any more.</summary>
/// <param name="RemovedAt">When that happened; <c>null</c>: while the service was stopped.</param>
/// <param name="Copies">That senders may hold, if it ended then.</param>
internal sealed record LeftDomain(ServedPolicy Policy, DateTimeOffset? RemovedAt, SenderCopies Copies);

/// <summary>What the ledger in the store says at one moment about the time before.</summary>
/// <param name="Ended">When policies ended that it has as served and this service does not serve.</param>
/// <param name="Copies">That senders may hold, of domains configured here and others.</param>
internal sealed record LedgerSnapshot(IReadOnlyList<PolicyInForce> InForce,
    DateTimeOffset Ended, DateTimeOffset? ServedUntil, IReadOnlyList<SenderCopies> Copies)
{
    /// <summary>For what has ended: nothing has while the service was stopped, since the clock of a start can't be trusted.</summary>
    public DateTimeOffset AsOf { get; init; }

    /// <summary>Not among <see cref="Copies"/>.</summary>
    public IReadOnlyList<LeftDomain> Left { get; init; } = [];

    /// <summary>What they serve is not among the rest.</summary>
    public IReadOnlyList<OtherService> Others { get; init; } = [];

    /// <summary>The number of this service in the store under another name; <c>null</c>: none.</summary>
    public long? FormerNumber { get; init; }

    /// <summary>Domains with a binding policy.</summary>
    public IReadOnlySet<string> InForceBinding => field ??= InForce.Where(policy => policy.Mode != "none")
        .Select(policy => policy.Key.Domain).ToHashSet(StringComparer.Ordinal);

    /// <summary>A ledger that is new, or was lost, has no past.</summary>
    public bool IsKnown => ServedUntil is not null || InForce.Count > 0;

    /// <summary>Domains that were in <c>enforce</c>; <c>null</c>: not known.</summary>
    public HashSet<string>? Enforced() => !IsKnown ? null : InForce.Where(policy => policy.Mode == "enforce")
        .Select(policy => policy.Key.Domain).ToHashSet(StringComparer.Ordinal);

    /// <param name="service">The name of this service.</param>
    /// <exception cref="StoreException">The store can't be read.</exception>
    public static async Task<LedgerSnapshot> ReadAsync(IPolicyHistory history,
        PolicySnapshot serving, string service, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var stored = await history.ReadInForceAsync(cancellationToken);
        var others = OtherServices.Find(stored, service, IsServed);
        var former = OtherServices.Former(stored, service, others);
        var foreign = others.SelectMany(other => other.Domains).ToHashSet(StringComparer.Ordinal);
        stored = stored with { InForce = [.. stored.InForce.Where(policy => !foreign.Contains(policy.Key.Domain))] };
        var asOf = stored.ServedUntil < now ? stored.ServedUntil.Value : now;
        var cached = (await history.ListCachedAsync(asOf, cancellationToken)).Where(policies => !foreign.Contains(policies.Domain)
            && (IsServed(policies.Domain) || others.All(other => other.Number != policies.ServedBy)));
        var ended = Retirement.End(stored.ServedUntil, now);
        var copies = new List<SenderCopies>();
        var rows = new PolicyRows();
        var snapshot = new LedgerSnapshot(stored.InForce, ended, stored.ServedUntil, copies)
        {
            AsOf = asOf,
            Others = others,
            FormerNumber = former,
        };
        // Served according to the ledger alone: removed or replaced while the service was stopped.
        var gone = stored.InForce.Where(policy => policy.Mode != "none" && !IsServedStill(policy.Key))
            .Select(policy => policy.Key.Domain).ToHashSet(StringComparer.Ordinal);
        gone.UnionWith(cached.Select(policies => policies.Domain));
        // All of their policies, since a removed domain is served as the last of them says.
        var left = new List<LeftDomain>();
        foreach (var policies in (await history.ListPoliciesAsync(gone, cancellationToken)).GroupBy(policy => policy.Key.Domain))
        {
            // What is served still has not ended.
            var past = policies.Where(policy => !policy.IsInForce || !IsServedStill(policy.Key)).ToList();
            if (past.Count == 0 || Retirement.Of(past, ended, asOf) is not { } known) continue;
            var last = past.LastOrDefault(policy => policy.IsInForce && Retirement.IsBinding(policy));
            if (last is not null && !IsServed(policies.Key) && Retirement.Restore(last) is { } policy)
                left.Add(new LeftDomain(policy, stored.InForce.First(row => row.Key == last.Key).RemovedAt, known));
            else copies.Add(known);
        }

        return snapshot with { Left = left };

        bool IsServed(string domain) =>
            serving.TryFind(PolicyFetcher.HostPrefix + domain, out var policy) && policy.RetiredUntil is null;

        bool IsServedStill(PolicyKey key) =>
            serving.TryFind(PolicyFetcher.HostPrefix + key.Domain, out var policy) && policy.Id.Value == key.Id
            && (key.Id == key.Digest || rows.KeyOf(policy).Digest == key.Digest); // only a configured id can differ from the hash
    }
}
