using System.Net;

namespace MtaStsHost.Checks.Sts;

/// <summary>
/// Whether an address of a policy host that can't be reached from here is reached by others: few routers lead their own public address back to the
/// network behind them. A sender's fetch after the first failure shows it; one from before may have been the last. One for the process.
/// </summary>
internal sealed class PolicyHostReachability(TimeProvider time)
{
    /// <summary>Where there is mail, senders come about daily, as RFC 8461 suggests.</summary>
    private static readonly TimeSpan s_life = TimeSpan.FromDays(3);

    /// <summary>One network has few; whoever changes a domain's addresses all the time must not fill the memory.</summary>
    private const int MaxAddresses = 1_000;

    private readonly Dictionary<IPAddress, Outage> _outages = [];

    private readonly Lock _lock = new();

    /// <param name="Since">Of the first failure.</param>
    /// <param name="Fetched">The last fetch by others since then.</param>
    private readonly record struct Outage(DateTimeOffset Since, DateTimeOffset? Fetched);

    /// <summary>The address took a connection from here.</summary>
    public void Reached(IPAddress address)
    {
        lock (_lock) _outages.Remove(address);
    }

    /// <summary>The address took none.</summary>
    /// <param name="lastFetch">When a sender outside fetched the domain's policy last, and could have done so at no other address; <c>null</c>: not known.</param>
    /// <returns>Whether others reach it.</returns>
    public bool Failed(IPAddress address, DateTimeOffset? lastFetch)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (!_outages.TryGetValue(address, out var outage))
            {
                if (_outages.Count == MaxAddresses) _outages.Remove(_outages.MinBy(known => known.Value.Since).Key);
                _outages[address] = new Outage(now, null);
                return false;
            }

            // A clock that was set back has fetches in its future, which would count for longer.
            if (lastFetch > outage.Since && lastFetch <= now && !(lastFetch <= outage.Fetched)) _outages[address] = outage = outage with { Fetched = lastFetch };
            return outage.Fetched is { } fetched && now - fetched is var age && age >= TimeSpan.Zero && age < s_life;
        }
    }
}
