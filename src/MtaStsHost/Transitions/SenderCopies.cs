using MtaStsHost.Serving;

namespace MtaStsHost.Transitions;

/// <summary>A binding policy that is no longer served and that senders may hold.</summary>
/// <param name="MaxAge">Seconds.</param>
/// <param name="Ended">When it was served last.</param>
/// <param name="LeftDns">When no resolver had the id any more under which senders hold it; <c>null</c>: that may be in DNS still.</param>
internal sealed record PolicyCopy(string Id, int MaxAge, PolicyMode Mode, DateTimeOffset Ended, DateTimeOffset? LeftDns)
{
    /// <summary>When the last copy expires; if its id is still in DNS, not before then. Some senders (mox, postfix-mta-sts-resolver) carry
    /// on with a copy for as long as they see its id, so that max_age counts from when it has left DNS: RFC 8461 §8.3.</summary>
    public DateTimeOffset Until => (LeftDns > Ended ? LeftDns.Value : Ended).AddSeconds(MaxAge);

    public bool IsHeld(DateTimeOffset now) => LeftDns is null || Until > now;

    /// <summary>Corrects times that only a clock that was ahead can have noted.</summary>
    public PolicyCopy NotAfter(DateTimeOffset now) => this with
    {
        Ended = Ended > now ? now : Ended,
        LeftDns = LeftDns > now + RecordSighting.LongestTtl ? now : LeftDns,
    };
}

/// <summary>Copies that senders may hold of policies of one domain that are no longer served.</summary>
/// <param name="Mx">Of the last policy that was served: some senders refuse a policy in mode none without mx.</param>
/// <param name="Copies">One at least.</param>
internal sealed record SenderCopies(DomainName Domain, ImmutableArray<MxPattern> Mx, ImmutableArray<PolicyCopy> Copies)
{
    /// <summary>A day: "a small max_age" (RFC 8461 §8.3), and the smallest that no sender ignores.</summary>
    public const int MaxAge = 86_400;

    public string Host => PolicyFetcher.HostFor(Domain);

    /// <summary>When the last of these copies expires; if <see cref="IsInDns"/>, not before then.</summary>
    public DateTimeOffset Until => Copies.Max(copy => copy.Until);

    /// <summary>Whether DNS may still have the id of one of them.</summary>
    public bool IsInDns => Copies.Any(copy => copy.LeftDns is null);

    /// <summary>When DNS last showed none of their ids, as this process has seen it; <c>null</c>: not yet, or the last look-up failed.
    /// </summary>
    public DateTimeOffset? LookedUp { get; init; }

    /// <summary>Whether senders may hold one.</summary>
    public bool AreHeld(DateTimeOffset now) => IsInDns || Until > now;

    /// <summary>Whether the domain may be given up: no copy is left, and DNS, looked up after that, has none of their ids.</summary>
    public bool AreOver(DateTimeOffset now) => !AreHeld(now) && LookedUp >= Until;

    /// <summary>Of the policy that was served last.</summary>
    public PolicyMode Mode => Copies.MaxBy(copy => copy.Ended)!.Mode;

    /// <summary>What is served for a domain that was removed, until the last copy has expired. RFC 8461 §8.3.</summary>
    public ServedPolicy Retire()
    {
        var policy = new Policy(PolicyMode.None, Mx, MaxAge);
        return new ServedPolicy(Domain, policy, PolicyId.Compute(policy), PolicyFormatter.Format(policy), [])
        {
            Removal = new Removal(RemovalStage.None, Until, IsInDns),
        };
    }

    public SenderCopies See(RecordSighting sighting)
    {
        ImmutableArray<PolicyCopy> copies = [.. Copies.Select(copy => copy with { LeftDns = sighting.LeftDns(copy.Id, copy.LeftDns) })];
        var isGone = sighting.Record != SeenRecord.Unknown && copies.All(copy => copy.LeftDns is not null);
        return this with { Copies = copies, LookedUp = isGone ? sighting.At : null };
    }

    /// <param name="other">Of the same domain; what this one knows about a copy takes precedence.</param>
    public SenderCopies And(SenderCopies other)
    {
        var copies = Copies.ToList();
        foreach (var copy in other.Copies)
        {
            var at = copies.FindIndex(known => known.Id == copy.Id && known.MaxAge == copy.MaxAge && known.Mode == copy.Mode);
            if (at < 0) copies.Add(copy);
            // It was served again, and so published again.
            else if (copy.Ended > copies[at].Ended) copies[at] = copy;
        }

        return this with { Copies = [.. copies], Mx = other.Mx.IsEmpty ? Mx : other.Mx };
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
        else if (_copies.TryGetValue(policy.Domain, out var earlier)) _copies[policy.Domain] = earlier with { Mx = policy.Policy.Mx };
    }

    /// <returns>Whether a copy was not known.</returns>
    public bool Note(SenderCopies copies)
    {
        if (_copies.TryAdd(copies.Domain, copies)) return true;
        var known = _copies[copies.Domain];
        var both = _copies[copies.Domain] = known.And(copies);
        return !both.Copies.SequenceEqual(known.Copies);
    }

    /// <returns>Whether the domain has copies, so that this matters.</returns>
    public bool See(RecordSighting sighting)
    {
        if (!_copies.TryGetValue(sighting.Domain, out var known)) return false;
        _copies[sighting.Domain] = known.See(sighting);
        return true;
    }

    /// <summary>Corrects what a clock that was ahead has noted.</summary>
    /// <returns>Whether there was anything to correct.</returns>
    public bool PullIn(SenderCopies copies, DateTimeOffset now)
    {
        if (copies.LookedUp > now) _copies[copies.Domain] = copies = copies with { LookedUp = null };
        if (copies.Copies.All(copy => copy.NotAfter(now) == copy)) return false;
        _copies[copies.Domain] = copies with { Copies = [.. copies.Copies.Select(copy => copy.NotAfter(now))] };
        return true;
    }

    public SenderCopies? Find(DomainName domain) => _copies.GetValueOrDefault(domain);

    public void Forget(DomainName domain) => _copies.Remove(domain);

    /// <summary>Whether senders may hold a policy whose last binding version was in <c>enforce</c>.</summary>
    public bool AreEnforced(DomainName domain, DateTimeOffset now) =>
        _copies.TryGetValue(domain, out var copies) && copies.Mode == PolicyMode.Enforce && copies.AreHeld(now);
}
