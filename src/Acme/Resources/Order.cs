namespace Acme;

/// <summary>The states of an order. RFC 8555 §7.1.6.</summary>
public enum OrderStatus
{
    /// <summary>An unknown state.</summary>
    Unknown,

    /// <summary>Not all authorizations are valid yet.</summary>
    Pending,

    /// <summary>The order can be finalized.</summary>
    Ready,

    /// <summary>The CA is issuing the certificate.</summary>
    Processing,

    /// <summary>The certificate can be downloaded.</summary>
    Valid,

    /// <summary>The order has failed permanently.</summary>
    Invalid,
}

/// <summary>An order for one certificate. RFC 8555 §7.1.3.</summary>
public sealed record Order
{
    /// <summary>The order's URL.</summary>
    public required Uri Url { get; init; }

    /// <summary>The state.</summary>
    public required OrderStatus Status { get; init; }

    /// <summary>When it expires; null when the server doesn't say.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The identifiers to certify.</summary>
    public required IReadOnlyList<Identifier> Identifiers { get; init; }

    /// <summary>The required authorizations, some of which may already be valid.</summary>
    public required IReadOnlyList<Uri> Authorizations { get; init; }

    /// <summary>The URL for the signing request.</summary>
    public required Uri Finalize { get; init; }

    /// <summary>The URL of the certificate; null until the order is valid.</summary>
    public Uri? Certificate { get; init; }

    /// <summary>Why it is invalid; null if it isn't, or when the server doesn't say.</summary>
    public AcmeProblem? Error { get; init; }

    /// <summary>The certificate that the server treats as replaced: RFC 9773 §5; else null.</summary>
    public CertificateId? Replaces { get; init; }

    /// <summary>The active profile (draft-ietf-acme-profiles §4); null when the server has none.</summary>
    public string? Profile { get; init; }

    /// <summary>When to fetch it again, from <c>Retry-After</c>; null without one.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>The contents of a new order. RFC 8555 §7.4.</summary>
public sealed record OrderRequest
{
    /// <summary>The identifiers to certify, at least one.</summary>
    public required IReadOnlyList<Identifier> Identifiers { get; init; }

    /// <summary>
    /// The certificate to replace, from the same CA and account: RFC 9773 §5. Requires <see cref="Directory.RenewalInfo"/>. On
    /// <see cref="AcmeErrorType.AlreadyReplaced"/>, order without it.
    /// </summary>
    public CertificateId? Replaces { get; init; }

    /// <summary>One of <see cref="Directory.Profiles"/> (draft-ietf-acme-profiles §4); null for the server's default.</summary>
    public string? Profile { get; init; }
}
