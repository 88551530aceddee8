using System.Security.Cryptography.X509Certificates;

namespace MtaSts;

/// <summary>How senders check the certificate of a policy host (RFC 8461 §3.3) or an MX host (RFC 8461 §4.2).</summary>
public static class ServerCertificate
{
    private const int MostNames = 5;

    /// <summary>How to build the chain: from the certificates that the server sent, without downloads or revocation checks.</summary>
    /// <param name="trustedRoots">The trusted roots; <c>null</c> for the system's.</param>
    /// <param name="time">The clock for certificate dates.</param>
    public static X509ChainPolicy ChainPolicy(X509Certificate2Collection? trustedRoots, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        var policy = new X509ChainPolicy
        {
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
            VerificationTime = time.GetUtcNow().UtcDateTime,
        };
        if (trustedRoots is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(trustedRoots);
        }

        return policy;
    }

    /// <summary>Whether a DNS-ID of the certificate matches this host. RFC 6125 §6.4: a wildcard is the whole first label, and the common
    /// name is ignored.</summary>
    public static bool IsFor(string host, X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        try
        {
            return certificate.MatchesHostname(host, allowWildcards: true, allowCommonName: false);
        }
        catch (CryptographicException)
        {
            return false; // an unreadable extension has no names
        }
    }

    /// <summary>The first few DNS-IDs, for messages. They come from the server, and must be escaped before printing.</summary>
    public static string DescribeNames(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        try
        {
            var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
                .SelectMany(static extension => extension.EnumerateDnsNames()).Take(MostNames + 1).ToList();
            return names.Count == 0
                ? "no DNS name at all"
                : string.Join(", ", names.Take(MostNames)) + (names.Count > MostNames ? ", …" : "");
        }
        catch (CryptographicException)
        {
            return "names that can't be read";
        }
    }
}

/// <summary>Checks the certificate of a policy host. RFC 8461 §3.3.</summary>
internal static class PolicyHostCertificate
{
    /// <summary>Null when valid. Reports trust first, which renewal doesn't fix, then the dates, then the names.</summary>
    public static PolicyFetchException? Judge(string host, X509Certificate2 certificate, X509Chain chain)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, one) => all | one.Status);
        var named = ServerCertificate.IsFor(host, certificate);
        var names = named ? "" : $"; it is not for this name but for {ServerCertificate.DescribeNames(certificate)}";
        if ((status & ~X509ChainStatusFlags.NotTimeValid) != 0)
            return new PolicyFetchException(
                PolicyFetchFailure.CertificateUntrusted,
                $"The certificate of {host} is not trusted ({status}, issued by {certificate.Issuer}){names}.");
        if (status != 0)
            return new PolicyFetchException(
                PolicyFetchFailure.CertificateExpired,
                $"The certificate of {host}, or one above it, is not in date "
                    + $"(its own is valid until {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm}Z){names}.");
        return named
            ? null
            : new PolicyFetchException(PolicyFetchFailure.CertificateName,
                $"The certificate of {host} is for {ServerCertificate.DescribeNames(certificate)}.");
    }
}
