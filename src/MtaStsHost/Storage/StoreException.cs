namespace MtaStsHost.Storage;

/// <summary>The store can't be opened, read or written. The message is one line and says what, the remedy how to mend it.</summary>
internal class StoreException(string what, string remedy, Exception? inner = null) : Exception($"{what}; {remedy}", inner)
{
    public string What { get; } = what;

    public string Remedy { get; } = remedy;
}

/// <summary>The lease ran out, and somebody else has taken it: what was to be written is theirs to write now.</summary>
internal sealed class LeaseLostException(string name)
    : StoreException($"another host works on {name} now", "nothing needs mending; its log says what became of it");
