namespace MtaStsHost.Network;

/// <summary>Name servers rotate addresses. In a fixed order, the same addresses give the same message.</summary>
internal static class AddressOrder
{
    public static IEnumerable<IPAddress> InOrder(this IEnumerable<IPAddress> addresses) =>
        addresses.Distinct().OrderBy(address => address.AddressFamily)
            .ThenBy(address => Convert.ToHexString(address.GetAddressBytes()), StringComparer.Ordinal);

    /// <summary>The first of each family, then the second of each …: cutting the list must not drop a whole family.</summary>
    public static IEnumerable<IPAddress> OfBothFamilies(this IEnumerable<IPAddress> addresses) =>
        addresses.GroupBy(address => address.AddressFamily).SelectMany(family => family.Select((address, index) => (address, index)))
            .OrderBy(entry => entry.index).Select(entry => entry.address);
}
