using Microsoft.AspNetCore.Server.Kestrel.Core;
using MtaStsHost.Configuration;

namespace MtaStsHost.Hosting;

/// <summary>A listener of <c>Kestrel:Endpoints</c>.</summary>
internal sealed record EndpointSettings(string Name, string Url, bool IsHttps)
{
    /// <summary>The listener that knows about all domains; every other one is public.</summary>
    public const string Management = "Management";

    /// <summary>Where it is when nothing says otherwise.</summary>
    public const string DefaultManagementUrl = "http://localhost:9090";

    public bool IsManagement => Name.Equals(Management, StringComparison.OrdinalIgnoreCase);

    public static IReadOnlyList<EndpointSettings> Read(SettingsReader settings)
    {
        var endpoints = new List<EndpointSettings>();
        foreach (var section in settings.Sections("Kestrel:Endpoints"))
        {
            var name = section[(section.LastIndexOf(':') + 1)..];
            if (settings.Find(section + ":Url") is not { } url)
            {
                settings.Problems.Error(section + ":Url", default, "is not set", "write the address to listen on, such as http://*:8080");
                continue;
            }

            if (!IsAddress(url.Text!, out var scheme))
            {
                settings.Problems.Error(section + ":Url", url.Origin, $"{ProblemList.Quote(url.Text)} is no address to listen on", "write http:// or https://, a host or *, and a port, such as http://*:8080");
                continue;
            }

            var protocols = settings.Find(section + ":Protocols");
            if (protocols is { } value && !Enum.GetNames<HttpProtocols>().Contains(value.Text, StringComparer.OrdinalIgnoreCase))
                settings.Problems.Error(section + ":Protocols", value.Origin, $"{ProblemList.Quote(value.Text)} is not known", "use Http1, Http2 or Http1AndHttp2");
            endpoints.Add(new EndpointSettings(name, url.Text!, scheme == Uri.UriSchemeHttps));
        }

        if (!endpoints.Any(endpoint => !endpoint.IsManagement) && !settings.Problems.HasErrors)
            settings.Problems.Error("Kestrel:Endpoints", default, "has no public endpoint", "add \"Http\": { \"Url\": \"http://*:8080\" } or \"Https\": { \"Url\": \"https://*:443\" }");
        return endpoints;
    }

    private static bool IsAddress(string url, out string scheme)
    {
        scheme = "";
        try
        {
            var address = BindingAddress.Parse(url);
            scheme = address.Scheme.ToLowerInvariant();
            // localhost is two addresses, and Kestrel finds no port that is free on both.
            if (address.Port == 0 && !address.IsUnixPipe && address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return false;
            return scheme is "http" or "https" && address.Port is >= 0 and <= 65535 && (address.PathBase.Length == 0 || address.IsUnixPipe);
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
