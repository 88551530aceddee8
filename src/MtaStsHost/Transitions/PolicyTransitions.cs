using MtaStsHost.Configuration;
using MtaStsHost.Serving;
using MtaStsHost.Storage;

namespace MtaStsHost.Transitions;

/// <summary>
/// Decides what is served: what is configured, except domains that the gate holds in <c>testing</c>, and removed domains, whose last policy
/// is served for a while, and then mode <c>none</c> for as long as senders may hold it. The only caller of
/// <see cref="ServedPolicies.Replace"/>. Decides from memory: a reload never waits for the store.
/// </summary>
internal sealed class PolicyTransitions
{
    private readonly Lock _lock = new();
    private readonly KnownCopies _copies = new();
    private readonly Departures _departures = new();
    private readonly ServedPolicies _policies;
    private readonly MxVerdicts _verdicts;
    private readonly TimeProvider _time;
    private readonly ServingLog _log;

    private PolicySnapshot _configured = PolicySnapshot.Empty;
    private TransitionSettings _settings = TransitionSettings.Default;

    /// <summary>Whether it is known what was served before this process; if not, a domain counts as one in <c>enforce</c>.</summary>
    private bool _knowsPast;

    public PolicyTransitions(ServedPolicies policies, MxVerdicts verdicts, TimeProvider time, ILogger<PolicyTransitions> log)
    {
        _policies = policies;
        _verdicts = verdicts;
        _time = time;
        _log = new ServingLog(log);
        verdicts.Changed += VerdictsChanged;
    }

    /// <summary>Removals that the operator must confirm first, as an error; <c>null</c>: none. Without the lock: <c>/health</c> has to
    /// answer while a reload hangs.</summary>
    public string? UnconfirmedRemovals => _departures.Unconfirmed;

    /// <summary>Makes a configuration active. The policy of a domain that it no longer contains stays for a while.</summary>
    public void Configure(PolicySnapshot configured, TransitionSettings settings)
    {
        lock (_lock)
        {
            var (before, now) = (_policies.Current, _time.GetUtcNow());
            var served = before.All.Where(policy => policy.RetiredUntil is null).ToList();
            _departures.Follow([.. served.Where(Retirement.Binds)], [], configured, settings, now);
            foreach (var policy in served.Where(policy => !PolicyRows.IsIn(configured, policy) && !_departures.Contains(policy.Domain)))
                _copies.End(policy, now);
            (_configured, _settings) = (configured, settings);
            if (settings.Gate == GateMode.Block) ForgetVerdicts(before, now);
            Serve(now);
        }
    }

    /// <summary>What was served before this process is known, and no request has been answered yet.</summary>
    public void Begin(LedgerSnapshot past)
    {
        lock (_lock)
        {
            foreach (var known in past.Copies) _copies.Note(known);
            var (enforced, now) = (past.Enforced(), _time.GetUtcNow());
            _knowsPast = enforced is not null;
            Depart(past, now);
            Serve(now, past.AsOf, policy =>
                enforced is null || enforced.Contains(policy.Domain.Value) || _copies.AreEnforced(policy.Domain, now));
        }
    }

    /// <summary>The ledger knows of copies that this process didn't know of.</summary>
    /// <param name="isFirst">Nothing was known of the ledger until now.</param>
    public void Learn(LedgerSnapshot past, bool isFirst)
    {
        lock (_lock)
        {
            _knowsPast |= past.IsKnown;
            var (isNews, now) = (isFirst && past.Left.Count > 0, _time.GetUtcNow());
            foreach (var known in past.Copies) isNews |= _copies.Note(known) && !IsConfigured(known);
            // What others begin to serve later is not ours to end.
            if (isFirst) Depart(past, now);
            if (isNews) Serve(now, isFirst ? past.AsOf : null);
        }
    }

    /// <summary>Domains that were removed while the service was stopped.</summary>
    private void Depart(LedgerSnapshot past, DateTimeOffset now)
    {
        foreach (var left in past.Left) _copies.Note(left.Copies);
        var served = _policies.Current.All.Where(policy => policy.RetiredUntil is null && Retirement.Binds(policy)
            && past.InForceBinding.Contains(policy.Domain.Value)).Concat(past.Left.Select(left => left.Policy));
        _departures.Follow([.. served], past.Left.Where(left => left.RemovedAt is not null)
            .Select(left => new Departure(left.Policy, left.RemovedAt)), _configured, _settings, now);
    }

    /// <summary>What look-ups of TXT records have shown.</summary>
    /// <returns>What is to be recorded: when ids of policies that ended had left DNS.</returns>
    public IReadOnlyList<IdLeftDns> See(IEnumerable<RecordSighting> sightings)
    {
        lock (_lock)
        {
            var before = _copies.All.ToDictionary(copies => copies.Domain);
            var changed = new List<IdLeftDns>();
            foreach (var sighting in sightings.Where(sighting => _copies.See(sighting)))
            {
                var known = before[sighting.Domain].Copies;
                changed.AddRange(_copies.Find(sighting.Domain)!.Copies.Where((copy, i) => copy.LeftDns != known[i].LeftDns)
                    .Select(copy => new IdLeftDns(sighting.Domain.Value, copy.Id, copy.LeftDns)));
            }

            // Until when they are served is shown.
            if (changed.Count > 0) Serve(_time.GetUtcNow());
            return [.. changed.Distinct()];
        }
    }

