namespace Acme;

/// <summary>A name or address to certify. RFC 8555 §7.1.3, §9.7.7.</summary>
/// <param name="Type"><c>dns</c>, or <c>ip</c> (RFC 8738); servers may support more.</param>
/// <param name="Value">A host name in A-labels, optionally after <c>*.</c>, or an address in its shortest form.</param>
public sealed record Identifier(string Type, string Value)
{
    /// <summary>The type of host names.</summary>
    public const string DnsType = "dns";

    /// <summary>The type of IP addresses: RFC 8738.</summary>
    public const string IpType = "ip";

    /// <summary>An identifier of a host name.</summary>
    /// <param name="name">The name in A-labels; converted to lower case, without a trailing dot.</param>
    public static Identifier Dns(string name) => new(DnsType, name.TrimEnd('.').ToLowerInvariant());

    /// <summary>An identifier of an address: RFC 8738.</summary>
    public static Identifier Ip(System.Net.IPAddress address) => new(IpType, address.ToString());

    /// <summary>The value alone.</summary>
    public override string ToString() => Value;
}
