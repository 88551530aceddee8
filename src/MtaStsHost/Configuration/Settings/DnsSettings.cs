namespace MtaStsHost.Configuration;

/// <summary>The <c>Dns</c> section.</summary>
/// <param name="Resolvers">Empty: the system's.</param>
internal sealed record DnsSettings(ImmutableArray<IPEndPoint> Resolvers)
{
    public static DnsSettings Read(SettingsReader settings) => new(
    [
        .. settings.Bind("Dns", new DnsOptionsValidator()).Resolvers
            .Select(text => ResolverAddressAttribute.TryParse(text, out var endPoint) ? endPoint : null).OfType<IPEndPoint>(),
    ]);
}
