namespace MtaStsHost.Http;

/// <summary>The Host header's name, as a policy host is looked up by it.</summary>
internal static class HostHeader
{
    /// <summary>
    /// Takes the port and one trailing dot away (RFC 9110 §7.2, RFC 3986 §3.2). Anything else that is odd stays, and then
    /// matches no policy host. Allocates nothing.
    /// </summary>
    public static ReadOnlySpan<char> Name(ReadOnlySpan<char> host)
    {
        var colon = host.LastIndexOf(':');
        if (colon >= 0 && !host[(colon + 1)..].ContainsAnyExceptInRange('0', '9')) host = host[..colon];
        return host is [.., '.'] ? host[..^1] : host;
    }
}
