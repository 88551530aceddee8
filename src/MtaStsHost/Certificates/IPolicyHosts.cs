namespace MtaStsHost.Certificates;

/// <summary>The names that certificates are for: the configured policy hosts, and no others.</summary>
internal interface IPolicyHosts
{
    /// <summary>All current names, lower case.</summary>
    IEnumerable<string> Hosts { get; }

    /// <summary>Raised after the names may have changed, on the thread that changed them; handlers are quick.</summary>
    event Action? Changed;

    /// <summary>Case-insensitive; allocates nothing.</summary>
    bool Contains(ReadOnlySpan<char> host);
}
