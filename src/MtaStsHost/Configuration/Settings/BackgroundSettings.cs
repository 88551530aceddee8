using System.Collections.Immutable;
using System.Net;

namespace MtaStsHost.Configuration;

/// <summary>The settings that the checks in the background depend on.</summary>
/// <param name="Resolvers">Empty: the system's.</param>
internal sealed record BackgroundSettings(CheckSettings Checks, ImmutableArray<IPEndPoint> Resolvers, PublicHost? PublicHost)
{
    /// <summary>Whether a check would check the same things in the same way; how often doesn't count.</summary>
    public bool LooksAs(BackgroundSettings other) =>
        Checks with { Interval = other.Checks.Interval } == other.Checks && Resolvers.AsSpan().SequenceEqual(other.Resolvers.AsSpan())
        && PublicHost?.Name == other.PublicHost?.Name && (PublicHost?.Addresses ?? [])
            .AsSpan().SequenceEqual((other.PublicHost?.Addresses ?? []).AsSpan());
}
