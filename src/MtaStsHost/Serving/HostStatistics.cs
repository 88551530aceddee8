namespace MtaStsHost.Serving;

/// <summary>Counts of one policy host since it has been served: written by requests; read by metrics, checks and the ledger.</summary>
internal sealed class HostStatistics
{
    private long _served;
    private long _refused;
    private long _lastServed;
    private long _lastFromOutsideV4;
    private long _lastFromOutsideV6;

    /// <summary>Answers with status 200.</summary>
    public long Served => Interlocked.Read(ref _served);

    /// <summary>Answers with status 405.</summary>
    public long MethodNotAllowed => Interlocked.Read(ref _refused);

    /// <summary>Unix seconds of the last 200; 0 before the first.</summary>
    public long LastServed => Interlocked.Read(ref _lastServed);

    /// <summary>Unix seconds of the last 200 over TLS to an address outside this network, which proves that the policy host can be reached
    /// from there; 0 before the first.</summary>
    /// <param name="family">Of the sender's address, and so of the policy host's.</param>
    public long LastFromOutside(AddressFamily family) =>
        Interlocked.Read(ref family == AddressFamily.InterNetworkV6 ? ref _lastFromOutsideV6 : ref _lastFromOutsideV4);

    /// <summary>When a sender outside this network last fetched the policy over either family; <c>null</c>: not yet.</summary>
    public DateTimeOffset? FetchedFromOutside =>
        Math.Max(LastFromOutside(AddressFamily.InterNetwork), LastFromOutside(AddressFamily.InterNetworkV6)) is var at and > 0
            ? DateTimeOffset.FromUnixTimeSeconds(at) : null;

    public void NoteFromOutside(AddressFamily family, long unixSeconds) =>
        Interlocked.Exchange(ref family == AddressFamily.InterNetworkV6 ? ref _lastFromOutsideV6 : ref _lastFromOutsideV4, unixSeconds);

    public void CountServed(long unixSeconds)
    {
        Interlocked.Increment(ref _served);
        Interlocked.Exchange(ref _lastServed, unixSeconds);
    }

    public void CountMethodNotAllowed() => Interlocked.Increment(ref _refused);
}
