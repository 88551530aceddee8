using MtaStsHost.Storage;

namespace MtaStsHost.Policies.History;

/// <summary>Whether what is served can be written down.</summary>
internal sealed class HistoryState : StoreHealth;
