namespace MtaStsHost.Storage;

/// <summary>The store can't be opened, read or written. The message is one line with the remedy.</summary>
internal class StoreException(string what, string remedy, Exception? inner = null) : Exception($"{what}; {remedy}", inner)
{
    public string What { get; } = what;

    public string Remedy { get; } = remedy;
}

/// <summary>The lease expired, and another replica has taken it, which now writes the row.</summary>
internal sealed class LeaseLostException(string name)
    : StoreException($"another replica works on {name} now", "no action is needed; see its log for the outcome");

/// <summary>One row can't be written, since its place in the file is damaged; the rest of the store works.</summary>
internal sealed class RowDamagedException(string row, Exception inner)
    : StoreException($"{row} can't be written: its place in the store is damaged", "restore a backup of the store", inner);