    /// <summary>Gives up domains that are not configured, whether or not senders may hold their policies.</summary>
    /// <returns>These.</returns>
    public IReadOnlyList<string> Forget(IEnumerable<string> domains)
    {
        lock (_lock)
        {
            var given = new List<string>();
            foreach (var text in domains)
            {
                if (!DomainName.TryParse(text, out var domain, out _)
                    || _configured.TryFind(PolicyFetcher.HostFor(domain), out _)) continue;
                _departures.Forget(domain);
                _copies.Forget(domain);
                given.Add(text);
            }

            if (given.Count > 0) Serve(_time.GetUtcNow());
            return given;
        }
    }

    /// <summary>Ends retirements that are over, which nothing else does. To be called regularly.</summary>
    /// <param name="isClockTrusted">If not, nothing ends. If so, nothing has ended in the future, since only a wrong clock can have said
    /// that.</param>
    public void Refresh(DateTimeOffset now, bool isClockTrusted)
    {
        lock (_lock)
        {
            var over = isClockTrusted ? _departures.End(now) : [];
            foreach (var policy in over) _copies.End(policy, now);
            var changed = over.Count > 0 | (isClockTrusted && _departures.PullIn(now));
            foreach (var copies in _copies.All)
            {
                var isRetired = _settings.Retires && !IsConfigured(copies) && !_departures.Contains(copies.Domain);
                var isOver = isClockTrusted && (isRetired ? copies.AreOver(now) : !copies.AreHeld(now));
                if (isOver) _copies.Forget(copies.Domain);
                else if (isClockTrusted) changed |= _copies.PullIn(copies, now) && isRetired;
                // One that was removed while the clock was ahead is not served yet.
                changed |= isRetired && (_policies.Current.TryFind(copies.Host, out _) ? isOver : copies.AreHeld(now));
            }

            if (changed) Serve(now);
        }
    }

    private void VerdictsChanged(IReadOnlyList<DomainName> domains)
    {
        lock (_lock)
        {
            if (domains.Any(IsDecidedAnew)) Serve(_time.GetUtcNow());
        }
    }

    /// <summary>Only a domain that is held can be decided anew; any other has reached its configured mode and stays there.</summary>
    private bool IsDecidedAnew(DomainName domain) =>
        _policies.Current.TryFind(PolicyFetcher.HostFor(domain), out var policy) && policy.HeldBecause is { } reason
        && EnforceGate.Decide(_settings.Gate, _verdicts.Find(policy)) != (true, reason);

    /// <summary>A domain that is switched to <c>enforce</c> is held until a check that begins now has passed: an earlier verdict may be as
    /// old as the interval of checks.</summary>
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

    /// <summary>A policy in mode <c>none</c>, or the domain's absence, leaves the last binding policy in senders' caches.</summary>
    private Func<ServedPolicy, bool> WasEnforced(PolicySnapshot before, DateTimeOffset now) =>
        policy => before.TryFind(policy.Host, out var known) switch
        {
            true when known!.Policy.Mode == PolicyMode.Enforce => true,
            true when known!.Policy.Mode == PolicyMode.Testing => false,
            var isKnown => _copies.AreEnforced(policy.Domain, now) || (!isKnown && !_knowsPast),
        };

    /// <param name="heldAt">Copies that senders held then count, if their domains are not configured; <c>null</c>: now.</param>
    /// <param name="wasEnforced"><c>null</c>: according to what is served until now.</param>
    private void Serve(DateTimeOffset now, DateTimeOffset? heldAt = null, Func<ServedPolicy, bool>? wasEnforced = null)
    {
        var before = _policies.Current;
        var gate = GateRound.Decide(_settings.Gate, _configured, before, _verdicts, wasEnforced ?? WasEnforced(before, now));
        _log.ReportGate(gate);
        var retired = !_settings.Retires ? [] : _copies.All
            .Where(copies => !IsConfigured(copies) && !_departures.Contains(copies.Domain)
                && (copies.AreHeld(heldAt ?? now) || IsRetired(before, copies)))
            .Select(copies => Retire(before, copies));
        var removed = _departures.All.Select(departure => departure.Serve(before)).Concat(retired)
            .OrderBy(policy => policy.Domain.Value, StringComparer.Ordinal).ToList();
        var after = gate.Held.Count == 0 && removed.Count == 0 ? _configured
            : new PolicySnapshot([.. _configured.All.Select(policy => gate.Held.GetValueOrDefault(policy.Domain, policy)), .. removed]);
        if (!ReferenceEquals(after, before)) _policies.Replace(after);
        _log.ReportRemoved(before, after, removed, _departures.Unconfirmed, now);
    }

    private bool IsConfigured(SenderCopies copies) => _configured.TryFind(copies.Host, out _);

    private static bool IsRetired(PolicySnapshot snapshot, SenderCopies copies) =>
        snapshot.TryFind(copies.Host, out var served) && served.RetiredUntil is not null;

    private static ServedPolicy Retire(PolicySnapshot before, SenderCopies copies) =>
        before.TryFind(copies.Host, out var known) && known.Removal == new Removal(RemovalStage.None, copies.Until, copies.IsInDns)
            ? known : copies.Retire();
}
