namespace MtaStsHost.Http;

/// <summary>The name in a Host header, by which a policy host is looked up.</summary>
internal static class HostHeader
{
    /// <summary>
    /// Removes the port and one trailing dot (RFC 9110 §7.2, RFC 3986 §3.2). Anything else that is unusual stays, and so matches no
    /// policy host. Allocates nothing.
    /// </summary>
    public static ReadOnlySpan<char> Name(ReadOnlySpan<char> host)
    {
        var colon = host.LastIndexOf(':');
        if (colon >= 0 && !host[(colon + 1)..].ContainsAnyExceptInRange('0', '9')) host = host[..colon];
        return host is [.., '.'] ? host[..^1] : host;
    }
}
