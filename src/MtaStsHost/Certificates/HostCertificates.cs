using System.Diagnostics.CodeAnalysis;
using MtaStsHost.Certificates.Files;

namespace MtaStsHost.Certificates;

/// <summary>
/// The certificate that a host is served with: that of <c>Tls:Certificates</c> which covers it, else the one that was issued for it. A file
/// that
/// is out of date serves only where nothing better is there.
/// </summary>
internal sealed class HostCertificates(FileCertificates files, CertificateCache issued, TimeProvider time)
{
    /// <summary>What is in memory. Allocates nothing.</summary>
    /// <returns>False: there is none, or it must be loaded, see <see cref="LoadAsync"/>.</returns>
    public bool TryGet(ReadOnlySpan<char> host, [NotNullWhen(true)] out ServingCertificate? certificate)
    {
        var now = time.GetUtcNow();
        var file = files.Current.Find(host, now);
        certificate = file is not null && file.IsInDate(now) ? file : issued.TryGet(host, out var own) ? Better(own, file, now) : null;
        return certificate is not null;
    }

    /// <summary>Loads an issued certificate that isn't in memory. Never orders one.</summary>
    public async ValueTask<ServingCertificate?> LoadAsync(string host)
    {
        var own = await issued.GetAsync(host);
        var now = time.GetUtcNow();
        return Better(own, files.Current.Find(host, now), now);
    }

    /// <inheritdoc cref="CertificateCache.IsOutOfReach(string)"/>
    public bool IsOutOfReach(string host) => issued.IsOutOfReach(host);

    /// <summary>Of two that may both be out of date, the operator's own stays.</summary>
    private static ServingCertificate? Better(ServingCertificate? own, ServingCertificate? file, DateTimeOffset now) =>
        own is not null && (file is null || own.IsInDate(now)) ? own : file;
}
