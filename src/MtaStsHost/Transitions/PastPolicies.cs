using System.Diagnostics.CodeAnalysis;
using MtaSts;
using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>What the store knows of the time before.</summary>
/// <param name="Ended">When what is in force in it, and isn't served by this host, ended.</param>
/// <param name="Copies">That senders may hold, of domains configured here and others; of those configured without mx.</param>
internal sealed record PastPolicies(IReadOnlyList<PolicyInForce> InForce,
    DateTimeOffset Ended, DateTimeOffset? ServedUntil, IReadOnlyList<SenderCopies> Copies)
{
    /// <summary>A store that is new, or was lost, says nothing of what was served before.</summary>
    public bool IsKnown => ServedUntil is not null || InForce.Count > 0;

    /// <summary>Domains that were in enforce; <c>null</c>: not known.</summary>
    public HashSet<string>? Enforced() => !IsKnown ? null : InForce.Where(policy => policy.Mode == "enforce")
        .Select(policy => policy.Key.Domain).ToHashSet(StringComparer.Ordinal);

    /// <exception cref="StoreException">The store can't be read.</exception>
    public static async Task<PastPolicies> ReadAsync(IPolicyHistory history,
        PolicySnapshot serving, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var stored = await history.ReadInForceAsync(cancellationToken);
        var cached = await history.ListCachedAsync(now, cancellationToken);
        var ended = Retirement.End(stored.ServedUntil, now);
        var copies = new List<SenderCopies>();
        var rows = new PolicyRows();
        // In force in the store alone: removed or replaced while no host ran.
        var gone = stored.InForce.Where(policy => policy.Mode != "none" && !IsServedStill(policy.Key))
            .Select(policy => policy.Key.Domain).ToHashSet(StringComparer.Ordinal);
        // Where no policy that binds is in force, the last one that did tells whether the domain comes back to enforce.
        var bound = stored.InForce.Where(policy => policy.Mode != "none")
            .Select(policy => policy.Key.Domain).ToHashSet(StringComparer.Ordinal);
        foreach (var (domain, until) in cached)
        {
            if (!IsServed(domain, out var policy) || (policy.Policy.Mode == PolicyMode.Enforce && !bound.Contains(domain))) gone.Add(
                domain);
            else if (!gone.Contains(domain) && DomainName.TryParse(domain, out var name, out _)) copies.Add(
                new SenderCopies(name, [], until));
        }

        // All of their policies, since a removed domain is served as the last of them says.
        foreach (var policies in (await history.ListPoliciesAsync(gone, cancellationToken)).GroupBy(policy => policy.Key.Domain))
        {
            if (Retirement.Of([.. policies], ended, now) is { } held) copies.Add(held);
        }

        return new PastPolicies(stored.InForce, ended, stored.ServedUntil, copies);

        bool IsServed(string domain, [NotNullWhen(true)] out ServedPolicy? policy) =>
            serving.TryFind(PolicyFetcher.HostPrefix + domain, out policy) && policy.RetiredUntil is null;

        bool IsServedStill(PolicyKey key) =>
            serving.TryFind(PolicyFetcher.HostPrefix + key.Domain, out var policy) && policy.Id.Value == key.Id
            && (key.Id == key.Digest || rows.KeyOf(policy).Digest == key.Digest); // only a configured id says less than the hash
    }
}
