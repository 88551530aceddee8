using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MtaStsHost.Configuration;
using MtaStsHost.Http;

namespace MtaStsHost.Serving;

/// <summary>
/// Finds the sender's address behind the proxies of <c>ForwardedHeaders:KnownNetworks</c>: for the log, and to see that the policy host is
/// reached from outside. <c>X-Forwarded-Host</c> is never read; no header is read on a listener with TLS, or on a connection whose sender a
/// proxy did not name.
/// </summary>
internal sealed class SenderAddress(Live<KnownNetworks> networks)
{
    private Rule? _rule;

    public IPAddress? Of(HttpContext context)
    {
        if (context.Request.Headers.ContainsKey("X-Forwarded-For") && !IsPassedThrough(context)) Forwarded()?.ApplyForwarders(context);
        var address = context.Connection.RemoteIpAddress;
        return address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
    }

    /// <summary>Whether a proxy may have passed the connection on unread: then the sender itself wrote the header.</summary>
    private static bool IsPassedThrough(HttpContext context) => context.Request.IsHttps
        || context.Features.Get<UnnamedSender>() is not null;

    private ForwardedHeadersMiddleware? Forwarded()
    {
        var (rule, current) = (Volatile.Read(ref _rule), networks.Current);
        if (rule is null || !ReferenceEquals(rule.Networks, current)) Volatile.Write(ref _rule, rule = new Rule(current, Create(current)));
        return rule.Forwarded;
    }

    private static ForwardedHeadersMiddleware? Create(KnownNetworks networks)
    {
        // To the middleware, an empty list means that every client is trusted.
        if (networks.All.IsEmpty) return null;
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            ForwardLimit = null, // as far as the known networks reach, and no further
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in networks.All) options.KnownIPNetworks.Add(network);
        return new ForwardedHeadersMiddleware(_ => Task.CompletedTask, NullLoggerFactory.Instance, Options.Create(options));
    }

    private sealed record Rule(KnownNetworks Networks, ForwardedHeadersMiddleware? Forwarded);
}
