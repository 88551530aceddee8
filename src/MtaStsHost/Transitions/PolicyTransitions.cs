using System.Collections.Immutable;
using MtaSts;
using MtaStsHost.Configuration;
using MtaStsHost.Serving;

namespace MtaStsHost.Transitions;

/// <summary>
/// Decides what is served: what is configured, less what the gate holds back, and domains that were removed while senders may hold their
/// policy.
/// The one who calls <see cref="ServedPolicies.Replace"/>. All of it is decided from memory, so that a reload waits for no store.
/// </summary>
internal sealed class PolicyTransitions
{
    private readonly Lock _lock = new();
    private readonly ServedPolicies _policies;
    private readonly IMxVerdicts _verdicts;
    private readonly TimeProvider _time;
    private readonly ServingLog _log;

    /// <summary>Of configured domains too: what they were served before counts when they are removed.</summary>
    private readonly Dictionary<DomainName, SenderCopies> _copies = [];

    private PolicySnapshot _configured = PolicySnapshot.Empty;
    private TransitionSettings _changes = TransitionSettings.Default;

    /// <summary>Whether it is known what was served before this process; if not, a domain counts as one that was in enforce.</summary>
    private bool _knowsPast;

    public PolicyTransitions(ServedPolicies policies, IMxVerdicts verdicts, TimeProvider time, ILogger<PolicyTransitions> log)
    {
        _policies = policies;
        _verdicts = verdicts;
        _time = time;
        _log = new ServingLog(log);
        verdicts.Changed += VerdictsChanged;
    }

    /// <summary>A configuration comes into force. A domain that isn't in it any more is retired in the same moment.</summary>
    public void Configure(PolicySnapshot configured, TransitionSettings changes)
    {
        lock (_lock)
        {
            var (before, now) = (_policies.Current, _time.GetUtcNow());
            foreach (var policy in before.All)
            {
                if (policy.RetiredUntil is not null || PolicyRows.IsIn(configured, policy)) continue;
                if (Retirement.Of(policy, now) is { } copies) Note(copies);
                else if (_copies.TryGetValue(policy.Domain, out var earlier)) Note(earlier with { Mx = policy.Policy.Mx });
            }

            (_configured, _changes) = (configured, changes);
            if (changes.Gate == GateMode.Block) ForgetVerdicts(before, now);
            Serve(now, WasEnforced(before, now));
        }
    }

    /// <summary>A domain that is switched to enforce is held until a check that begins now has passed: what was seen before may be as old
    /// as an interval.</summary>
    private void ForgetVerdicts(PolicySnapshot before, DateTimeOffset now)
    {
        var wasEnforced = WasEnforced(before, now);
        foreach (var policy in _configured.All)
        {
            if (policy.Policy.Mode != PolicyMode.Enforce || wasEnforced(policy)
                || _verdicts.Find(policy) is null or { Outcome: MxOutcome.Fails }) continue;
            if (!before.TryFind(policy.Host, out var known) || known.HeldBecause is null) _verdicts.Forget(policy.Domain);
        }
    }

    /// <summary>What was served before this process is known, and nobody has been answered yet.</summary>
    /// <param name="enforced">Domains whose last policy was in enforce; <c>null</c>: the store knows nothing of the time before.</param>
    public void Begin(IReadOnlySet<string>? enforced, IEnumerable<SenderCopies> copies)
    {
        lock (_lock)
        {
            foreach (var held in copies) Note(held);
            _knowsPast = enforced is not null;
            var now = _time.GetUtcNow();
            Serve(now, policy => enforced is null || enforced.Contains(policy.Domain.Value) || IsLastEnforce(policy.Domain, now));
        }
    }

    /// <summary>Senders may hold copies that this process didn't know of.</summary>
    /// <param name="isPastKnown">Whether the store that they come from knows what was served.</param>
    public void Learn(IEnumerable<SenderCopies> copies, bool isPastKnown)
    {
        lock (_lock)
        {
            _knowsPast |= isPastKnown;
            // Those of a configured domain count when it is removed, and those that are known already change nothing.
            var isNews = false;
            foreach (var held in copies) isNews |= Note(held) && !_configured.TryFind(held.Host, out _);
            if (isNews) Serve(_time.GetUtcNow(), WasEnforced(_policies.Current, _time.GetUtcNow()));
        }
    }

    /// <summary>Ends what is over, which nothing else does. To be called once in a while.</summary>
    /// <param name="isClockTrusted">If not, nothing ends; if so, nothing may end later than a year from now, which only a wrong clock can
    /// have said.</param>
    public void Refresh(DateTimeOffset now, bool isClockTrusted)
    {
        lock (_lock)
        {
            var latest = isClockTrusted ? now.AddSeconds(Policy.MaxMaxAge) : DateTimeOffset.MaxValue;
            var changed = false;
            foreach (var copies in _copies.Values.ToList())
            {
                if (copies.Until <= now && isClockTrusted) _copies.Remove(copies.Domain);
                else if (copies.Until > latest) _copies[copies.Domain] = copies with { Until = latest };
                if (!_changes.Retires || _configured.TryFind(copies.Host, out _)) continue;
                // One that was removed while the clock was ahead is not served.
                changed |= _policies.Current.TryFind(copies.Host, out _) ? copies.Until <= now && isClockTrusted : copies.Until > now;
                changed |= copies.Until > latest;
            }

            if (changed) Serve(now, WasEnforced(_policies.Current, now), ends: isClockTrusted);
        }
    }

