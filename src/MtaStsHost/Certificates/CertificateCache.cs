#pragma warning disable CA1822, CA1065, IDE0060 // stub
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates;

/// <summary>Prepared certificates that were issued, loaded from the store when they are first asked for, as many as memory allows.</summary>
internal sealed class CertificateCache
{
    /// <summary>Puts a new certificate in force, from the next handshake on.</summary>
    public void Replace(CertificateRecord record) => throw new NotImplementedException();

    /// <summary>Takes note of rows that changed, here or at another host: what is cached of them is loaded anew.</summary>
    public void Apply(IReadOnlyList<CertificateSummary> changes) => throw new NotImplementedException();
}
