using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MtaStsHost.Configuration;

internal sealed class KestrelOptions
{
    [Description("The listeners by name: Http, Https, Management, or a name of your own.")]
    [EntryName("NAME")]
    public Dictionary<string, EndpointOptions> Endpoints { get; } = [];
}

internal sealed class EndpointOptions
{
    [Description("The address to listen on, such as `http://*:8080` or `https://*:443`. The listener called Management has `/health` of "
        + "all domains, `/metrics` and `/traefik`; it speaks plain HTTP on localhost, an address or `*`.")]
    [Required(ErrorMessage = "{0}: is not set; write the address to listen on, such as http://*:8080")]
    [ListenUrl]
    public string? Url { get; set; }

    [Description("`Http1`, `Http2` (without TLS: for proxies that speak h2c) or `Http1AndHttp2`.")]
    [DefaultValue("Http1AndHttp2")]
    [Choice("Http1", "Http2", "Http1AndHttp2")]
    public string? Protocols { get; set; }

    [Description("`true`: every connection must start with a PROXY protocol header (v1 or v2) from a proxy in "
        + "`ForwardedHeaders:KnownNetworks`; all others are closed. If the header names no sender (LOCAL, UNKNOWN), `X-Forwarded-For` is "
        + "ignored too.")]
    public bool ProxyProtocol { get; set; }
}
