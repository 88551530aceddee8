using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtaSts;

/// <summary>How senders judge the certificate of a server, be it a policy host (RFC 8461 §3.3) or an MX host (RFC 8461 §4.2).</summary>
public static class ServerCertificate
{
    private const int MostNames = 5;

    /// <summary>How its chain is built: with what the server sent and nothing that would have to be downloaded, and without asking whether
    /// it was revoked.</summary>
    /// <param name="trustedRoots">What it must end in; <c>null</c>: the system's roots.</param>
    /// <param name="time">By which certificates are in date.</param>
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

    /// <summary>Whether a DNS-ID of the certificate is this host. RFC 6125 §6.4: a wildcard stands for the whole first label, and the
    /// common name counts for nothing.</summary>
    public static bool IsFor(string host, X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        try
        {
            return certificate.MatchesHostname(host, allowWildcards: true, allowCommonName: false);
        }
        catch (CryptographicException)
        {
            return false; // an extension that can't be read names nobody
        }
    }

    /// <summary>Its DNS-IDs in words, the first few of many. They are the server's own, so that anything may be in them: not safe to print
    /// as they are.</summary>
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
