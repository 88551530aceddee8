using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using MtaStsHost.Text;

namespace MtaStsHost.Configuration;

/// <summary>The <c>Traefik</c> section: what the routers say that Traefik fetches from <c>/traefik</c>.</summary>
/// <param name="EntryPoints">Traefik's listeners that senders come in on.</param>
/// <param name="CertResolver">Which of Traefik's resolvers gets the certificates; <c>null</c>: it has them, or has one by default.</param>
/// <param name="ServiceUrl">Where Traefik passes requests on to; <c>null</c>: found for each question, see
/// <c>ServiceAddress</c>.</param>
/// <param name="RouterPrefix">What a router's name begins with; the domain follows.</param>
internal sealed record TraefikSettings(ImmutableArray<string> EntryPoints, string? CertResolver, string? ServiceUrl, string RouterPrefix)
{
    /// <summary>Traefik's name for HTTP/2 without TLS.</summary>
    public const string Http2Scheme = "h2c";

    private const string DefaultEntryPoint = "websecure";
    private const string DefaultRouterPrefix = "mta-sts-";

    /// <summary>
    /// Traefik takes nearly anything as a name, but <c>name@provider</c> is a reference to another provider's; what is good in all of its
    /// file formats, labels and URLs is less.
    /// </summary>
    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("-._0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static TraefikSettings Read(SettingsReader settings)
    {
        // The prefix is followed by a domain, so it may end in anything that a name may have.
        var prefix = Name(settings, "Traefik:RouterPrefix", "no beginning of a router's name",
            "use letters, digits, '-', '_' and '.', such as " + DefaultRouterPrefix);
        var resolver = Name(settings, "Traefik:CertResolver", "no name of a certificate resolver",
            "write its name in Traefik's certificatesResolvers, such as letsencrypt");
        return new TraefikSettings(ReadEntryPoints(settings), resolver, ReadServiceUrl(settings), prefix ?? DefaultRouterPrefix);
    }

    public static string FormatUrl(string scheme, string host, int port) =>
        port < 0 ? $"{scheme}://{host}" : string.Create(CultureInfo.InvariantCulture, $"{scheme}://{host}:{port}");

    private static ImmutableArray<string> ReadEntryPoints(SettingsReader settings)
    {
        const string Path = "Traefik:EntryPoints";
        const string Remedy = "write the name of one of Traefik's entryPoints, such as " + DefaultEntryPoint;
        var entries = settings.List(Path);
        // Without any, Traefik would take all of its entry points, port 80 among them.
        if (settings.Raw(Path) is { Kind: SettingKind.EmptyList } empty
            && entries.Count == 0) settings.Problems.Error(Path, empty.Origin, "is empty", Remedy);
        foreach (var (path, value) in entries)
        {
            if (value.Text!.Length == 0 || value.Text.AsSpan().ContainsAnyExcept(s_nameCharacters))
                settings.Problems.Error(path, value.Origin, $"{ProblemList.Quote(value.Text)} is no name of an entry point", Remedy);
        }

        return entries.Count == 0 ? [DefaultEntryPoint] : [.. entries.Select(entry => entry.Value.Text!).Distinct()];
    }

    private static string? Name(SettingsReader settings, string path, string what, string remedy)
    {
        if (settings.Find(path) is not { } value) return null;
        if (value.Text.AsSpan().ContainsAnyExcept(s_nameCharacters)) settings.Problems.Error(path,
            value.Origin, $"{ProblemList.Quote(value.Text)} is {what}", remedy);
        return value.Text;
    }

    private static string? ReadServiceUrl(SettingsReader settings)
    {
        const string Path = "Traefik:ServiceUrl";
        if (settings.Find(Path) is not { } value) return null;
        if (Uri.TryCreate(value.Text, UriKind.Absolute, out var url) && IsOfListener(url) && Printable.IsPrintable(value.Text))
            return FormatUrl(url.Scheme, url.HostNameType == UriHostNameType.IPv6 ? $"[{url.IdnHost}]" : url.IdnHost, url.Port);
        settings.Problems.Error(Path, value.Origin, $"{ProblemList.Quote(value.Text)} is no address of this host's Http listener",
            "write http://, the name or address under which Traefik reaches it, and the port, such as http://mtastshost:8080");
        return null;
    }

    private static bool IsOfListener(Uri url) =>
        url.Scheme is "http" or Http2Scheme && url is { IdnHost.Length: > 0, Port: not 0, UserInfo: "", Fragment: "" }
        // Traefik passes the request's own path on, and would leave out any that stands here.
        && url.PathAndQuery is "/" or "" && !url.OriginalString.AsSpan().ContainsAny('?', '#')
        // What a listener is told to listen on is nothing that can be reached.
        && !(IPAddress.TryParse(url.IdnHost, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));
}
