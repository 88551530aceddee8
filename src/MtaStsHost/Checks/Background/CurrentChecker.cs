using System.Security.Cryptography.X509Certificates;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Configuration;
using MtaStsHost.Network;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Transitions;

namespace MtaStsHost.Checks.Background;

/// <param name="IsBehind">The store doesn't know yet that this policy is served, nor so what follows from its history.</param>
internal readonly record struct PolicyCheck(DomainCheck Check, bool IsBehind);

/// <summary>Checks a policy that is served.</summary>
/// <param name="isAwaited">The operator may be waiting for the result: an older one from another domain's check won't do.</param>
/// <exception cref="OperationCanceledException">And nothing else that is foreseen.</exception>
internal delegate Task<PolicyCheck> CheckPolicy(ServedPolicy policy, bool isAwaited, CancellationToken cancellationToken);

/// <summary>The CAs that a policy host's certificate is ordered from; none: nothing is ordered for it.</summary>
internal delegate Task<IReadOnlyList<CaaAuthority>> FindAuthorities(string host, CancellationToken cancellationToken);

/// <summary>Something that kept senders, and so perhaps a CA, from reaching a policy host is fixed. Returns at once.</summary>
internal delegate void PolicyHostFixed(string host);

/// <summary>Checks with the current settings, and with what the store knows about the domain.</summary>
internal sealed partial class CurrentChecker(Live<BackgroundSettings> settings, ServedPolicies policies,
    RecordSightings sightings, IPolicyHistory history, FindAuthorities authorities, TimeProvider time, ILogger<CurrentChecker> log)
{
    /// <summary>Roots are replaced in place.</summary>
    private static readonly TimeSpan s_rootsLife = TimeSpan.FromMinutes(1);

    /// <summary>After an MX host was fixed, the check gets a new result, not one from before the change that caused it (five seconds ago or
    /// more); domains that share the host and change together get the same one.</summary>
    private static readonly TimeSpan s_shortestProbeLife = TimeSpan.FromSeconds(5);

    /// <summary>Of the interval, what an MX host showed counts for one part in so many: it may be the host of 10,000 domains.</summary>
    private const int ProbePart = 10;

    private static readonly TimeSpan s_longestProbeLife = TimeSpan.FromMinutes(10);

    private readonly SharedObservations _memory = new(time);
    private readonly PolicyRows _rows = new();
    private readonly Lock _lock = new();
    private Made? _made;
    private bool _areRootsBad;

    /// <param name="LookedAt">When the roots were read last.</param>
    private sealed record Made(BackgroundSettings Settings, X509Certificate2Collection? Roots, DomainChecker Checker, long LookedAt);

    /// <inheritdoc cref="CheckPolicy"/>
    public async Task<PolicyCheck> CheckAsync(ServedPolicy policy, bool isAwaited, CancellationToken cancellationToken)
    {
        var current = settings.Current;
        var checker = CheckerFor(current);
        var statistics = policies.WithStatistics.TryFind(policy.Host, out var served) ? served.Statistics : null;
        if (!current.Checks.Enabled)
        {
            var record = await checker.LookUpAsync(
                new CheckSubject(policy.Domain, policy) { Statistics = statistics }, cancellationToken);
            sightings.Note(record.Record!);
            return new PolicyCheck(record, IsBehind: false);
        }

        var past = await HistoryOfAsync(policy, cancellationToken);
        var subject = new CheckSubject(policy.Domain, policy, current.PublicHost, past)
        {
            Authorities = await authorities(policy.Host, cancellationToken),
            Statistics = statistics,
            ProbesNotOlderThan = isAwaited ? s_shortestProbeLife : ProbeLife(current.Checks.Interval),
        };
        var check = await checker.CheckAsync(subject, cancellationToken);
        sightings.Note(check.Record!);
        if (past is not null) return new PolicyCheck(check, past.InForce?.Key != _rows.KeyOf(policy));
        var unknown = new Finding(PolicyFindings.HistoryUnknown, policy.Domain.Value);
        return new PolicyCheck(check with { Findings = [.. check.Findings, unknown] }, IsBehind: false);
    }

    private static TimeSpan ProbeLife(TimeSpan interval) =>
        TimeSpan.FromTicks(Math.Clamp(interval.Ticks / ProbePart, s_shortestProbeLife.Ticks, s_longestProbeLife.Ticks));

    /// <returns><c>null</c>: the store fails, which others tell.</returns>
    private async Task<DomainHistory?> HistoryOfAsync(ServedPolicy policy, CancellationToken cancellationToken)
    {
        try
        {
            return new DomainHistory(await history.ListPoliciesAsync([policy.Domain.Value], cancellationToken), time.GetUtcNow());
        }
        catch (StoreException)
        {
            return null;
        }
    }

    private DomainChecker CheckerFor(BackgroundSettings current)
    {
        lock (_lock)
        {
            var isSame = _made is not null && _made.Settings.LooksAs(current);
            if (isSame && time.GetElapsedTime(_made!.LookedAt) < s_rootsLife) return _made.Checker;
            var (areGood, roots) = ReadRoots(current.Checks);
            // What the MX hosts showed is kept as long as it would show the same.
            if (isSame && (!areGood || AreSame(_made!.Roots, roots))) _made = _made! with { LookedAt = time.GetTimestamp() };
            // Never the system's roots instead of the configured ones: with none, nothing is trusted, and the log says why.
            else _made = new Made(current, roots, new DomainChecker(new Resolver(current.Resolvers),
                current.Checks, roots, _memory, time, s_longestProbeLife), time.GetTimestamp());
            return _made.Checker;
        }
    }

    private (bool AreGood, X509Certificate2Collection? Roots) ReadRoots(CheckSettings checks)
    {
        var areGood = PemRoots.TryLoad(checks.TrustedRootsFile, out var roots, out var fault);
        if (!areGood && !_areRootsBad) RootsAreBad(fault.What, fault.Remedy);
        _areRootsBad = !areGood;
        return (areGood, roots ?? (areGood ? null : []));
    }

    private static bool AreSame(X509Certificate2Collection? one, X509Certificate2Collection? other) =>
        one is null || other is null ? one == other : one.Select(root => root.Thumbprint)
            .SequenceEqual(other.Select(root => root.Thumbprint));

    [LoggerMessage(1706, LogLevel.Error, "Checks:TrustedRootsFile: {What}; the roots that were read before stay in use; {Remedy}")]
    private partial void RootsAreBad(string what, string remedy);
}
