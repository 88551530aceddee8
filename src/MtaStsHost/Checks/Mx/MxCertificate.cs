using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtaStsHost.Checks.Mx;

/// <summary>Whether a certificate is good for an MX host. RFC 8461 §4.2, RFC 6125 §6.4 as far as DNS-IDs go.</summary>
internal static class MxCertificate
{
    private const int MostNames = 5;

    /// <summary>How a chain is built: to the given roots or the system's, with what the server sent and nothing that would have to be downloaded.</summary>
    public static X509ChainPolicy ChainPolicy(X509Certificate2Collection? trustedRoots, TimeProvider time)
    {
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

    /// <summary>Null for a good one. What nobody can mend by renewing comes before the dates, and those before the name.</summary>
    public static SmtpProbeException? Judge(string host, X509Certificate2 certificate, X509Chain chain)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, one) => all | one.Status);
        var named = Matches(host, certificate);
        var names = named ? "" : $"; nor is it for this name, but for {ReadNames(certificate)}";
        if ((status & ~X509ChainStatusFlags.NotTimeValid) != 0)
            return new(SmtpOutcome.Untrusted, $"shows a certificate that isn't trusted ({Describe(status, certificate)}){names}");
        if (status != 0)
            return new(SmtpOutcome.Expired, $"shows a certificate that is not in date, or has one above it that isn't (its own is valid from {Format(certificate.NotBefore)} to {Format(certificate.NotAfter)}){names}");
        return named ? null : new(SmtpOutcome.WrongName, $"shows a certificate for another name ({ReadNames(certificate)})");
    }

    private static string Describe(X509ChainStatusFlags status, X509Certificate2 certificate)
    {
        var issuer = Printable.Text(certificate.Issuer, 100);
        if (certificate.IssuerName.RawData.AsSpan().SequenceEqual(certificate.SubjectName.RawData)) return $"{status}, self-signed";
        return (status & X509ChainStatusFlags.PartialChain) != 0
            ? $"{status}, issued by {issuer}, whose own certificate is neither sent nor known here"
            : $"{status}, issued by {issuer}";
    }

    private static bool Matches(string host, X509Certificate2 certificate)
    {
        try
        {
            return certificate.MatchesHostname(host, allowWildcards: true, allowCommonName: false);
        }
        catch (CryptographicException)
        {
            return false; // an extension that can't be read names nobody
        }
    }

    private static string ReadNames(X509Certificate2 certificate)
    {
        try
        {
            var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
                .SelectMany(static extension => extension.EnumerateDnsNames()).Take(MostNames + 1).ToList();
            return names.Count == 0
                ? "no DNS name at all"
                : string.Join(", ", names.Take(MostNames).Select(name => Printable.Text(name, 80))) + (names.Count > MostNames ? ", …" : "");
        }
        catch (CryptographicException)
        {
            return "names that can't be read";
        }
    }

    private static string Format(DateTime local) => $"{local.ToUniversalTime():yyyy-MM-dd HH:mm}Z";
}
