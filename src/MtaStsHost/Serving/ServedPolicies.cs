using MtaStsHost.Certificates;

namespace MtaStsHost.Serving;

internal readonly record struct ServedHost(ServedPolicy Policy, HostStatistics Statistics);

/// <summary>A snapshot that is served and, beside it, what was counted for each of its hosts.</summary>
internal sealed class ServedSnapshot
{
    public static readonly ServedSnapshot Empty = new(PolicySnapshot.Empty, null);

    private readonly HostStatistics[] _statistics;

    /// <param name="before">Hosts that it served too keep their statistics; those of other hosts are forgotten.</param>
    public ServedSnapshot(PolicySnapshot policies, ServedSnapshot? before)
    {
        Policies = policies;
        _statistics = [.. policies.All.Select(policy =>
            before is not null && before.TryFind(policy.Host, out var known) ? known.Statistics : new HostStatistics())];
    }

    public PolicySnapshot Policies { get; }

    public IEnumerable<ServedHost> All => Policies.All.Select((policy, i) => new ServedHost(policy, _statistics[i]));

    /// <summary>One look-up, case ignored. Allocates nothing.</summary>
    public bool TryFind(ReadOnlySpan<char> host, out ServedHost served)
    {
        var isServed = Policies.TryIndexOf(host, out var index);
        served = isServed ? new ServedHost(Policies.All[index], _statistics[index]) : default;
        return isServed;
    }
}

/// <summary>Holds the snapshot that is served. The swap is one reference, so a request sees either the old one or the new one.</summary>
internal sealed class ServedPolicies : IPolicyHosts
{
    private ServedSnapshot _served = ServedSnapshot.Empty;

    public event Action? Changed;

    public ServedSnapshot WithStatistics => Volatile.Read(ref _served);

    public PolicySnapshot Current => WithStatistics.Policies;

    public IEnumerable<string> Hosts => Current.All.Select(policy => policy.Host);

    public bool Contains(ReadOnlySpan<char> host) => Current.TryIndexOf(host, out _);

    public void Replace(PolicySnapshot snapshot)
    {
        Volatile.Write(ref _served, new ServedSnapshot(snapshot, _served));
        Changed?.Invoke();
    }
}
