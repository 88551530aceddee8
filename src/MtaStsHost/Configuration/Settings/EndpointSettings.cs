namespace MtaStsHost.Configuration;

/// <summary>A listener of <c>Kestrel:Endpoints</c>.</summary>
/// <param name="Protocols">As configured; <c>null</c>: HTTP/1.1, and HTTP/2 where TLS negotiates it.</param>
/// <param name="ProxyProtocol">Every connection begins with a PROXY header.</param>
internal sealed record EndpointSettings(string Name, string Url, string? Protocols, bool ProxyProtocol = false)
{
    /// <summary>Kestrel itself does not know this key; KestrelSetup reads it.</summary>
    public const string ProxyProtocolKey = "ProxyProtocol";

    /// <summary>The listener that knows about all domains; every other one is public.</summary>
    public const string Management = "Management";

    public bool IsManagement => Name.Equals(Management, StringComparison.OrdinalIgnoreCase);

    public bool IsHttps => Url.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    public BindingAddress Address => BindingAddress.Parse(Url);

    /// <summary>The keys by which Kestrel knows it, under <c>Kestrel</c>.</summary>
    /// <param name="name">Kestrel's name for it.</param>
    public IEnumerable<KeyValuePair<string, string?>> KestrelKeys(string name) =>
        new KeyValuePair<string, string?>[]
        {
            new($"Endpoints:{name}:Url", Url), new($"Endpoints:{name}:Protocols", Protocols),
                new($"Endpoints:{name}:{ProxyProtocolKey}", ProxyProtocol ? bool.TrueString : null),
        }.Where(key => key.Value is not null);

    public static IReadOnlyList<EndpointSettings> Read(SettingsReader settings)
    {
        var endpoints = new List<EndpointSettings>();
        foreach (var section in settings.Sections("Kestrel:Endpoints"))
        {
            if (Read(settings, section) is not { } endpoint) continue;
            if (endpoints.Find(other => ListenAddress.Overlap(other.Address, endpoint.Address)) is { } other)
                settings.Error(section + ":Url", $"{ProblemList.Quote(endpoint.Url)} is taken by Kestrel:Endpoints:{other.Name} already",
                    "give each listener a port of its own");
            endpoints.Add(endpoint);
        }

        // If a file can't be read, or an endpoint has its own error, this one would mislead the operator.
        var isExplained = settings.Problems.Errors.Any(error => error.Path.Length == 0
            || error.Path.StartsWith("Kestrel", StringComparison.OrdinalIgnoreCase));
        if (endpoints.All(endpoint => endpoint.IsManagement) && !isExplained)
            settings.Problems.Error("Kestrel:Endpoints", default, "has no public endpoint",
                "add \"Http\": { \"Url\": \"http://*:8080\" } or \"Https\": { \"Url\": \"https://*:443\" }");
        return endpoints;
    }

    private static EndpointSettings? Read(SettingsReader settings, string section)
    {
        var options = settings.Bind(section, new EndpointOptionsValidator());
        // One that is not an address has its error.
        if (options.Url is null || !ListenAddress.TryParse(options.Url, out var address)) return null;
        var endpoint = new EndpointSettings(
            section[(section.LastIndexOf(':') + 1)..], options.Url, options.Protocols, options.ProxyProtocol);
        if (!endpoint.IsManagement) return endpoint;
        if (endpoint.IsHttps)
            settings.Error(section + ":Url", "the management listener speaks plain HTTP",
                "write http://localhost:9090, and put a proxy in front of it if it must be reached from elsewhere");
        else if (endpoint.ProxyProtocol)
            settings.Error($"{section}:{ProxyProtocolKey}",
                "is for public listeners: the management listener does not use the client's address", "remove it");
        // Kestrel takes a name that it doesn't resolve for every address, and this listener must not become public by mistake.
        else if (!ListenAddress.IsExplicit(address))
            settings.Error(section + ":Url", $"{ProblemList.Quote(address.Host)} would be every address of this machine",
                "write localhost or an address; * if every address is meant");
        else return endpoint;
        return null;
    }
}

/// <summary>Addresses to listen on, as Kestrel understands them.</summary>
internal static class ListenAddress
{
    public static bool TryParse(string url, out BindingAddress address)
    {
        address = null!;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return false;
        }

        // localhost is two addresses, and Kestrel finds no port that is free on both.
        if (address.Port == 0 && !address.IsUnixPipe && IsLocalhost(address)) return false;
        return address.Scheme.ToLowerInvariant() is "http" or "https" && !address.IsNamedPipe
            && (address.IsUnixPipe || (address.Port is >= 0 and <= 65535 && address.PathBase.Length == 0));
    }

    /// <summary>Whether the host says which addresses are meant: Kestrel takes any name but localhost for all of them.</summary>
    public static bool IsExplicit(BindingAddress address) =>
        address.IsUnixPipe || address.Host is "*" or "+" || IsLocalhost(address) || IPAddress.TryParse(address.Host, out _);

    public static bool IsLocalhost(BindingAddress address) => address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether one listener keeps the other from listening.</summary>
    public static bool Overlap(BindingAddress left, BindingAddress right)
    {
        if (left.IsUnixPipe || right.IsUnixPipe) return left.IsUnixPipe && right.IsUnixPipe && left.UnixPipePath == right.UnixPipePath;
        if (left.Port != right.Port || left.Port == 0) return false;
        return IsEvery(left) || IsEvery(right) || left.Host.Equals(right.Host, StringComparison.OrdinalIgnoreCase)
            || (IsLocalhost(left) && IsLoopback(right)) || (IsLocalhost(right) && IsLoopback(left));
    }

    private static bool IsEvery(BindingAddress address) =>
        !IsLocalhost(address) && (!IPAddress.TryParse(address.Host, out var ip)
            || ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any));

    private static bool IsLoopback(BindingAddress address) => IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip);
}
