namespace MtaStsHost.Network;

/// <summary>
/// Addresses that are not reachable from the internet: loopback, private, link-local, and carrier-grade NAT. RFC 1122 §3.2.1.3, RFC 1918,
/// RFC 3927, RFC 6598, RFC 4193, RFC 4291 §2.5.
/// </summary>
internal static class LocalNetworks
{
    private static readonly IPNetwork[] s_all =
    [
        IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("0.0.0.0/8"),
        IPNetwork.Parse("::/127"), IPNetwork.Parse("fc00::/7"), IPNetwork.Parse("fe80::/10"),
    ];

    /// <summary>Allocates nothing unless the address is IPv4-mapped.</summary>
    public static bool Contain(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in s_all)
        {
            if (network.Contains(plain)) return true;
        }

        return false;
    }
}
