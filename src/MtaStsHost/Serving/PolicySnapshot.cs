using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MtaStsHost.Certificates;

namespace MtaStsHost.Serving;

/// <summary>All policies in force at one moment. Never changes; a reload makes a new one.</summary>
internal sealed class PolicySnapshot
{
    public static readonly PolicySnapshot Empty = new([]);

    private readonly Dictionary<string, ServedPolicy>.AlternateLookup<ReadOnlySpan<char>> _byHost;

    /// <param name="policies">At most one a policy host.</param>
    public PolicySnapshot(ImmutableArray<ServedPolicy> policies)
    {
        All = policies;
        var byHost = new Dictionary<string, ServedPolicy>(policies.Length, StringComparer.OrdinalIgnoreCase);
        foreach (var policy in policies) byHost.Add(policy.Host, policy);
        _byHost = byHost.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>In the order of the configuration.</summary>
    public ImmutableArray<ServedPolicy> All { get; }

    /// <summary>The policy of a host, compared without regard to case. Allocates nothing.</summary>
    public bool TryFind(ReadOnlySpan<char> host, [NotNullWhen(true)] out ServedPolicy? policy) => _byHost.TryGetValue(host, out policy);
}

/// <summary>Holds the snapshot in force; the swap is one reference, so a request sees the old one or the new one, whole.</summary>
internal sealed class ServedPolicies : IPolicyHosts
{
    private PolicySnapshot _current = PolicySnapshot.Empty;

    public event Action? Changed;

    public PolicySnapshot Current => Volatile.Read(ref _current);

    public IEnumerable<string> Hosts => Current.All.Select(policy => policy.Host);

    public int Count => Current.All.Length;

    public bool Contains(ReadOnlySpan<char> host) => Current.TryFind(host, out _);

    public void Replace(PolicySnapshot snapshot)
    {
        Volatile.Write(ref _current, snapshot);
        Changed?.Invoke();
    }
}
