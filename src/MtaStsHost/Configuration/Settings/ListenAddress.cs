namespace MtaStsHost.Configuration;

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
