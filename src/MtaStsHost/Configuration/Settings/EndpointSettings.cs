using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MtaStsHost.Configuration;

/// <summary>A listener of <c>Kestrel:Endpoints</c>.</summary>
/// <param name="Protocols">As configured; <c>null</c>: HTTP/1.1, and HTTP/2 where TLS negotiates it.</param>
/// <param name="ProxyProtocol">Every connection begins with a PROXY header.</param>
internal sealed record EndpointSettings(string Name, string Url, string? Protocols, bool ProxyProtocol = false)
{
    /// <summary>Kestrel itself knows nothing of this key; its set-up here looks at it.</summary>
    public const string ProxyProtocolKey = "ProxyProtocol";

    /// <summary>The listener that knows about all domains; every other one is public.</summary>
    public const string Management = "Management";

    public bool IsManagement => Name.Equals(Management, StringComparison.OrdinalIgnoreCase);

    public bool IsHttps => Url.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    public BindingAddress Address => BindingAddress.Parse(Url);

    /// <summary>The keys by which Kestrel knows it, under <c>Kestrel</c>.</summary>
    public IEnumerable<KeyValuePair<string, string?>> KestrelKeys =>
        new KeyValuePair<string, string?>[]
        {
            new($"Endpoints:{Name}:Url", Url), new($"Endpoints:{Name}:Protocols", Protocols),
                new($"Endpoints:{Name}:{ProxyProtocolKey}", ProxyProtocol ? bool.TrueString : null),
        }.Where(key => key.Value is not null);

    public static IReadOnlyList<EndpointSettings> Read(SettingsReader settings)
    {
        var endpoints = new List<EndpointSettings>();
        foreach (var section in settings.Sections("Kestrel:Endpoints"))
        {
            if (Read(settings, section) is not { } endpoint) continue;
            if (endpoints.Find(other => ListenAddress.Overlap(other.Address, endpoint.Address)) is { } other)
                settings.Problems.Error(section + ":Url", settings.Find(section + ":Url")!.Value.Origin,
                    $"{ProblemList.Quote(endpoint.Url)} is taken by Kestrel:Endpoints:{other.Name} already",
                    "give each listener a port of its own");
            endpoints.Add(endpoint);
        }

        // Where a file can't be read, or an endpoint has its own error, this one would send the operator the wrong way.
        var isExplained = settings.Problems.Errors.Any(error => error.Path.Length == 0
            || error.Path.StartsWith("Kestrel", StringComparison.OrdinalIgnoreCase));
        if (endpoints.All(endpoint => endpoint.IsManagement) && !isExplained)
            settings.Problems.Error("Kestrel:Endpoints", default, "has no public endpoint",
                "add \"Http\": { \"Url\": \"http://*:8080\" } or \"Https\": { \"Url\": \"https://*:443\" }");
        return endpoints;
    }

    private static EndpointSettings? Read(SettingsReader settings, string section)
    {
        var name = section[(section.LastIndexOf(':') + 1)..];
        if (settings.Find(section + ":Url") is not { } url)
        {
            settings.Problems.Error(section + ":Url", default, "is not set", "write the address to listen on, such as http://*:8080");
            return null;
        }

        if (!ListenAddress.TryParse(url.Text!, out var address))
        {
            settings.Problems.Error(section + ":Url", url.Origin, $"{ProblemList.Quote(url.Text)} is no address to listen on",
                "write http:// or https://, a host or *, and a port, such as http://*:8080");
            return null;
        }

        var protocols = settings.Find(section + ":Protocols") is null ? null
            : settings.Choice(section + ":Protocols", nameof(HttpProtocols.Http1AndHttp2),
            nameof(HttpProtocols.Http1), nameof(HttpProtocols.Http2), nameof(HttpProtocols.Http1AndHttp2));
        var endpoint = new EndpointSettings(name, url.Text!, protocols, settings.Bool($"{section}:{ProxyProtocolKey}", otherwise: false));
        if (!endpoint.IsManagement) return endpoint;
        if (endpoint.IsHttps)
        {
            settings.Problems.Error(section + ":Url", url.Origin, "the management listener speaks plain HTTP",
                "write http://localhost:9090, and put a proxy before it where it must be reached from afar");
            return null;
        }

        if (endpoint.ProxyProtocol)
        {
            settings.Problems.Error($"{section}:{ProxyProtocolKey}", settings.Find($"{section}:{ProxyProtocolKey}")!.Value.Origin,
                "is for public listeners: nothing on the management listener asks for an address", "take it out");
            return null;
        }

        // Kestrel takes a name that it doesn't resolve for every address, and this listener must not become public by mistake.
        if (!ListenAddress.IsExplicit(address))
        {
            settings.Problems.Error(section + ":Url", url.Origin,
                $"{ProblemList.Quote(address.Host)} would be every address of this machine",
                "write localhost or an address; * if every address is meant");
            return null;
        }

        return endpoint;
    }
}
