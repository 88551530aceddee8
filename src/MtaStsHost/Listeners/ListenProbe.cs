using MtaStsHost.Configuration;

namespace MtaStsHost.Listeners;

/// <summary>
/// Tries addresses before Kestrel does. At start, that gives one clear line instead of a stack trace. On a reload, Kestrel closes the old
/// listener before it opens the new one, so an unavailable address would leave no listener at all.
/// </summary>
internal static class ListenProbe
{
    public static void Check(IReadOnlyList<EndpointSettings> active, IReadOnlyList<EndpointSettings> next, ProblemList problems)
    {
        foreach (var endpoint in next.Where(endpoint => !active.Contains(endpoint)))
        {
            var path = $"Kestrel:Endpoints:{endpoint.Name}";
            if (active.Count > 0 && !KestrelSetup.KnownNames.Concat(active.Select(old => old.Name))
                .Contains(endpoint.Name, StringComparer.OrdinalIgnoreCase))
            {
                problems.Error(path, default, "is a new listener name", "restart the service, or call the listener Http or Https");
                continue;
            }

            try
            {
                Listen(endpoint.Address, active);
            }
            catch (SocketException e)
            {
                var (what, remedy) = Reason(e);
                problems.Error(path + ":Url", default, $"can't listen on {ProblemList.Quote(endpoint.Url)}: {what}", remedy);
            }
        }
    }

    private static (string What, string Remedy) Reason(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AccessDenied => ("this user may not listen on that port",
            "use a port above 1023, or allow it (CAP_NET_BIND_SERVICE, or sysctl net.ipv4.ip_unprivileged_port_start)"),
        SocketError.AddressNotAvailable => ("this machine has no such address", "change the Url"),
        SocketError.AddressAlreadyInUse => ("another program listens on it", "stop that program, or change the Url"),
        _ => (Printable.Text(e.Message, 300), "change the Url"),
    };

    /// <summary>As Kestrel does: a name other than localhost means every address, without IPv6 every IPv4 address.</summary>
    private static void Listen(BindingAddress address, IReadOnlyList<EndpointSettings> active)
    {
        if (address.IsUnixPipe) return;
        // A port of our own is free once the old listener is closed; any port shows whether the address is this machine's.
        var port = active.Any(old => ListenAddress.Overlap(old.Address, address)) ? 0 : address.Port;
        if (IPAddress.TryParse(address.Host, out var ip)) Listen(ip, port);
        else if (ListenAddress.IsLocalhost(address)) Listen(IPAddress.Loopback, port);
        else ListenOnEvery(port);
    }

    private static void ListenOnEvery(int port)
    {
        try
        {
            Listen(IPAddress.IPv6Any, port);
        }
        catch (SocketException e) when (e.SocketErrorCode is not (SocketError.AddressAlreadyInUse or SocketError.AccessDenied))
        {
            Listen(IPAddress.Any, port);
        }
    }

    private static void Listen(IPAddress ip, int port)
    {
        using var socket = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (ip.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
        socket.Bind(new IPEndPoint(ip, port));
    }
}
