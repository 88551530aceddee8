namespace Acme;

/// <summary>
/// The public key and the names to certify, for finalizing an order. RFC 8555 §7.4, RFC 2986. The names are subject alternative
/// names; the subject is empty.
/// </summary>
public sealed class CertificateSigningRequest
{
    private CertificateSigningRequest(byte[] der) => Der = der;

    /// <summary>The request in DER.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>Creates a request.</summary>
    /// <param name="key">The certificate's key; never the account's.</param>
    /// <param name="identifiers">The order's identifiers, all of them: RFC 8555 §7.4. At least one.</param>
    /// <exception cref="ArgumentException">There is no identifier, or one is neither a host name nor an address.</exception>
    public static CertificateSigningRequest Create(CertificateKey key, IReadOnlyCollection<Identifier> identifiers)
    {
        if (identifiers.Count == 0)
            throw new ArgumentException("Expected at least one identifier.", nameof(identifiers));
        return new CertificateSigningRequest(key.CreateSigningRequest(SubjectNames.Build(identifiers)));
    }
}
