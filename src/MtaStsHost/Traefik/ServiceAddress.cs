using MtaStsHost.Configuration;

namespace MtaStsHost.Traefik;

/// <summary>
/// Where Traefik finds the listener without TLS, unless that is configured: at the address at which it has just reached the management
/// listener. No header is read, so that no client can have policies fetched from elsewhere.
/// </summary>
internal static class ServiceAddress
{
    /// <param name="reached">The address of this machine that the request came in on; <c>null</c>: none, as with a socket file.</param>
    /// <returns><c>null</c> if no listener can be reached there.</returns>
    public static string? Find(IReadOnlyList<EndpointSettings> endpoints, IPAddress? reached)
    {
        if (reached is { IsIPv4MappedToIPv6: true }) reached = reached.MapToIPv4();
        // A link-local address needs an interface of the machine that uses it.
        if (reached is null or { IsIPv6LinkLocal: true }) return null;
        foreach (var endpoint in endpoints)
        {
            // Traefik's HTTP services send no PROXY header.
            if (endpoint.IsManagement || endpoint.IsHttps || endpoint.ProxyProtocol
                || endpoint.Address is not { IsUnixPipe: false, Port: not 0 } listener) continue;
            if (AddressOf(listener, reached) is not { } address) continue;
            var host = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
            return TraefikSettings.FormatUrl(endpoint.Protocols == "Http2" ? TraefikSettings.Http2Scheme : "http", host, listener.Port);
        }

        return null;
    }

    /// <summary>The listener's address as a client that used <paramref name="reached"/> can use it.</summary>
    private static IPAddress? AddressOf(BindingAddress listener, IPAddress reached)
    {
        var isLocal = IPAddress.IsLoopback(reached);
        if (ListenAddress.IsLocalhost(listener)) return isLocal ? reached : null;
        // Kestrel takes any name, and * and [::], for every address of both families.
        if (!IPAddress.TryParse(listener.Host, out var address) || address.Equals(IPAddress.IPv6Any)) return reached;
        if (address.Equals(IPAddress.Any)) return reached.AddressFamily == AddressFamily.InterNetwork
            ? reached : isLocal ? IPAddress.Loopback : null;
        return IPAddress.IsLoopback(address) && !isLocal ? null : address;
    }
}
