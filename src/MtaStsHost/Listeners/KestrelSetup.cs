using Microsoft.AspNetCore.Server.Kestrel;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using MtaStsHost.Configuration;
using MtaStsHost.Listeners.Tls;

namespace MtaStsHost.Listeners;

/// <summary>Kestrel's limits and listeners. A sender makes one small GET; whoever wants more is no sender.</summary>
internal static class KestrelSetup
{
    /// <summary>A handshake takes a second over the worst of lines; who holds one open for longer holds it open on purpose.</summary>
    private static readonly TimeSpan s_handshakeTimeout = TimeSpan.FromSeconds(10);

    public static void AddListeners(this IWebHostBuilder host, KestrelSettings settings, IReadOnlyList<EndpointSettings> endpoints)
    {
        SessionTickets.TurnOff();
        host.UseKestrelCore().UseKestrelHttpsConfiguration();
        // One receive fewer at each turn of a connection, for 4 KiB that an idle one holds; ConnectionLimit bounds them.
        host.UseSockets(options => options.WaitForDataBeforeAllocatingBuffer = false);
        host.ConfigureServices(services => services.AddOptions<KestrelServerOptions>().Configure<TlsHandshake,
            ChallengeHandshake, ConnectionLimit, ProxyProtocol>((options, handshake, challenges, limit, proxies) =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = 0;
            options.Limits.MaxRequestLineSize = 4 * 1024;
            options.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            options.Limits.MaxRequestBufferSize = 32 * 1024; // a megabyte by default, which pipelined requests would fill
            options.Limits.RequestHeadersTimeout = s_handshakeTimeout;
            options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
            options.Limits.Http2.MaxStreamsPerConnection = 20;

            // A listener may be added while the host runs; those names are known in any case.
            var names = endpoints.Select(endpoint => endpoint.Name)
                .Concat(["Http", "Https", EndpointSettings.Management]).Distinct(StringComparer.OrdinalIgnoreCase);
            var loader = options.Configure(settings.Section, reloadOnChange: true);
            foreach (var name in names) loader.Endpoint(name, endpoint => Configure(name, endpoint, handshake, challenges, limit, proxies));
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
