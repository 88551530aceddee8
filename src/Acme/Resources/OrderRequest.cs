namespace Acme;

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
