namespace MtaStsHost.Storage;

/// <summary>The store can't be opened, read or written. The message is one line and says what, the remedy how to mend it.</summary>
internal sealed class StoreException(string what, string remedy, Exception? inner = null) : Exception($"{what}; {remedy}", inner)
{
    public string What { get; } = what;

    public string Remedy { get; } = remedy;
}
