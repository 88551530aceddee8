namespace MtaStsHost.Serving;

/// <summary>All policies at one moment, as configured or as served. Immutable; a reload makes a new one.</summary>
internal sealed class PolicySnapshot
{
    public static readonly PolicySnapshot Empty = new([]);

    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _byHost;

    /// <param name="policies">At most one per policy host.</param>
    public PolicySnapshot(ImmutableArray<ServedPolicy> policies)
    {
        All = policies;
        var byHost = new Dictionary<string, int>(policies.Length, StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < policies.Length; i++) byHost.Add(policies[i].Host, i);
        _byHost = byHost.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>In the order of the configuration.</summary>
    public ImmutableArray<ServedPolicy> All { get; }

    /// <summary>The position in <see cref="All"/> of a host's policy; case is ignored. Allocates nothing.</summary>
    public bool TryIndexOf(ReadOnlySpan<char> host, out int index) => _byHost.TryGetValue(host, out index);

    public bool TryFind(ReadOnlySpan<char> host, [NotNullWhen(true)] out ServedPolicy? policy)
    {
        policy = TryIndexOf(host, out var index) ? All[index] : null;
        return policy is not null;
    }
}
