namespace MtaStsHost.Configuration;

/// <summary>The <c>Traefik</c> section: what the routers that Traefik fetches from <c>/traefik</c> contain.</summary>
/// <param name="EntryPoints">The Traefik listeners that senders connect to.</param>
/// <param name="CertResolver">The Traefik resolver that gets the certificates; <c>null</c>: Traefik has them, or has a default one.</param>
/// <param name="ServiceUrl">Where Traefik sends requests to; <c>null</c>: found for each request, see <c>ServiceAddress</c>.</param>
/// <param name="RouterPrefix">The start of a router's name; the domain follows.</param>
internal sealed record TraefikSettings(ImmutableArray<string> EntryPoints, string? CertResolver, string? ServiceUrl, string RouterPrefix)
{
    /// <summary>Traefik's name for HTTP/2 without TLS.</summary>
    public const string Http2Scheme = "h2c";

    public static TraefikSettings Read(SettingsReader settings)
    {
        var options = settings.Bind("Traefik", new TraefikOptionsValidator());
        return new TraefikSettings(
            [.. options.EntryPoints.Distinct()], options.CertResolver, NormaliseUrl(options.ServiceUrl), options.RouterPrefix);
    }

    public static string FormatUrl(string scheme, string host, int port) =>
        port < 0 ? $"{scheme}://{host}" : string.Create(CultureInfo.InvariantCulture, $"{scheme}://{host}:{port}");

    private static string? NormaliseUrl(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var url)
        ? FormatUrl(url.Scheme, url.HostNameType == UriHostNameType.IPv6 ? $"[{url.IdnHost}]" : url.IdnHost, url.Port) : null;
}
