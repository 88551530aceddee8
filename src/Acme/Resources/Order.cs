namespace Acme;

/// <summary>The states of an order. RFC 8555 §7.1.6.</summary>
public enum OrderStatus
{
    /// <summary>A state that this library doesn't know.</summary>
    Unknown,

    /// <summary>Some authorization is not valid yet.</summary>
    Pending,

    /// <summary>Can be finalized.</summary>
    Ready,

    /// <summary>The CA is making the certificate.</summary>
    Processing,

    /// <summary>The certificate is there.</summary>
    Valid,

    /// <summary>The order has failed, for good.</summary>
    Invalid,
}

/// <summary>An order for one certificate. RFC 8555 §7.1.3.</summary>
public sealed record Order
{
    /// <summary>The order's URL.</summary>
    public required Uri Url { get; init; }

    /// <summary>How far it is.</summary>
    public required OrderStatus Status { get; init; }

    /// <summary>When the server will forget it; null when it doesn't say.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>What the certificate is to be for.</summary>
    public required IReadOnlyList<Identifier> Identifiers { get; init; }

    /// <summary>The authorizations that it needs; some may be valid already.</summary>
    public required IReadOnlyList<Uri> Authorizations { get; init; }

    /// <summary>Where it is finalized.</summary>
    public required Uri Finalize { get; init; }

    /// <summary>Where the certificate is; null before the order is valid.</summary>
    public Uri? Certificate { get; init; }

    /// <summary>Why it is invalid; null otherwise, or when the server doesn't say.</summary>
    public AcmeProblem? Error { get; init; }

    /// <summary>The certificate that the server will treat as replaced: RFC 9773 §5. Null for none.</summary>
    public CertificateId? Replaces { get; init; }

    /// <summary>The profile in force (draft-ietf-acme-profiles §4); null when the server has none.</summary>
    public string? Profile { get; init; }

    /// <summary>When to look again, from this answer's <c>Retry-After</c>; null when it has none.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
