using System.Net;
using System.Security.Authentication;

namespace MtaSts;

/// <summary>A policy as it was fetched, and what the way to it looked like. RFC 8461 §3.3.</summary>
public sealed record FetchedPolicy
{
    /// <summary>The policy.</summary>
    public required Policy Policy { get; init; }

    /// <summary>The body as it came, at most <see cref="MtaSts.Policy.MaxBodyBytes"/> bytes.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The <c>Content-Type</c> as it came.</summary>
    public required string ContentType { get; init; }

    /// <summary>The address that answered.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The version of TLS that was negotiated.</summary>
    public required SslProtocols TlsProtocol { get; init; }

    /// <summary>The issuer of the policy host's certificate, as a distinguished name.</summary>
    public required string CertificateIssuer { get; init; }

    /// <summary>The end of the policy host's certificate.</summary>
    public required DateTimeOffset CertificateNotAfter { get; init; }

    /// <summary>How long the whole fetch took. Some senders give up after 2 s.</summary>
    public required TimeSpan Duration { get; init; }
}
