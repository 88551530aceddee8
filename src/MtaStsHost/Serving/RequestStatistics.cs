namespace MtaStsHost.Serving;

/// <summary>Requests for hosts that are not served: one number, so that the Host headers of unknown clients can't grow a metric.</summary>
internal sealed class RequestStatistics
{
    private long _unknownHost;

    public long UnknownHost => Interlocked.Read(ref _unknownHost);

    public void CountUnknownHost() => Interlocked.Increment(ref _unknownHost);
}
