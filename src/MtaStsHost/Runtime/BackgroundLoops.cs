namespace MtaStsHost.Runtime;

/// <summary>The loops that work in the background. One that hangs, or fails in each round, would otherwise show only in what no longer
/// happens: the listeners go on without it.</summary>
internal sealed class BackgroundLoops(TimeProvider time)
{
    private ImmutableArray<BackgroundLoop> _all = [];

    /// <summary>In the order of their start.</summary>
    public ImmutableArray<BackgroundLoop> All => _all;

    /// <param name="name">In <c>/health</c>, the log and the metric.</param>
    /// <param name="loss">What no longer happens while the loop does not work: <c>domains are not checked</c>.</param>
    public BackgroundLoop Add(string name, string loss)
    {
        var loop = new BackgroundLoop(name, loss, time);
        ImmutableInterlocked.Update(ref _all, (all, added) => all.Add(added), loop);
        return loop;
    }
}

/// <summary>One loop, which reports each of its rounds. Sleeping and waiting for a change is not part of a round.</summary>
internal sealed class BackgroundLoop(string name, string loss, TimeProvider time)
{
    /// <summary>No round takes that long, unless what it waits for does not come: a disk, a lock, a thread.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private sealed record State(long? Began, string? Error);

    private volatile State _state = new(null, null);

    public string Name => name;

    public string Loss => loss;

    public bool IsStuck => _state.Began is { } began && time.GetElapsedTime(began) >= Patience;

    /// <summary>What is wrong, in one line, safe to print; <c>null</c>: the last round worked.</summary>
    public string? Error => IsStuck ? $"{loss}: the current round has taken over {Patience.TotalSeconds:0} s"
        : _state.Error is { } error ? $"{loss}: {error}" : null;

    public void Begin() => _state = _state with { Began = time.GetTimestamp() };

    /// <param name="fault">What the round failed with; <c>null</c>: it worked, or what it failed with is reported elsewhere.</param>
    public void End(Exception? fault = null) =>
        _state = new(null, fault is null ? null : Printable.Text($"{fault.GetType().Name}: {fault.Message}"));
}
