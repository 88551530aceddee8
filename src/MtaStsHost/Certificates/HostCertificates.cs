using System.Diagnostics.CodeAnalysis;
using MtaStsHost.Certificates.Files;

namespace MtaStsHost.Certificates;

/// <summary>
/// The certificate that a host is served with: that of <c>Tls:Certificates</c> which covers it, else the one that was issued for it. A file that
/// is out of date serves only where nothing better is there.
/// </summary>
internal sealed class HostCertificates(FileCertificates files, CertificateCache issued, TimeProvider time)
{
    /// <summary>What is in memory. Allocates nothing.</summary>
    /// <returns>False: there is none, or it must be loaded, see <see cref="LoadAsync"/>.</returns>
    public bool TryGet(ReadOnlySpan<char> host, [NotNullWhen(true)] out ServingCertificate? certificate)
    {
        var now = time.GetUtcNow();
        certificate = files.Current.Find(host, now);
        return (certificate is not null && certificate.IsInDate(now)) || issued.TryGet(host, out certificate);
    }

    /// <summary>Loads an issued certificate that isn't in memory. Never orders one.</summary>
    public async ValueTask<ServingCertificate?> LoadAsync(string host) => await issued.GetAsync(host) ?? files.Current.Find(host, time.GetUtcNow());
}
