using System.Collections.Concurrent;
using MtaStsHost.Serving;

namespace MtaStsHost.Transitions;

internal enum MxOutcome
{
    /// <summary>The policy covers every MX host, and each can be delivered to under it.</summary>
    Passes,

    /// <summary>Senders refuse an MX host under the policy.</summary>
    Fails,

    /// <summary>It could not be checked from here, for example because port 25 can't be reached.</summary>
    Unknown,
}

/// <summary>The result of the last check of a domain's MX hosts against its configured policy.</summary>
/// <param name="Message">What was found; safe to print.</param>
internal sealed record MxVerdict(MxOutcome Outcome, string Message);

/// <summary>The verdicts of this process, which the checks set and the enforce gate reads. They are not stored: after a restart each domain
/// is checked again, and one in <c>enforce</c> stays there.</summary>
internal sealed class MxVerdicts
{
    private readonly ConcurrentDictionary<DomainName, (ImmutableArray<MxPattern> Mx, MxVerdict Verdict)> _verdicts = [];

    /// <summary>Raised after the verdicts on some domains have changed.</summary>
    public event Action<IReadOnlyList<DomainName>>? Changed;

    /// <param name="policy">In any mode; a verdict on other mx does not apply to it.</param>
    /// <returns><c>null</c>: not checked yet.</returns>
    public MxVerdict? Find(ServedPolicy policy) =>
        _verdicts.TryGetValue(policy.Domain, out var known) && known.Mx.AsSpan().SequenceEqual(policy.Policy.Mx.AsSpan())
            ? known.Verdict : null;

    /// <summary>Several at once, since what is served is decided once for all of them.</summary>
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

    public void Forget(DomainName domain) => _verdicts.TryRemove(domain, out _);
}
