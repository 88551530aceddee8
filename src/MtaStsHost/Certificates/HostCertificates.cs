using MtaStsHost.Certificates.Files;

namespace MtaStsHost.Certificates;

/// <summary>
/// The certificate that a host is served with: the one of <c>Tls:Certificates</c> that covers it, otherwise the one issued for it. An
/// expired file serves only where there is nothing better.
/// </summary>
internal sealed class HostCertificates(FileCertificates files, CertificateCache issued, TimeProvider time)
{
    /// <summary>From memory, without an allocation; otherwise from the store. Never orders a certificate.</summary>
    public ValueTask<CertificateLookup> FindAsync(string host)
    {
        var now = time.GetUtcNow();
        var file = files.Current.Find(host, now);
        if (file is not null && file.IsInDate(now)) return new(new CertificateLookup(file));
        var own = issued.FindAsync(host);
        return file is null ? own : BetterAsync(own, file, now);
    }

    /// <summary>Of two expired certificates, the operator's own is served.</summary>
    private static async ValueTask<CertificateLookup> BetterAsync(
        ValueTask<CertificateLookup> own, ServingCertificate file, DateTimeOffset now)
    {
        var lookup = await own;
        return lookup.Certificate is { } certificate && certificate.IsInDate(now) ? lookup : new(file);
    }
}
