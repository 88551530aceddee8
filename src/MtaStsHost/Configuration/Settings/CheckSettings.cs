namespace MtaStsHost.Configuration;

/// <summary>The <c>Checks</c> section.</summary>
/// <param name="Enabled">Whether the service checks its domains in the background.</param>
/// <param name="Interval">How often it checks each.</param>
/// <param name="TrustedRootsFile">PEM, absolute; then the only roots that are trusted. <c>null</c>: the system's.</param>
/// <param name="SmtpPort">Of MX hosts.</param>
/// <param name="HttpsPort">Of policy hosts.</param>
/// <param name="InnerNetworks">Not global, and connected to all the same.</param>
/// <param name="Timeout">For each fetch and each connection to an MX host, from beginning to end.</param>
internal sealed record CheckSettings(bool Enabled, TimeSpan Interval, string? TrustedRootsFile,
    int SmtpPort, int HttpsPort, ImmutableArray<IPNetwork> InnerNetworks, TimeSpan Timeout)
{
    public static readonly CheckSettings Default = Of(new CheckOptions());

    public static CheckSettings Read(SettingsReader settings) => Of(settings.Bind("Checks", new CheckOptionsValidator()));

    private static CheckSettings Of(CheckOptions options) => new(
        options.Enabled, options.Interval, options.TrustedRootsFile, options.SmtpPort, options.HttpsPort,
        NetworkAttribute.All(options.InnerNetworks), options.Timeout);
}

/// <summary>What the background checks need from the active configuration.</summary>
/// <param name="Resolvers">Empty: the system's.</param>
internal sealed record BackgroundSettings(CheckSettings Checks, ImmutableArray<IPEndPoint> Resolvers, PublicHost? PublicHost)
{
    /// <summary>Whether checks would be the same; how often they run doesn't count.</summary>
    public bool LooksAs(BackgroundSettings other) =>
        Checks with { Interval = other.Checks.Interval, InnerNetworks = other.Checks.InnerNetworks } == other.Checks
        && Checks.InnerNetworks.AsSpan().SequenceEqual(other.Checks.InnerNetworks.AsSpan())
        && Resolvers.AsSpan().SequenceEqual(other.Resolvers.AsSpan())
        && PublicHost?.Name == other.PublicHost?.Name && (PublicHost?.Addresses ?? [])
            .AsSpan().SequenceEqual((other.PublicHost?.Addresses ?? []).AsSpan());
}
