using System.Security.Cryptography.X509Certificates;

namespace MtaSts;

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
