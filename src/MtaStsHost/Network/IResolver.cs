using MailRecords;

namespace MtaStsHost.Network;

/// <summary>DNS queries. Names are A-labels without a trailing dot.</summary>
internal interface IResolver
{
    /// <summary>The TXT records of a name, the strings of each joined (RFC 8461 §3.1). CNAMEs are followed.</summary>
    /// <exception cref="ResolutionException">No answer, or the server failed.</exception>
    Task<DnsAnswer<string>> TxtAnswerAsync(string name, CancellationToken cancellationToken);

    /// <summary>The IPv6 and IPv4 addresses of a name; empty when it has none or doesn't exist. CNAMEs are followed.</summary>
    /// <exception cref="ResolutionException">As <see cref="TxtAnswerAsync"/>, but only without any address: many name servers fail at AAAA,
    /// and senders manage with A.</exception>
    Task<DnsAnswer<IPAddress>> AddressAnswerAsync(string name, CancellationToken cancellationToken);

    /// <summary>The CAA records of this name only, CNAMEs followed; the caller climbs the tree (RFC 8659 §3).</summary>
    /// <inheritdoc cref="TxtAnswerAsync"/>
    Task<IReadOnlyList<CaaRecord>> CaaAsync(string name, CancellationToken cancellationToken);

    /// <summary>The MX records of a name, the lowest preference first. CNAMEs are followed.</summary>
    /// <inheritdoc cref="TxtAnswerAsync"/>
    Task<IReadOnlyList<MxRecord>> MxAsync(string name, CancellationToken cancellationToken);

    /// <summary>The number of TLSA records (RFC 6698) of a name such as <c>_25._tcp.mail.example.com</c>.</summary>
    /// <inheritdoc cref="TxtAnswerAsync"/>
    Task<int> TlsaAsync(string name, CancellationToken cancellationToken);

    /// <summary>Whether it can resolve anything: asks for what every resolver knows, the name servers of the root.</summary>
    /// <returns><c>null</c>: it can.</returns>
    Task<ResolverFault?> FindFaultAsync(CancellationToken cancellationToken);
}

/// <summary>A resolver that gives no usable answer, whatever it is asked.</summary>
/// <param name="Servers">Its addresses.</param>
/// <param name="Source">Where they are set: <c>Dns:Resolvers</c> or <c>/etc/resolv.conf</c>.</param>
/// <param name="Error">What happened to the query.</param>
internal sealed record ResolverFault(IReadOnlyList<string> Servers, string Source, string Error);

/// <summary>For callers to whom only the records matter.</summary>
internal static class ResolverExtensions
{
    public static async Task<IReadOnlyList<string>> TxtAsync(this IResolver resolver, string name, CancellationToken cancellationToken) =>
        (await resolver.TxtAnswerAsync(name, cancellationToken)).Records;

    public static async ValueTask<IPAddress[]> AddressesAsync(
        this IResolver resolver, string name, CancellationToken cancellationToken) =>
        [.. (await resolver.AddressAnswerAsync(name, cancellationToken)).Records];
}

/// <summary>Records, and how they were found.</summary>
/// <param name="Aliases">The targets of the CNAMEs on the way, in order.</param>
/// <param name="Ttl">The lowest of the records and CNAMEs; zero without any.</param>
/// <param name="IsSecure">The resolver has validated it (DNSSEC, the AD bit of RFC 4035 §3.2.3); as trustworthy as the path to it.</param>
internal sealed record DnsAnswer<T>(IReadOnlyList<T> Records, IReadOnlyList<string> Aliases, TimeSpan Ttl, bool IsSecure)
{
    /// <summary>Why the addresses of one family are unknown; <c>null</c>: all are known.</summary>
    public string? Missed { get; init; }
}

/// <summary>RFC 1035 §3.3.9.</summary>
/// <param name="Exchange">Lower case, without the final dot; empty for the null MX of RFC 7505.</param>
internal sealed record MxRecord(int Preference, string Exchange);

/// <summary>For callers to whom a lookup that fails is a result like others.</summary>
internal static class Lookups
{
    /// <summary>What was found, or why the lookup failed: its <see cref="ResolutionException"/>'s message.</summary>
    public static async Task<(T? Answer, string? Fault)> OrFaultAsync<T>(this Task<T> lookup)
    {
        try
        {
            return (await lookup, null);
        }
        catch (ResolutionException e)
        {
            return (default, e.Message);
        }
    }
}
