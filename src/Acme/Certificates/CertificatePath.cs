using System.Security.Cryptography.X509Certificates;

namespace Acme;

/// <summary>The path from a certificate up through its issuers: RFC 5280 §6.1, by names and key identifiers. Signatures are left to
/// clients, which trust the root.</summary>
internal static class CertificatePath
{
    /// <summary>
    /// The first certificate and its issuers, among all that were received in any order. Of two for the same issuer, the one that has not
    /// expired is used. The path ends below an expired issuer, unless that is the only one. Without a time, dates don't matter.
    /// </summary>
    public static List<X509Certificate2> From(X509Certificate2 first, List<X509Certificate2> received, DateTimeOffset? now = null)
    {
        var path = new List<X509Certificate2> { first };
        // A root is its own issuer.
        while (!IsIssuer(path[^1], path[^1]))
        {
            var issuers = Issuers(path[^1], received.Except(path));
            var issuer = issuers.Find(one => !HasExpired(one, now)) ?? (path.Count == 1 ? issuers.FirstOrDefault() : null);
            if (issuer is null)
                break;
            path.Add(issuer);
        }

        return path;
    }

    /// <summary>RFC 5280 §4.1.2.4.</summary>
    public static bool IsIssuer(X509Certificate2 issuer, X509Certificate2 certificate) =>
        certificate.IssuerName.RawData.AsSpan().SequenceEqual(issuer.SubjectName.RawData);

    /// <summary>The identifier of the issuer's key: RFC 5280 §4.2.1.1. Null without one that can be read.</summary>
    public static ReadOnlyMemory<byte>? IssuerKeyIdentifier(X509Certificate2 certificate) => Read(
        certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault(),
        static extension => extension.KeyIdentifier);

    /// <summary>.NET returns local time.</summary>
    public static bool HasExpired(X509Certificate2 certificate, DateTimeOffset? now) => now >= certificate.NotAfter.ToUniversalTime();

    /// <summary>An issuer that changes its key keeps its name, and RFC 5280 §4.2.1.1 says which key it is.</summary>
    private static List<X509Certificate2> Issuers(X509Certificate2 certificate, IEnumerable<X509Certificate2> received)
    {
        var named = received.Where(one => IsIssuer(one, certificate)).ToList();
        var keyed = named.FindAll(one => IssuerKeyIdentifier(certificate) is { } wanted && KeyIdentifier(one) is { } actual
            && wanted.Span.SequenceEqual(actual.Span));
        return keyed.Count > 0 ? keyed : named;
    }

    private static ReadOnlyMemory<byte>? KeyIdentifier(X509Certificate2 certificate) => Read(
        certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault(),
        static extension => extension.SubjectKeyIdentifierBytes);

    /// <summary>Extensions are decoded when they are read.</summary>
    private static ReadOnlyMemory<byte>? Read<T>(T? extension, Func<T, ReadOnlyMemory<byte>?> read)
        where T : X509Extension
    {
        try
        {
            return extension is null ? null : read(extension);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
