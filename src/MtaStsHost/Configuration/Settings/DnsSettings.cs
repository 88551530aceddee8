using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace MtaStsHost.Configuration;

/// <summary>The <c>Dns</c> section.</summary>
/// <param name="Resolvers">Empty: the system's.</param>
internal sealed record DnsSettings(ImmutableArray<IPEndPoint> Resolvers)
{
    private const int DnsPort = 53;

    /// <summary>The addresses of <c>Dns:Resolvers</c>.</summary>
    public static DnsSettings Read(SettingsReader settings)
    {
        var resolvers = ImmutableArray.CreateBuilder<IPEndPoint>();
        foreach (var (path, value) in settings.List("Dns:Resolvers"))
        {
            // IPEndPoint reads "53" as 0.0.0.53.
            if (IPEndPoint.TryParse(value.Text!, out var endPoint)
                && (endPoint.AddressFamily == AddressFamily.InterNetworkV6 || endPoint.Address.ToString() == value.Text!.Split(':')[0]))
            {
                if (endPoint.Port == 0) endPoint.Port = DnsPort;
                resolvers.Add(endPoint);
            }
            else
            {
                settings.Problems.Error(path, value.Origin, $"{ProblemList.Quote(value.Text)} is no address",
                    "write an address, with a port where it isn't 53: 192.0.2.53, 127.0.0.1:8053 or [2001:db8::53]:53");
            }
        }

        return new DnsSettings(resolvers.DrainToImmutable());
    }
}
