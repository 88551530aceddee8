using System.Collections.Immutable;
using System.Net;

namespace MtaStsHost.Configuration;

/// <summary><c>ForwardedHeaders:KnownNetworks</c>: the proxies that are believed about whom they speak for.</summary>
internal sealed record KnownNetworks(ImmutableArray<IPNetwork> All)
{
    private const int MappedPrefix = 96;

    /// <summary>Nobody is believed.</summary>
    public static readonly KnownNetworks None = new([]);

    public static KnownNetworks Read(SettingsReader settings)
    {
        var networks = ImmutableArray.CreateBuilder<IPNetwork>();
        foreach (var (path, value) in settings.List("ForwardedHeaders:KnownNetworks"))
        {
            if (TryParse(value.Text!, out var network)) networks.Add(network);
            else settings.Problems.Error(path, value.Origin, $"{ProblemList.Quote(value.Text)} is no network",
                "write an address and a prefix length, such as 172.16.0.0/12 or fd00::/8");
        }

        return new KnownNetworks(networks.DrainToImmutable());
    }

    public bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in All)
        {
            if (network.Contains(plain)) return true;
        }

        return false;
    }

    private static bool TryParse(string text, out IPNetwork network)
    {
        network = default;
        if (AddressText.TryParse(text, out var address)) network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        else if (!AddressText.TryParse(text.Split('/')[0], out _) || !IPNetwork.TryParse(text, out network)) return false;
        // Addresses are compared as IPv4 where they are that; a network that is written the other way would hold none.
        if (network is { BaseAddress.IsIPv4MappedToIPv6: true, PrefixLength: >= MappedPrefix })
            network = new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - MappedPrefix);
        return true;
    }
}
