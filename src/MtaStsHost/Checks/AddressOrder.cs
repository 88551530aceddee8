using System.Net;

namespace MtaStsHost.Checks;

/// <summary>Name servers hand out addresses in turns. In an order of their own, the same addresses make the same message.</summary>
internal static class AddressOrder
{
    public static IEnumerable<IPAddress> InOrder(this IEnumerable<IPAddress> addresses) =>
        addresses.Distinct().OrderBy(address => address.AddressFamily)
            .ThenBy(address => Convert.ToHexString(address.GetAddressBytes()), StringComparer.Ordinal);

    /// <summary>The first of each family, then the second of each …: what is cut off must not be all of one.</summary>
    public static IEnumerable<IPAddress> OfBothFamilies(this IEnumerable<IPAddress> addresses) =>
        addresses.GroupBy(address => address.AddressFamily).SelectMany(family => family.Select((address, index) => (address, index)))
            .OrderBy(entry => entry.index).Select(entry => entry.address);
}
