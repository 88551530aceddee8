using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MtaStsHost.Configuration;

namespace MtaStsHost.Hosting;

/// <summary>A listener of <c>Kestrel:Endpoints</c>.</summary>
/// <param name="Protocols">As configured; <c>null</c>: HTTP/1.1, and HTTP/2 where TLS negotiates it.</param>
internal sealed record EndpointSettings(string Name, string Url, string? Protocols)
{
    /// <summary>The listener that knows about all domains; every other one is public.</summary>
    public const string Management = "Management";

    public bool IsManagement => Name.Equals(Management, StringComparison.OrdinalIgnoreCase);

    public bool IsHttps => Url.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    public BindingAddress Address => BindingAddress.Parse(Url);

    /// <summary>The keys by which Kestrel knows it, under <c>Kestrel</c>.</summary>
    public IEnumerable<KeyValuePair<string, string?>> KestrelKeys =>
        new KeyValuePair<string, string?>[] { new($"Endpoints:{Name}:Url", Url), new($"Endpoints:{Name}:Protocols", Protocols) }.Where(key => key.Value is not null);

    public static IReadOnlyList<EndpointSettings> Read(SettingsReader settings)
    {
        var endpoints = new List<EndpointSettings>();
        foreach (var section in settings.Sections("Kestrel:Endpoints"))
        {
            if (Read(settings, section) is not { } endpoint) continue;
            if (endpoints.Find(other => ListenAddress.Overlap(other.Address, endpoint.Address)) is { } other)
                settings.Problems.Error(section + ":Url", settings.Find(section + ":Url")!.Value.Origin, $"{ProblemList.Quote(endpoint.Url)} is taken by Kestrel:Endpoints:{other.Name} already", "give each listener a port of its own");
            endpoints.Add(endpoint);
        }

        if (!endpoints.Any(endpoint => !endpoint.IsManagement) && !settings.Problems.HasErrors)
            settings.Problems.Error("Kestrel:Endpoints", default, "has no public endpoint", "add \"Http\": { \"Url\": \"http://*:8080\" } or \"Https\": { \"Url\": \"https://*:443\" }");
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
            settings.Problems.Error(section + ":Url", url.Origin, $"{ProblemList.Quote(url.Text)} is no address to listen on", "write http:// or https://, a host or *, and a port, such as http://*:8080");
            return null;
        }

        var protocols = settings.Find(section + ":Protocols") is null ? null : settings.Choice(section + ":Protocols", nameof(HttpProtocols.Http1AndHttp2), nameof(HttpProtocols.Http1), nameof(HttpProtocols.Http2), nameof(HttpProtocols.Http1AndHttp2));
        var endpoint = new EndpointSettings(name, url.Text!, protocols);
        if (!endpoint.IsManagement) return endpoint;
        if (endpoint.IsHttps)
        {
            settings.Problems.Error(section + ":Url", url.Origin, "the management listener speaks plain HTTP", "write http://localhost:9090, and put a proxy before it where it must be reached from afar");
            return null;
        }

        // Kestrel takes a name that it doesn't resolve for every address, and this listener must not become public by mistake.
        if (!ListenAddress.IsExplicit(address))
        {
            settings.Problems.Error(section + ":Url", url.Origin, $"{ProblemList.Quote(address.Host)} would be every address of this machine", "write localhost or an address; * if every address is meant");
            return null;
        }

        return endpoint;
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
        !IsLocalhost(address) && (!IPAddress.TryParse(address.Host, out var ip) || ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any));

    private static bool IsLoopback(BindingAddress address) => IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip);
}