    private void VerdictsChanged(IReadOnlyList<DomainName> domains)
    {
        lock (_lock)
        {
            if (domains.Any(IsDecidedAnew)) Serve(_time.GetUtcNow(), WasEnforced(_policies.Current, _time.GetUtcNow()));
        }
    }

    private bool IsDecidedAnew(DomainName domain)
    {
        // One that isn't held has gone where it is configured to go, and stays there.
        if (!_policies.Current.TryFind(PolicyFetcher.HostFor(domain), out var policy)
            || policy.HeldBecause is not { } reason) return false;
        return Decide(policy, PolicyMode.Enforce, wasEnforced: false) is var decision
            && (!decision.ServeTesting || decision.Reason != reason);
    }

    /// <returns>Whether that is news.</returns>
    private bool Note(SenderCopies copies)
    {
        if (!_copies.TryGetValue(copies.Domain, out var known))
        {
            _copies.Add(copies.Domain, copies);
            return true;
        }

        var mx = copies.Mx.IsEmpty ? known.Mx : copies.Mx;
        _copies[copies.Domain] = copies with { Mx = mx, Mode = copies.Mode
            ?? known.Mode, Until = known.Until > copies.Until ? known.Until : copies.Until };
        return copies.Until > known.Until;
    }

    /// <summary>A policy in mode none, and a domain that was gone for a while, leave the last policy that bound senders where it is: in
    /// their caches.</summary>
    private Func<ServedPolicy, bool> WasEnforced(PolicySnapshot before, DateTimeOffset now) =>
        policy => before.TryFind(policy.Host, out var known) switch
    {
        true when known!.Policy.Mode == PolicyMode.Enforce => true,
        true when known!.Policy.Mode == PolicyMode.Testing => false,
        var isKnown => IsLastEnforce(policy.Domain, now) || (!isKnown && !_knowsPast),
    };

    private bool IsLastEnforce(DomainName domain, DateTimeOffset now) =>
        _copies.TryGetValue(domain, out var copies) && copies.Mode == PolicyMode.Enforce && copies.Until > now;

    /// <param name="policy">With the configured mx.</param>
    private GateDecision Decide(ServedPolicy policy, PolicyMode mode, bool wasEnforced) =>
        EnforceGate.Decide(_changes.Gate, mode, wasEnforced, _verdicts.Find(policy));

    /// <param name="ends">Whether retirements end that are over by this clock.</param>
    private void Serve(DateTimeOffset now, Func<ServedPolicy, bool> wasEnforced, bool ends = false)
    {
        var before = _policies.Current;
        var held = Hold(before, wasEnforced);
        var retired = _changes.Retires
            ? _copies.Values.Where(copies => (copies.Until > now || (!ends && IsRetired(before, copies)))
                && !_configured.TryFind(copies.Host, out _)).OrderBy(copies => copies.Domain.Value, StringComparer.Ordinal)
                .Select(copies => Retire(before, copies)).ToList()
            : [];
        var after = held.Count == 0 && retired.Count == 0 ? _configured
            : new PolicySnapshot([.. _configured.All.Select(policy => held.GetValueOrDefault(policy.Domain, policy)), .. retired]);
        if (!ReferenceEquals(after, before)) _policies.Replace(after);
        _log.ReportRetired(before, after, retired, now);
    }

    private static bool IsRetired(PolicySnapshot snapshot, SenderCopies copies) => snapshot.TryFind(copies.Host, out var served)
        && served.RetiredUntil is not null;

    private static ServedPolicy Retire(PolicySnapshot before, SenderCopies copies) =>
        before.TryFind(copies.Host, out var known) && known.RetiredUntil == copies.Until ? known : copies.Retire();

    private Dictionary<DomainName, ServedPolicy> Hold(PolicySnapshot before, Func<ServedPolicy, bool> wasEnforced)
    {
        var held = new Dictionary<DomainName, ServedPolicy>();
        if (_changes.Gate == GateMode.Off) return held;
        List<(ServedPolicy Policy, string Reason)> begun = [], doubtful = [];
        List<ServedPolicy> released = [];
        foreach (var policy in _configured.All)
        {
            // Nearly all domains, nearly always.
            if (policy.Policy.Mode != PolicyMode.Enforce || wasEnforced(policy)) continue;
            var decision = Decide(policy, policy.Policy.Mode, wasEnforced: false);
            var wasHeld = before.TryFind(policy.Host, out var known) && known.HeldBecause is not null;
            if (decision.ServeTesting)
            {
                held.Add(policy.Domain, EnforceGate.Hold(policy, decision.Reason!));
                if (!wasHeld) begun.Add((policy, decision.Reason!));
                continue;
            }

            if (decision.Reason is not null) doubtful.Add((policy, decision.Reason));
            if (wasHeld) released.Add(policy);
        }

        _log.ReportGate(begun, doubtful, released);
        return held;
    }
}
