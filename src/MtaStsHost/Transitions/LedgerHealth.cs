using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>Whether what is served can be written down.</summary>
internal sealed class LedgerHealth : StoreHealth;
