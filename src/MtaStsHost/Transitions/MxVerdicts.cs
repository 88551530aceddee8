using System.Collections.Concurrent;
using System.Collections.Immutable;
using MtaSts;
using MtaStsHost.Serving;

namespace MtaStsHost.Transitions;

/// <summary>The verdicts of this process. They are not kept: after a restart a domain is checked anew, and one in <c>enforce</c> stays
/// there.</summary>
internal sealed class MxVerdicts : IMxVerdicts
{
    private readonly ConcurrentDictionary<DomainName, (ImmutableArray<MxPattern> Mx, MxVerdict Verdict)> _verdicts = [];

    public event Action<IReadOnlyList<DomainName>>? Changed;

    public MxVerdict? Find(ServedPolicy policy) =>
        _verdicts.TryGetValue(policy.Domain, out var known) && known.Mx.AsSpan().SequenceEqual(policy.Policy.Mx.AsSpan())
            ? known.Verdict : null;

    /// <param name="policy">Whose mx the check was about; in whatever mode.</param>
    public void Set(ServedPolicy policy, MxVerdict verdict) => Set([(policy, verdict)]);

    /// <summary>Several at once: what is served is decided once for all of them.</summary>
    public void Set(IEnumerable<(ServedPolicy Policy, MxVerdict Verdict)> verdicts)
    {
        var changed = new List<DomainName>();
        foreach (var (policy, verdict) in verdicts)
        {
            if (Find(policy) != verdict) changed.Add(policy.Domain);
            _verdicts[policy.Domain] = (policy.Policy.Mx, verdict);
        }

        if (changed.Count > 0) Changed?.Invoke(changed);
    }

    public void Forget(DomainName domain) => Remove(domain);

    /// <summary>A domain that isn't configured any more, or that nobody looks at.</summary>
    public void Remove(DomainName domain) => _verdicts.TryRemove(domain, out _);
}
