namespace MtaStsHost.Certificates;

/// <summary>The names that certificates are for: the configured policy hosts, and no others.</summary>
internal interface IPolicyHosts
{
    /// <summary>All of them at this moment, lower case.</summary>
    IEnumerable<string> Hosts { get; }

    int Count { get; }

    /// <summary>Raised after the names may have changed, on the thread that changed them; handlers are quick.</summary>
    event Action? Changed;

    /// <summary>Without regard to case. Allocates nothing.</summary>
    bool Contains(ReadOnlySpan<char> host);
}
