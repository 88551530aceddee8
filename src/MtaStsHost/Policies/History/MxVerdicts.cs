using System.Collections.Concurrent;
using MtaSts;

namespace MtaStsHost.Policies.History;

/// <summary>The verdicts of this process. They are not kept: after a restart a domain is checked anew, and one in <c>enforce</c> stays there.</summary>
internal sealed class MxVerdicts : IMxVerdicts
{
    private readonly ConcurrentDictionary<DomainName, MxVerdict> _verdicts = [];

    public event Action<DomainName>? Changed;

    public MxVerdict? Find(DomainName domain) => _verdicts.GetValueOrDefault(domain);

    public void Set(DomainName domain, MxVerdict verdict)
    {
        var before = _verdicts.GetValueOrDefault(domain);
        _verdicts[domain] = verdict;
        if (before != verdict) Changed?.Invoke(domain);
    }

    /// <summary>A domain that isn't configured any more.</summary>
    public void Remove(DomainName domain) => _verdicts.TryRemove(domain, out _);
}
