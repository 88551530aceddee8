using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>Whether the store works for certificates and their schedule.</summary>
internal sealed class CertificateStoreHealth : StoreHealth;
