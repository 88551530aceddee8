using System.Net;
using MailRecords;

namespace MtaStsHost.Network;

/// <summary>Asks name servers. Names are A-labels without a trailing dot.</summary>
internal interface IResolver
{
    /// <summary>The TXT records of a name, the strings of each joined (RFC 8461 §3.1). CNAMEs are followed.</summary>
    /// <exception cref="ResolutionException">No answer, or one that says that the server failed.</exception>
    Task<IReadOnlyList<string>> TxtAsync(string name, CancellationToken cancellationToken);

    /// <summary>The IPv6 and IPv4 addresses of a name; empty when it has none or doesn't exist. CNAMEs are followed.</summary>
    /// <exception cref="ResolutionException">As <see cref="TxtAsync"/>; only where no address is known: many name servers fail at AAAA, and
    /// senders get along with A.</exception>
    ValueTask<IPAddress[]> AddressesAsync(string name, CancellationToken cancellationToken);

    /// <summary>The CAA records of just this name, CNAMEs followed; climbing the tree is up to the caller (RFC 8659 §3).</summary>
    /// <inheritdoc cref="TxtAsync"/>
    Task<IReadOnlyList<CaaRecord>> CaaAsync(string name, CancellationToken cancellationToken);

    /// <summary>The MX records of a name, the lowest preference first. CNAMEs are followed.</summary>
    /// <inheritdoc cref="TxtAsync"/>
    Task<IReadOnlyList<MxRecord>> MxAsync(string name, CancellationToken cancellationToken);

    /// <summary>How many TLSA records there are at a name (RFC 6698), <c>_25._tcp.mail.example.com</c>.</summary>
    /// <inheritdoc cref="TxtAsync"/>
    Task<int> TlsaAsync(string name, CancellationToken cancellationToken);

    /// <summary>As <see cref="TxtAsync"/>, with the way there.</summary>
    /// <inheritdoc cref="TxtAsync"/>
    Task<DnsAnswer<string>> TxtAnswerAsync(string name, CancellationToken cancellationToken);

    /// <summary>As <see cref="AddressesAsync"/>, with the way there.</summary>
    /// <inheritdoc cref="AddressesAsync"/>
    Task<DnsAnswer<IPAddress>> AddressAnswerAsync(string name, CancellationToken cancellationToken);
}

/// <summary>Records, and the way to them.</summary>
/// <param name="Aliases">The targets of the CNAMEs that led there, in that order.</param>
/// <param name="Ttl">The least of the records and CNAMEs; zero without any.</param>
/// <param name="IsSecure">The resolver has validated it (DNSSEC, the AD bit of RFC 4035 §3.2.3). To be believed as far as the resolver and
/// the way to it.</param>
internal sealed record DnsAnswer<T>(IReadOnlyList<T> Records, IReadOnlyList<string> Aliases, TimeSpan Ttl, bool IsSecure)
{
    /// <summary>Why the addresses of one family are not known; <c>null</c>: all are.</summary>
    public string? Missed { get; init; }
}

/// <summary>RFC 1035 §3.3.9.</summary>
/// <param name="Exchange">Lower case, without the final dot; empty for the null MX of RFC 7505.</param>
internal sealed record MxRecord(int Preference, string Exchange);
