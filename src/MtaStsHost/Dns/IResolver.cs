using System.Net;

namespace MtaStsHost.Dns;

/// <summary>Asks name servers. Names are A-labels without a trailing dot.</summary>
internal interface IResolver
{
    /// <summary>The TXT records of a name, the strings of each joined (RFC 8461 §3.1). CNAMEs are followed.</summary>
    /// <exception cref="ResolutionException">No answer, or one that says that the server failed.</exception>
    Task<IReadOnlyList<string>> TxtAsync(string name, CancellationToken cancellationToken);

    /// <summary>The IPv6 and IPv4 addresses of a name; empty when it has none or doesn't exist. CNAMEs are followed.</summary>
    /// <inheritdoc cref="TxtAsync"/>
    ValueTask<IPAddress[]> AddressesAsync(string name, CancellationToken cancellationToken);

    /// <summary>The CAA records of just this name, CNAMEs followed; climbing the tree is up to the caller (RFC 8659 §3).</summary>
    /// <inheritdoc cref="TxtAsync"/>
    Task<IReadOnlyList<CaaRecord>> CaaAsync(string name, CancellationToken cancellationToken);
}

/// <summary>RFC 8659 §4.</summary>
/// <param name="Tag">Lower case: <c>issue</c>, <c>issuewild</c>, <c>iodef</c> …</param>
internal sealed record CaaRecord(bool Critical, string Tag, string Value);
