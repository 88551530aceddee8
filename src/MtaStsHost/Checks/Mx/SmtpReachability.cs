using System.Net;
using System.Net.Sockets;

namespace MtaStsHost.Checks.Mx;

/// <summary>
/// Whether the SMTP port of others can be reached from this machine at all: many networks block it. Any host of any domain that greets proves it,
/// for its address family, for a day. What is within (this machine, a private network) proves nothing of the world, nor the world of that. One for
/// the process.
/// </summary>
internal sealed class SmtpReachability(TimeProvider time)
{
    private static readonly TimeSpan s_life = TimeSpan.FromDays(1);

    /// <summary>Where no provider stands between: RFC 1122 §3.2.1.3, RFC 1918, RFC 3927, RFC 6598, RFC 4193, RFC 4291 §2.5.6.</summary>
    private static readonly IPNetwork[] s_within =
    [
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("::1/128"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"),
    ];

    private readonly long[] _proven = [long.MinValue, long.MinValue, long.MinValue, long.MinValue];

    /// <summary>A server has greeted.</summary>
    /// <param name="staysHere">The connection did not leave this machine, though the address is one of the world.</param>
    public void Proven(IPAddress address, bool staysHere = false) => Volatile.Write(ref _proven[PlaceOf(address, staysHere)], time.GetUtcNow().UtcTicks);

    public bool IsProven(IPAddress address) => Volatile.Read(ref _proven[PlaceOf(address, false)]) > (time.GetUtcNow() - s_life).UtcTicks;

    private static int PlaceOf(IPAddress address, bool staysHere)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var isWithin = staysHere || Array.Exists(s_within, network => network.Contains(plain));
        return (plain.AddressFamily == AddressFamily.InterNetworkV6 ? 1 : 0) + (isWithin ? 2 : 0);
    }
}
