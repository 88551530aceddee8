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

    /// <summary>When, as a timestamp, so that it ages whatever somebody does to the clock; <c>null</c>: never.</summary>
    private readonly long?[] _proven = new long?[4];

    private readonly Lock _lock = new();

    /// <summary>A server has greeted.</summary>
    public void Proven(IPAddress address)
    {
        var place = PlaceOf(address);
        lock (_lock) _proven[place] = time.GetTimestamp();
    }

    public bool IsProven(IPAddress address)
    {
        var place = PlaceOf(address);
        lock (_lock) return _proven[place] is { } since && time.GetElapsedTime(since) < s_life;
    }

    /// <summary>Whether the way to the address doesn't lead through a provider.</summary>
    internal static bool IsWithin(IPAddress address) => Array.Exists(s_within, network => network.Contains(address)) || IsOwn(address);

    private static int PlaceOf(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return (plain.AddressFamily == AddressFamily.InterNetworkV6 ? 1 : 0) + (IsWithin(plain) ? 2 : 0);
    }

    /// <summary>Only an address of this machine can be bound to. Nothing is sent.</summary>
    private static bool IsOwn(IPAddress address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
