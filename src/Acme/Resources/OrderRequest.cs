namespace Acme;

/// <summary>What a new order asks for. RFC 8555 §7.4.</summary>
public sealed record OrderRequest
{
    /// <summary>What the certificate is to be for; at least one.</summary>
    public required IReadOnlyList<Identifier> Identifiers { get; init; }

    /// <summary>
    /// The certificate that this one replaces: RFC 9773 §5. Only to the CA and account that it came from, and only where the
    /// directory has <see cref="Directory.RenewalInfo"/>; <see cref="AcmeErrorType.AlreadyReplaced"/> says to order without.
    /// </summary>
    public CertificateId? Replaces { get; init; }

    /// <summary>One of <see cref="Directory.Profiles"/> (draft-ietf-acme-profiles §4); null for the server's choice.</summary>
    public string? Profile { get; init; }
}
