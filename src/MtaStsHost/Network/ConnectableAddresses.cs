using System.Net.NetworkInformation;

namespace MtaStsHost.Network;

/// <summary>The addresses that checks connect to. Anyone who publishes a domain's records chooses the addresses, and must not have
/// this machine connect to hosts of its own network, whose banners and certificate names are reported. RFC 6890.</summary>
/// <param name="inner">Networks that are not global, and are connected to all the same (<c>Checks:InnerNetworks</c>).</param>
internal sealed class ConnectableAddresses(ImmutableArray<IPNetwork> inner)
{
    /// <summary>Neither global nor local: protocol assignments, benchmarks, multicast, reserved, site-local, translation within a network
    /// (RFC 8215). Networks for documentation are not used by anyone, and stay out of this.</summary>
    private static readonly IPNetwork[] s_special =
    [
        IPNetwork.Parse("192.0.0.0/24"), IPNetwork.Parse("198.18.0.0/15"), IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"),
        IPNetwork.Parse("fec0::/10"), IPNetwork.Parse("ff00::/8"), IPNetwork.Parse("64:ff9b:1::/48"), IPNetwork.Parse("100::/64"),
    ];

    /// <summary>IPv6 addresses that a translator or a tunnel turns into IPv4, and where in them that address begins. RFC 6052 §2.1,
    /// RFC 3056 §2, RFC 4291 §2.5.5.1.</summary>
    private static readonly (IPNetwork Network, int Offset)[] s_embedding =
        [(IPNetwork.Parse("64:ff9b::/96"), 12), (IPNetwork.Parse("2002::/16"), 2), (IPNetwork.Parse("::/96"), 12)];

    /// <summary>Global, in one of the inner networks, or this machine's.</summary>
    public bool Contain(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return inner.Any(network => network.Contains(plain)) || IsThisMachine(plain) || IsGlobal(plain);
    }

    /// <summary>Loopback, or an address of one of this machine's interfaces. Only such an address can be bound to, which costs little to
    /// find out, and sends nothing; but where net.ipv4.ip_nonlocal_bind is set, any can.</summary>
    public static bool IsThisMachine(IPAddress address)
    {
        if (IPAddress.IsLoopback(address)) return true;
        if (!CanBind(address)) return false;
        try
        {
            return Array.Exists(NetworkInterface.GetAllNetworkInterfaces(),
                network => network.GetIPProperties().UnicastAddresses.Any(own => own.Address.Equals(address)));
        }
        catch (NetworkInformationException)
        {
            return true;
        }
    }

    private static bool IsGlobal(IPAddress address)
    {
        if (LocalNetworks.Contain(address) || Array.Exists(s_special, network => network.Contains(address))) return false;
        foreach (var (network, offset) in s_embedding)
        {
            if (network.Contains(address)) return IsGlobal(new IPAddress(address.GetAddressBytes().AsSpan(offset, 4)));
        }

        return true;
    }

    private static bool CanBind(IPAddress address)
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
