namespace MtaStsHost.Certificates;

/// <summary>What a lookup found: a certificate, that there is none, or that the store could not be read.</summary>
internal readonly record struct CertificateLookup(ServingCertificate? Certificate)
{
    public static readonly CertificateLookup None;

    public static readonly CertificateLookup StoreUnreachable = new() { IsStoreUnreachable = true };

    /// <summary>The host has a certificate, and a later handshake may get it.</summary>
    public bool IsStoreUnreachable { get; private init; }
}
