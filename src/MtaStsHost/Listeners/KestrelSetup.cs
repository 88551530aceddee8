using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using MtaStsHost.Configuration;
using MtaStsHost.Listeners.Tls;

namespace MtaStsHost.Listeners;

/// <summary>Kestrel's limits and listeners. A sender makes one small GET, and nothing needs more.</summary>
internal static class KestrelSetup
{
    /// <summary>Listeners that are always set up, so that a reload can add one.</summary>
    public static readonly ImmutableArray<string> KnownNames = ["Http", "Https", EndpointSettings.Management];

    /// <summary>A handshake takes a second over the worst of lines; a longer one is deliberate.</summary>
    private static readonly TimeSpan s_handshakeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// For a client that does not read what it requested, once the buffers on the way are full. Kestrel allows the time that all bytes
    /// since the first take at this rate, or the grace period from the last write on; at a rate that no line reaches, only the latter.
    /// </summary>
    private static readonly MinDataRate s_responseRate = new(bytesPerSecond: 1_000_000_000, gracePeriod: TimeSpan.FromSeconds(10));

    public static void AddListeners(this IWebHostBuilder host, KestrelSettings settings, IReadOnlyList<EndpointSettings> endpoints)
    {
        SessionTickets.TurnOff();
        host.UseKestrelCore().UseKestrelHttpsConfiguration();
        // Saves one receive per request, for 4 KiB per idle connection; ConnectionLimit bounds them.
        host.UseSockets(options => options.WaitForDataBeforeAllocatingBuffer = false);
        host.ConfigureServices(services => services.AddSingleton<ListenSockets>()
            .AddSingleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<ListenSockets>())
            .AddOptions<KestrelServerOptions>().Configure<TlsHandshake, ChallengeHandshake, ConnectionLimit, ProxyProtocol,
                ListenSockets>((options, handshake, challenges, limit, proxies, sockets) =>
        {
            sockets.AllTaken += settings.RemoveReplaced;
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = 0;
            options.Limits.MaxRequestLineSize = 4 * 1024;
            options.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            options.Limits.MaxRequestBufferSize = 32 * 1024; // the default megabyte could be filled by pipelined requests
            options.Limits.RequestHeadersTimeout = s_handshakeTimeout;
            options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
            options.Limits.Http2.MaxStreamsPerConnection = 20;
            options.Limits.MinResponseDataRate = s_responseRate;

            var loader = options.Configure(settings.Section, reloadOnChange: true);
            foreach (var name in endpoints.Select(endpoint => endpoint.Name).Union(KnownNames, StringComparer.OrdinalIgnoreCase))
            {
                foreach (var kestrels in new[] { name, KestrelSettings.SecondName(name) })
                    loader.Endpoint(kestrels, endpoint => Configure(name, endpoint, handshake, challenges, limit, proxies));
            }
        }));
    }

    private static void Configure(string name, EndpointConfiguration endpoint,
        TlsHandshake handshake, ChallengeHandshake challenges, ConnectionLimit limit, ProxyProtocol proxies)
    {
        if (name.Equals(EndpointSettings.Management, StringComparison.OrdinalIgnoreCase))
        {
            endpoint.ListenOptions.Use(next => connection =>
            {
                connection.Features.Set(ManagementConnection.Instance);
                return next(connection);
            });
            return;
        }

        var listener = endpoint.ListenOptions;
        listener.Use(limit.Guard);
        if (endpoint.ConfigSection[EndpointSettings.ProxyProtocolKey] is not null) listener.Use(proxies.Guard);
        if (!endpoint.IsHttps) return;
        listener.Use(challenges.Guard);
        listener.Use(handshake.Guard);
        listener.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = context => handshake.OnConnection(context, listener.Protocols),
            HandshakeTimeout = s_handshakeTimeout });
    }
}

/// <summary>Marks a connection of the management listener. Set by the listener, so that no header can fake it.</summary>
internal sealed class ManagementConnection
{
    public static readonly ManagementConnection Instance = new();
}
