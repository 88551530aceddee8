using System.Runtime.CompilerServices;
using MtaStsHost.Serving;

namespace MtaStsHost.Checks.Sts;

/// <summary>Whether an address of a policy host that can't be reached from here is reached by others: many networks have no hairpin NAT. A
/// sender's fetch shows it, once it can't have gone to an address that was in DNS before. One per process.</summary>
internal sealed class PolicyHostReachability(TimeProvider time)
{
    /// <summary>Senders with mail for the domain come about daily, as RFC 8461 suggests.</summary>
    private static readonly TimeSpan s_life = TimeSpan.FromDays(2);

    /// <summary>Senders may have cached another address, from a record that is gone and whose TTL is no longer known.</summary>
    private static readonly TimeSpan s_longestUsualTtl = TimeSpan.FromHours(1);

    /// <summary>A domain's statistics live as long as it is served, and so does this.</summary>
    private readonly ConditionalWeakTable<HostStatistics, Dictionary<IPAddress, Outage>> _outages = [];

    private readonly Lock _lock = new();

    /// <summary>Timestamps, so that setting the clock doesn't change their age.</summary>
    /// <param name="Since">Of the first failure.</param>
    /// <param name="Fetched">Of the last fetch by others that counts.</param>
    private readonly record struct Outage(long Since, long? Fetched);

    /// <summary>The address took a connection from here.</summary>
    public void Reached(HostStatistics domain, IPAddress address)
    {
        lock (_lock)
        {
            if (_outages.TryGetValue(domain, out var outages)) outages.Remove(address);
        }
    }

    /// <summary>The address took none.</summary>
    /// <param name="ttl">Of its record, as it was told now.</param>
    /// <param name="isAlone">Whether a sender that uses its family can have gone nowhere else, as DNS is now.</param>
    /// <returns>Whether others reach it.</returns>
    public bool Failed(HostStatistics domain, IPAddress address, TimeSpan ttl, bool isAlone)
    {
        lock (_lock)
        {
            var outages = _outages.GetOrCreateValue(domain);
            if (!outages.TryGetValue(address, out var outage)) outage = new Outage(time.GetTimestamp(), null);
            if (isAlone && FetchAfter(outage.Since, domain.LastFromOutside(address.AddressFamily), ttl) is { } fetch
                && !(fetch <= outage.Fetched)) outage = outage with { Fetched = fetch };
            outages[address] = outage;
            return outage.Fetched is { } fetched && time.GetElapsedTime(fetched) < s_life;
        }
    }

    /// <returns>The timestamp of the fetch; <c>null</c>: it proves nothing.</returns>
    private long? FetchAfter(long since, long unixSeconds, TimeSpan ttl)
    {
        if (unixSeconds == 0) return null;
        var age = time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(unixSeconds);
        var oldest = time.GetElapsedTime(since) - (ttl > s_longestUsualTtl ? ttl : s_longestUsualTtl);
        return age >= TimeSpan.Zero && age < oldest ? time.GetTimestamp() - (long)(age.TotalSeconds * time.TimestampFrequency) : null;
    }
}
