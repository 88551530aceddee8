using MtaStsHost.Configuration;
using MtaStsHost.Serving;

namespace MtaStsHost.Transitions;

/// <summary>A domain that is no longer configured and whose last policy is still served.</summary>
/// <param name="Policy">As it was served last.</param>
/// <param name="Since">When it was removed; <c>null</c>: that is to be confirmed.</param>
internal sealed record Departure(ServedPolicy Policy, DateTimeOffset? Since)
{
    /// <summary>A mistake that is corrected within this time costs nothing, and neither does waiting: senders that see the record of the
    /// old policy in a cache must be able to fetch that policy (RFC 8461 §8.1), and copies live longer than this anyway (§8.3).</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(ServedPolicy.TxtTtl);

    /// <summary>When a policy that is served was removed; <c>null</c>: it was not, or that is to be confirmed.</summary>
    public static DateTimeOffset? SinceOf(ServedPolicy policy) =>
        policy.Removal is { Stage: RemovalStage.Grace, Until: { } until } ? until - Grace : null;

    /// <summary>When mode none follows; <c>null</c>: not before it is confirmed.</summary>
    public DateTimeOffset? Until => Since + Grace;

    /// <param name="before">What is served until now: the same object if nothing changes.</param>
    public ServedPolicy Serve(PolicySnapshot before)
    {
        var removal = Until is { } until ? new Removal(RemovalStage.Grace, until) : new Removal(RemovalStage.Unconfirmed, null);
        return before.TryFind(Policy.Host, out var known) && known.Removal == removal ? known : Policy.Leaving(removal);
    }
}

/// <summary>The domains that have been removed and whose policies are still served. Decides which of these removals are to be confirmed.
/// </summary>
internal sealed class Departures
{
    /// <summary>With fewer domains, half of them is not many.</summary>
    private const int Many = 10;

    private readonly Dictionary<DomainName, Departure> _all = [];
    private volatile string? _unconfirmed;

    /// <summary>A list of its own, so that a loop may change what is known.</summary>
    public IReadOnlyList<Departure> All => [.. _all.Values];

    /// <summary>Removals that are to be confirmed, as an error; <c>null</c>: none. For any thread, unlike the rest.</summary>
    public string? Unconfirmed => _unconfirmed;

    public bool Contains(DomainName domain) => _all.ContainsKey(domain);

    /// <param name="served">Those that senders may hold, of domains that are configured or have been until now.</param>
    /// <param name="known">Domains that were removed earlier; <c>null</c> for when: now.</param>
    public void Follow(IReadOnlyCollection<ServedPolicy> served, IEnumerable<Departure> known,
        PolicySnapshot configured, TransitionSettings settings, DateTimeOffset now)
    {
        foreach (var domain in _all.Values.Where(departure => configured.TryFind(departure.Policy.Host, out _))
            .Select(departure => departure.Policy.Domain).ToList()) _all.Remove(domain);
        if (!settings.Retires) _all.Clear();
        else
        {
            foreach (var departure in known.Concat(served.Select(policy => new Departure(policy, now))))
                if (!configured.TryFind(departure.Policy.Host, out _)) _all.TryAdd(departure.Policy.Domain, departure);
        }

        _unconfirmed = _all.Count <= settings.ConfirmedRemovals ? null : Fault(served.Count, settings.IsFolderMissing);
        foreach (var (domain, departure) in _all)
            _all[domain] = departure with { Since = Unconfirmed is null ? departure.Since ?? now : null };
    }

    public void Forget(DomainName domain) => _all.Remove(domain);

    /// <returns>Whose grace is over: they are no longer served as before.</returns>
    public IReadOnlyList<ServedPolicy> End(DateTimeOffset now)
    {
        var over = _all.Values.Where(departure => departure.Until <= now).Select(departure => departure.Policy).ToList();
        foreach (var policy in over) _all.Remove(policy.Domain);
        return over;
    }

    /// <summary>Corrects removals that a clock that was ahead has noted.</summary>
    /// <returns>Whether there were any.</returns>
    public bool PullIn(DateTimeOffset now)
    {
        var ahead = _all.Where(entry => entry.Value.Since > now).ToList();
        foreach (var (domain, departure) in ahead) _all[domain] = departure with { Since = now };
        return ahead.Count > 0;
    }

    private string? Fault(int served, bool isFolderMissing) =>
        isFolderMissing
            ? $"error: MtaSts:Domains: {_all.Count} of {served} domains are missing, and so is a folder of MtaSts:Include; their policies "
            + $"are served as before; bring the folder back, or set MtaSts:ConfirmRemoval to {_all.Count} if they are to be removed"
        : served >= Many && _all.Count > served / 2
            ? $"error: MtaSts:Domains: {_all.Count} of {served} domains were removed at once; their policies are served as before; restore "
            + $"them, or set MtaSts:ConfirmRemoval to {_all.Count} if they are to be removed"
        : null;
}
