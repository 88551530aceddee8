using MtaStsHost.Checks.Mx;
using MtaStsHost.Dns;
using MtaStsHost.Policies;
using MtaStsHost.Policies.History;
using MtaStsHost.Storage;

namespace MtaStsHost.Checks.Background;

/// <param name="IsBehind">The store doesn't know yet that this policy is served, so what follows from its history could not be seen.</param>
internal readonly record struct PolicyCheck(DomainCheck Check, bool IsBehind);

/// <summary>Checks a policy that is served.</summary>
/// <exception cref="OperationCanceledException">And nothing else that is foreseen.</exception>
internal delegate Task<PolicyCheck> CheckPolicy(ServedPolicy policy, CancellationToken cancellationToken);

/// <summary>Checks with the settings in force, and with what the store knows of the domain.</summary>
internal sealed class CurrentChecker(Func<BackgroundSettings> settings, IPolicyHistory history, TimeProvider time)
{
    /// <summary>Roots are replaced in place.</summary>
    private static readonly TimeSpan s_life = TimeSpan.FromMinutes(1);

    private readonly SmtpReachability _reachability = new(time);
    private readonly PolicyRows _rows = new();
    private Made? _made;

    private sealed record Made(BackgroundSettings Settings, long At, DomainChecker Checker);

    /// <inheritdoc cref="CheckPolicy"/>
    public async Task<PolicyCheck> CheckAsync(ServedPolicy policy, CancellationToken cancellationToken)
    {
        var current = settings();
        var past = await HistoryOfAsync(policy, cancellationToken);
        var check = await CheckerFor(current).CheckAsync(new CheckSubject(policy.Domain, policy, current.PublicHost, past), cancellationToken);
        if (past is not null) return new PolicyCheck(check, past.InForce?.Key != _rows.KeyOf(policy));
        var unknown = new Finding("history", FindingSeverity.Unknown, "what was served before can't be read", "see storage.lastError in /health", null);
        return new PolicyCheck(check with { Findings = [.. check.Findings, unknown] }, IsBehind: false);
    }

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

    /// <summary>Several may make one at once; any of them will do.</summary>
    private DomainChecker CheckerFor(BackgroundSettings current)
    {
        if (Volatile.Read(ref _made) is { } made && made.Settings.LooksAs(current) && time.GetElapsedTime(made.At) < s_life) return made.Checker;
        var checker = new DomainChecker(new Resolver(current.Resolvers), current.Checks, current.Checks.LoadRoots(), _reachability, time);
        Volatile.Write(ref _made, new Made(current, time.GetTimestamp(), checker));
        return checker;
    }
}
