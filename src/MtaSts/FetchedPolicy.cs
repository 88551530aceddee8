using System.Security.Authentication;

namespace MtaSts;

/// <summary>A fetched policy, with details of the connection. RFC 8461 §3.3.</summary>
public sealed record FetchedPolicy
{
    /// <summary>The policy.</summary>
    public required Policy Policy { get; init; }

    /// <summary>What some senders read in another way. RFC 8461 §3.2.</summary>
    public ImmutableArray<PolicyRemark> Remarks { get; init; } = [];

    /// <summary>The body as received, at most <see cref="MtaSts.Policy.MaxBodyBytes"/> bytes.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The <c>Content-Type</c> as received.</summary>
    public required string ContentType { get; init; }

    /// <summary>The address that answered.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The negotiated TLS version.</summary>
    public required SslProtocols TlsProtocol { get; init; }

    /// <summary>The issuer of the policy host's certificate, as a distinguished name.</summary>
    public required string CertificateIssuer { get; init; }

    /// <summary>When the policy host's certificate expires.</summary>
    public required DateTimeOffset CertificateNotAfter { get; init; }

    /// <summary>The duration of the whole fetch. Some senders give up after 2 s.</summary>
    public required TimeSpan Duration { get; init; }
}
