namespace MtaStsHost.Configuration;

/// <summary>What the background checks need from the active configuration.</summary>
/// <param name="Resolvers">Empty: the system's.</param>
internal sealed record BackgroundSettings(CheckSettings Checks, ImmutableArray<IPEndPoint> Resolvers, PublicHost? PublicHost)
{
    /// <summary>Whether checks would be the same; how often they run doesn't count.</summary>
    public bool LooksAs(BackgroundSettings other) =>
        Checks with { Interval = other.Checks.Interval } == other.Checks && Resolvers.AsSpan().SequenceEqual(other.Resolvers.AsSpan())
        && PublicHost?.Name == other.PublicHost?.Name && (PublicHost?.Addresses ?? [])
            .AsSpan().SequenceEqual((other.PublicHost?.Addresses ?? []).AsSpan());
}
