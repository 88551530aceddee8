using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MtaStsHost.Logging;

/// <summary>
/// How many lines per minute may be written about what unknown clients do, from one network and from all: they must not be able to fill
/// the disk. One that is over its own limit takes nothing from the others. Thread-safe.
/// </summary>
internal sealed class LineBudget : IDisposable
{
    public const int PerNetwork = 300;
    public const int InAll = 3000;

    private static readonly TimeSpan s_period = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, int> _byNetwork = [];
    private readonly TimeProvider _time;
    private readonly Action<long> _leftOut;
    private readonly ITimer _end;
    private long _began;
    private int _taken;
    private long _missed;

    /// <param name="leftOut">Called at the end of a minute in which lines were left out, with their number.</param>
    public LineBudget(TimeProvider time, Action<long> leftOut)
    {
        (_time, _leftOut, _began) = (time, leftOut, time.GetTimestamp());
        _end = time.CreateTimer(_ => Report(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <param name="client"><c>null</c>: unknown, one network.</param>
    public bool TryTake(IPAddress? client)
    {
        lock (_lock)
        {
            var elapsed = _time.GetElapsedTime(_began);
            if (elapsed >= s_period)
            {
                _byNetwork.Clear();
                (_began, _taken, elapsed) = (_time.GetTimestamp(), 0, TimeSpan.Zero);
            }

            // No network is noted once the budget is spent, so their number is bounded too.
            if (_taken < InAll)
            {
                ref var taken = ref CollectionsMarshal.GetValueRefOrAddDefault(_byNetwork, Network(client), out _);
                if (taken < PerNetwork)
                {
                    taken++;
                    _taken++;
                    return true;
                }
            }

            if (_missed++ == 0) _end.Change(s_period - elapsed, Timeout.InfiniteTimeSpan);
            return false;
        }
    }

    public void Dispose() => _end.Dispose();

    /// <summary>The first 24 bits of an IPv4 address, 64 of an IPv6 one: what one client can choose from.</summary>
    private static ulong Network(IPAddress? client)
    {
        if (client is null) return 0;
        Span<byte> bytes = stackalloc byte[16];
        client.TryWriteBytes(bytes, out var length);
        return length == 4 ? (1UL << 32) | (BinaryPrimitives.ReadUInt32BigEndian(bytes) >> 8) : BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    private void Report()
    {
        long missed;
        lock (_lock) (missed, _missed) = (_missed, 0);
        _leftOut(missed);
    }
}
