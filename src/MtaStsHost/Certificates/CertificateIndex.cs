#pragma warning disable CA1822, CA1065, IDE0060 // stub
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates;

internal sealed class CertificateIndex
{
    public IEnumerable<CertificateSummary> All => throw new NotImplementedException();
    public CertificateSummary? Find(string host) => throw new NotImplementedException();
    public void Apply(IReadOnlyList<CertificateSummary> changes) => throw new NotImplementedException();
}
