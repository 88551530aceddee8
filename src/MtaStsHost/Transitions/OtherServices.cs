using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>A service that uses the same store and serves other domains.</summary>
/// <param name="Domains">That it serves and this one doesn't, at least one.</param>
internal sealed record OtherService(long Number, string Name, IReadOnlyList<string> Domains);

/// <summary>Whose the policies in the store are. What another service serves is not this one's to end. Pure.</summary>
internal static class OtherServices
{
    /// <param name="name">Of this service.</param>
    public static IReadOnlyList<OtherService> Find(StoredPolicies stored, string name, Func<string, bool> isServedHere) =>
    [
        .. ByNumber(stored, name).Select(service => new OtherService(service.Key, stored.Services[service.Key],
                [.. service.Where(domain => !isServedHere(domain))]))
            .Where(other => !IsThis(stored, other.Number, other.Domains.Count)),
    ];

    /// <summary>The number of this service under an earlier name, or of a replica; <c>null</c>: none.</summary>
    public static long? Former(StoredPolicies stored, string name, IReadOnlyList<OtherService> others) =>
        ByNumber(stored, name).Where(service => others.All(other => other.Number != service.Key))
            .OrderByDescending(service => service.Count()).FirstOrDefault()?.Key;

    private static IEnumerable<IGrouping<long, string>> ByNumber(StoredPolicies stored, string name) =>
        stored.InForce.Where(policy => policy.ServedBy is { } number && stored.Services.TryGetValue(number, out var other) && other != name)
            .GroupBy(policy => policy.ServedBy!.Value, policy => policy.Key.Domain);

    /// <summary>A service that serves mostly the same domains is a replica, or this one before its configuration was moved. Half is not
    /// enough: two services with a domain each may both have the sample's domain as well.</summary>
    private static bool IsThis(StoredPolicies stored, long number, int elsewhere) =>
        elsewhere * 2 < stored.InForce.Count(policy => policy.ServedBy == number);
}
