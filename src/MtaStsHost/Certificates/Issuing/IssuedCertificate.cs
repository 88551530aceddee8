using System.Security.Cryptography.X509Certificates;
using Acme;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>Checks the chain that a CA has issued, and turns it into the row to save.</summary>
internal static class IssuedCertificate
{
    /// <summary>Allowed for a CA that doesn't backdate, and a clock that is a little slow.</summary>
    private static readonly TimeSpan s_clockSkew = TimeSpan.FromHours(1);

    /// <param name="ca">For messages.</param>
    /// <exception cref="IssuanceException">The certificate can't be used.</exception>
    public static CertificateRecord Accept(
        CertificateRecord record, CertificateChain received, CertificateKey key, string ca, DateTimeOffset now, bool hasWindows)
    {
        using var chain = received.Arrange(key, now);
        var (notBefore, notAfter) = (new DateTimeOffset(chain.Leaf.NotBefore.ToUniversalTime()),
            new DateTimeOffset(chain.Leaf.NotAfter.ToUniversalTime()));
        var faults = chain.Check(key, [new Identifier(Identifier.DnsType, record.Host)], now);
        if (notBefore - now < s_clockSkew) faults &= ~CertificateChainFaults.NotYetValid;
        // Only the certificate's own dates say anything about the clock.
        if (faults is CertificateChainFaults.Expired or CertificateChainFaults.NotYetValid)
            throw new IssuanceException(FailureKind.Clock,
                $"the certificate from {ca} is valid from {notBefore:u} to {notAfter:u}, and the time is {now:u}; check the system clock");
        if (faults != CertificateChainFaults.None)
            throw new IssuanceException(FailureKind.InvalidAnswer, $"the certificate from {ca} can't be used ({faults})");
        var issued = record with
        {
            Certificate = new StoredCertificate(
                chain.Pem, key.ExportPem(), Printable.Text(chain.Leaf.GetNameInfo(X509NameType.SimpleName, forIssuer: true)),
                notBefore, notAfter, now, record.Order!.DirectoryUrl, record.Order.AccountUrl, null),
            RenewAt = RenewalSchedule.RenewAt(notBefore, notAfter),
            Window = null,
            AskWindowAt = hasWindows ? RenewalSchedule.NextAsk(now, TimeSpan.Zero, RandomNumberGenerator.GetInt32(1000) / 1000.0) : null,
            Order = null,
            Failure = null,
            RenewalRequested = false,
        };
        // A certificate that is due on arrival would be ordered again without end: use at least half of what is left of it.
        if (issued.RenewAt <= now) issued = issued with { RenewAt = now + ((notAfter - now) / 2) };
        return issued with { DueAt = RenewalSchedule.DueAt(issued) };
    }

    /// <summary>RFC 9773 §4.1; <c>null</c> where the stored chain can't be read.</summary>
    public static CertificateId? IdOf(StoredCertificate certificate)
    {
        if (!CertificateChain.TryParse(certificate.ChainPem, out var chain, out _)) return null;
        using (chain) return CertificateId.From(chain.Leaf);
    }
}
