using MtaStsHost.Configuration;

namespace MtaStsHost.Listeners;

/// <summary>
/// Tries addresses before Kestrel does. At start, that gives one clear line instead of a stack trace; on a reload, a configuration is
/// refused whose addresses are not all free.
/// </summary>
internal static class ListenProbe
{
    /// <param name="listen">Listens, and throws a <see cref="SocketException"/> if it can't.</param>
    public static void Check(IReadOnlyList<EndpointSettings> active, IReadOnlyList<EndpointSettings> next, ProblemList problems,
        Action<EndPoint> listen)
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
                Listen(endpoint.Address, listen);
            }
            catch (SocketException e)
            {
                var (what, remedy) = endpoint.Address.IsUnixPipe ? ReasonOfUnixSocket(e) : Reason(e, endpoint.Address.Port);
                problems.Error(path + ":Url", default, $"can't listen on {ProblemList.Quote(endpoint.Url)}: {what}", remedy);
            }
        }
    }

    private static (string What, string Remedy) Reason(SocketException e, int port) => e.SocketErrorCode switch
    {
        SocketError.AccessDenied => ("this user may not listen on that port",
            "use a port above 1023, or allow it (CAP_NET_BIND_SERVICE, or sysctl net.ipv4.ip_unprivileged_port_start)"),
        SocketError.AddressNotAvailable => ("this machine has no such address", "change the Url"),
        SocketError.AddressAlreadyInUse => ("another program listens on it",
            $"ss -ltnp 'sport = :{port.ToString(CultureInfo.InvariantCulture)}' shows which; stop that program, or change the Url"),
        _ => (Printable.Text(e.Message, 300), "change the Url"),
    };

    private static (string What, string Remedy) ReasonOfUnixSocket(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AccessDenied => ("this user may not create files in its folder", "change the folder's owner or mode, or the Url"),
        // ENOENT
        SocketError.AddressNotAvailable => ("its folder does not exist", "create the folder, or change the Url"),
        SocketError.AddressAlreadyInUse => ("another program listens on it, or the file is not a socket",
            "stop that program or remove the file, or change the Url"),
        _ => (Printable.Text(e.Message, 300), "change the Url"),
    };

    /// <summary>As Kestrel does: a name other than localhost means every address, without IPv6 every IPv4 address.</summary>
    private static void Listen(BindingAddress address, Action<EndPoint> listen)
    {
        if (address.IsUnixPipe) listen(new UnixDomainSocketEndPoint(address.UnixPipePath));
        else if (IPAddress.TryParse(address.Host, out var ip)) listen(new IPEndPoint(ip, address.Port));
        else if (ListenAddress.IsLocalhost(address)) ListenOn([IPAddress.Loopback, IPAddress.IPv6Loopback], all: true);
        else ListenOn([IPAddress.IPv6Any, IPAddress.Any], all: false);

        void ListenOn(IPAddress[] addresses, bool all)
        {
            SocketException? missing = null;
            var isOpen = false;
            foreach (var each in addresses.TakeWhile(_ => all || !isOpen))
            {
                try
                {
                    listen(new IPEndPoint(each, address.Port));
                    isOpen = true;
                }
                catch (SocketException e) when (e.SocketErrorCode is not (SocketError.AddressAlreadyInUse or SocketError.AccessDenied))
                {
                    missing = e; // a machine may lack a family, but an address that it has must be free
                }
            }

            if (!isOpen) throw missing!;
        }
    }
}
