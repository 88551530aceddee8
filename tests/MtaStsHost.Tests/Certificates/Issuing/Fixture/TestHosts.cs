using System.Collections.Concurrent;
using MtaStsHost.Certificates;

namespace MtaStsHost.Tests.Certificates.Issuing.Fixture;

/// <summary>The configured names, as a test sets them.</summary>
internal sealed class TestHosts : IPolicyHosts
{
    private readonly ConcurrentDictionary<string, bool> _hosts = new(StringComparer.OrdinalIgnoreCase);

    public event Action? Changed;

    public IEnumerable<string> Hosts => _hosts.Keys;

    public bool Contains(ReadOnlySpan<char> host) => _hosts.ContainsKey(host.ToString());

    public void Add(params IEnumerable<string> hosts)
    {
        foreach (var host in hosts) _hosts[host] = true;
        Changed?.Invoke();
    }

    public void Remove(string host)
    {
        _hosts.TryRemove(host, out _);
        Changed?.Invoke();
    }
}
