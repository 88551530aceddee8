using System.Security.Cryptography.X509Certificates;

namespace MtaStsHost.Checks.Mx;

/// <summary>Whether a certificate is good for an MX host. RFC 8461 §4.2.</summary>
internal static class MxCertificate
{
    private const int MostOfNames = 400;

    /// <summary>Null for a good one. What renewing can't fix comes before the dates, and those before the name.</summary>
    public static SmtpProbeException? Judge(string host, X509Certificate2 certificate, X509Chain chain)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, one) => all | one.Status);
        var named = ServerCertificate.IsFor(host, certificate);
        var names = named ? "" : $"; nor is it for this name, but for {NamesOf(certificate)}";
        if ((status & ~X509ChainStatusFlags.NotTimeValid) != 0)
            return new(SmtpOutcome.Untrusted, $"has a certificate that isn't trusted ({Describe(status, certificate)}){names}");
        if (status != 0)
            return new(SmtpOutcome.Expired,
                $"has a certificate that has expired or is not valid yet, or one above it has (its own is valid from "
                + $"{Format(certificate.NotBefore)} to {Format(certificate.NotAfter)}){names}");
        return named ? null : new(SmtpOutcome.WrongName, $"has a certificate for another name ({NamesOf(certificate)})");
    }

    private static string Describe(X509ChainStatusFlags status, X509Certificate2 certificate)
    {
        var issuer = Printable.Text(certificate.Issuer, 100);
        if (certificate.IssuerName.RawData.AsSpan().SequenceEqual(certificate.SubjectName.RawData)) return $"{status}, self-signed";
        return (status & X509ChainStatusFlags.PartialChain) != 0
            ? $"{status}, issued by {issuer}, whose own certificate is neither sent nor known here"
            : $"{status}, issued by {issuer}";
    }

    private static string NamesOf(X509Certificate2 certificate) =>
        Printable.Text(ServerCertificate.DescribeNames(certificate), MostOfNames);

    private static string Format(DateTime local) => $"{local.ToUniversalTime():yyyy-MM-dd HH:mm}Z";
}
