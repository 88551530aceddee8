using System.Net;

namespace MtaStsHost.Checks;

/// <summary>Name servers hand out addresses in turns. In an order of their own, the same addresses make the same message.</summary>
internal static class AddressOrder
{
    public static IEnumerable<IPAddress> InOrder(this IEnumerable<IPAddress> addresses) =>
        addresses.Distinct().OrderBy(address => address.AddressFamily).ThenBy(address => Convert.ToHexString(address.GetAddressBytes()), StringComparer.Ordinal);
}
