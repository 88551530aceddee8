using MtaStsHost.Serving;

namespace MtaStsHost.Transitions;

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
