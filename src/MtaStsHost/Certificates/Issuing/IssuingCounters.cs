using System.Collections.Concurrent;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>Orders and their outcomes since the start, for <c>/metrics</c>.</summary>
internal sealed class IssuingCounters
{
    private readonly ConcurrentDictionary<string, long> _failures = new(StringComparer.Ordinal);
    private long _orders;
    private long _obtained;
    private int _underWay;

    /// <summary>Orders placed at a CA.</summary>
    public long Orders => Interlocked.Read(ref _orders);

    public long Obtained => Interlocked.Read(ref _obtained);

    /// <summary>Hosts in progress.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Failed attempts, by <see cref="FailureKind"/>.</summary>
    public IEnumerable<KeyValuePair<string, long>> Failures =>
        FailureKind.All.Select(kind => KeyValuePair.Create(kind, _failures.GetValueOrDefault(kind)));

    public void CountOrder() => Interlocked.Increment(ref _orders);

    public void CountObtained() => Interlocked.Increment(ref _obtained);

    public void CountFailure(string kind) => _failures.AddOrUpdate(kind, 1, (_, count) => count + 1);

    public void Begin() => Interlocked.Increment(ref _underWay);

    public void End() => Interlocked.Decrement(ref _underWay);
}
