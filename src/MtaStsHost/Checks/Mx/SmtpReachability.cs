using MtaStsHost.Network;

namespace MtaStsHost.Checks.Mx;

/// <summary>Whether port 25 of other hosts can be reached from this machine at all: many networks block it. A host that greets proves it
/// for a day, for its address family: at once for its own network, and for the whole Internet as soon as a second network greets. A single
/// one may be this machine's own, since behind NAT it doesn't know its public address. Local networks (this machine, a private network)
/// prove nothing about the Internet, nor the Internet about them. One per process.</summary>
internal sealed class SmtpReachability(TimeProvider time)
{
    private static readonly TimeSpan s_life = TimeSpan.FromDays(1);

    /// <summary>Two would do for the Internet; the others are for networks that greet while no other does.</summary>
    private const int MaxNetworks = 64;

    private const int ProofsOfTheWorld = 2;

    /// <summary>Networks in which a server has greeted, and when last: a timestamp, which setting the clock doesn't change.</summary>
    private readonly Dictionary<Way, Dictionary<IPAddress, long>> _proofs = [];

    private readonly Lock _lock = new();

    private readonly record struct Way(AddressFamily Family, bool IsWithin);

    /// <summary>A server has greeted.</summary>
    public void Proven(IPAddress address)
    {
        var (way, network) = WayTo(address);
        lock (_lock)
        {
            if (!_proofs.TryGetValue(way, out var proofs)) _proofs[way] = proofs = [];
            if (proofs.Count == MaxNetworks && !proofs.ContainsKey(network)) proofs.Remove(proofs.MinBy(proof => proof.Value).Key);
            proofs[network] = time.GetTimestamp();
        }
    }

    public bool IsProven(IPAddress address)
    {
        var (way, network) = WayTo(address);
        lock (_lock)
        {
            if (!_proofs.TryGetValue(way, out var proofs)) return false;
            var living = proofs.Where(proof => time.GetElapsedTime(proof.Value) < s_life).Select(proof => proof.Key).ToList();
            return living.Contains(network) || living.Count >= (way.IsWithin ? 1 : ProofsOfTheWorld);
        }
    }

    /// <summary>Whether the way to the address doesn't lead through a provider.</summary>
    internal static bool IsWithin(IPAddress address) => LocalNetworks.Contain(address) || ConnectableAddresses.IsThisMachine(address);

    private static (Way Way, IPAddress Network) WayTo(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return (new Way(plain.AddressFamily, IsWithin(plain)), NetworkOf(plain));
    }

    /// <summary>The /24 or /48, about what one customer of a provider has.</summary>
    private static IPAddress NetworkOf(IPAddress address)
    {
        var all = address.GetAddressBytes();
        all.AsSpan(all.Length == 4 ? 3 : 6).Clear();
        return new IPAddress(all);
    }
}
