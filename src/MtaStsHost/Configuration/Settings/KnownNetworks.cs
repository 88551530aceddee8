namespace MtaStsHost.Configuration;

/// <summary><c>ForwardedHeaders:KnownNetworks</c>: the proxies that are trusted to name the client.</summary>
internal sealed record KnownNetworks(ImmutableArray<IPNetwork> All)
{
    public static KnownNetworks Read(SettingsReader settings) =>
        new(NetworkAttribute.All(settings.Bind("ForwardedHeaders", new KnownProxiesOptionsValidator()).KnownNetworks));

    public bool Contains(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (var network in All)
        {
            if (network.Contains(plain)) return true;
        }

        return false;
    }
}
