namespace MtaStsHost.Serving;

/// <summary>Requests that belong to no domain: counted as one, so that strangers' Host headers can't grow a metric.</summary>
internal sealed class RequestStatistics
{
    private long _unknownHost;

    /// <summary>Policy requests for a host that isn't configured.</summary>
    public long UnknownHost => Interlocked.Read(ref _unknownHost);

    public void CountUnknownHost() => Interlocked.Increment(ref _unknownHost);
}
