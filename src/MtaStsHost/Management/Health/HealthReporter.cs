using System.Runtime.CompilerServices;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Checks.Background;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Hosting;
using MtaStsHost.Runtime;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Transitions;

namespace MtaStsHost.Management.Health;

/// <summary>Reports the health of the service and of each domain. Reads, and never writes.</summary>
internal sealed class HealthReporter(LiveConfiguration configuration, ServedPolicies policies,
    FileCertificates certificates, CertificateAssessor assessor, StoreHealth store, IStore rows,
    IPolicyHistory history, CheckResults checks, PolicyTransitions transitions, BackgroundLoops loops, TimeProvider time)
{
    private const int RowsAtATime = 500;

    /// <param name="domain">Only this domain or policy host; <c>null</c>: all.</param>
    /// <param name="status">Only domains with this status; <c>null</c>: all.</param>
    /// <param name="page">From 1.</param>
    /// <returns>Its domains are described while they are enumerated.</returns>
    public HealthReport Report(string? domain, HealthState? status, int page, int pageSize, CancellationToken cancellationToken)
    {
        var state = configuration.Current;
        var all = policies.Current.All;
        var wanted = domain is null ? null : HostOf(domain);
        var counts = Count(all);
        var (certificateErrors, storeError, unconfirmed) = (certificates.Errors, store.Error, transitions.UnconfirmedRemovals);
        var background = loops.All.Select(loop => new LoopHealth(loop.Name, loop.Error)).ToList();
        // One domain of many that senders can't reach is a matter for a day's work; when none can be reached, the service is down.
        // Certificates end where the store can't be used; without any in it, policies are served all the same.
        var overall = (!all.IsEmpty && counts[HealthState.Unhealthy] == all.Length)
            || (storeError is not null && state.Settings.Acme is not null) ? HealthState.Unhealthy
            : counts[HealthState.Healthy] < all.Length || storeError is not null || store.Damaged.Count > 0
                || state.LastError is not null || certificateErrors.Count > 0 || unconfirmed is not null
                || background.Exists(loop => loop.LastError is not null) ? HealthState.Degraded
            : HealthState.Healthy;
        var lastErrors = string.Join('\n', certificateErrors.Prepend(unconfirmed).Prepend(state.LastError).OfType<string>());
        var skip = (int)Math.Min((long)(page - 1) * pageSize, all.Length);
        var shown = all.Where(IsShown).Skip(skip).Take(pageSize).ToList();
        return new HealthReport(
            overall, ServiceVersion.Text, ServiceVersion.Runtime, ServiceVersion.OpenSsl, new ConfigurationHealth(state.LoadedAt,
                state.Configuration.Policies.All.Length, lastErrors.Length > 0 ? lastErrors : null),
            new StorageHealth(store.Damaged.Count, storeError ?? store.Damaged.Error), background, all.Count(IsShown), page, pageSize,
            DescribeAsync(shown, domain is not null, cancellationToken));

        bool IsShown(ServedPolicy policy) =>
            (domain is null || policy.Host.Equals(wanted, StringComparison.OrdinalIgnoreCase))
                && (status is null || status == StateOf(policy));
    }

    /// <summary>Whether a domain or policy host, in any spelling, is served.</summary>
    public bool IsServed(string domain) => HostOf(domain) is { } host && policies.Current.TryFind(host, out _);

    /// <summary>How many domains are in which state.</summary>
    public IReadOnlyDictionary<HealthState, int> Count(ImmutableArray<ServedPolicy> all)
    {
        var counts = Enum.GetValues<HealthState>().ToDictionary(state => state, _ => 0);
        foreach (var policy in all) counts[StateOf(policy)]++;
        return counts;
    }

    public PublicHealth Report(ServedPolicy policy) =>
        new(policy.Domain.Value, policy.Host, StateOf(policy), PolicyOf(policy), policy.Id.Value, TxtOf(policy));

    public static PolicyHealth PolicyOf(ServedPolicy policy) =>
        new(PolicyModes.ToText(policy.Policy.Mode), [.. policy.Policy.Mx.Select(mx => mx.Value)], policy.Policy.MaxAge);

    public static TxtHealth TxtOf(ServedPolicy policy) => new(policy.TxtName, policy.TxtValue);

    /// <summary>The policy host of a domain or policy host in any spelling; <c>null</c>: it is neither.</summary>
    private static string? HostOf(string domain)
    {
        if (!DomainName.TryParse(domain, out var name, out _)) return null;
        return PolicyFetcher.HostFor(PolicyFetcher.DomainOf(name));
    }

    /// <summary>Reads some rows of the store at a time, while the answer is written, so that 100,000 domains are never in memory at once.
    /// </summary>
    private async IAsyncEnumerable<DomainHealth> DescribeAsync(List<ServedPolicy> shown,
        bool withHistory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var chunk in shown.Chunk(RowsAtATime))
        {
            var details = await ReadAsync(chunk, cancellationToken);
            foreach (var policy in chunk) yield return await AddHistoryAsync(Describe(policy, details.GetValueOrDefault(policy.Host)),
                policy, withHistory, cancellationToken);
        }
    }

    private async Task<Dictionary<string, CertificateRecord>> ReadAsync(ServedPolicy[] chunk, CancellationToken cancellationToken)
    {
        if (!HasHttps) return [];
        try
        {
            return (await rows.ListAsync([.. chunk.Select(policy => policy.Host)], cancellationToken)).ToDictionary(record => record.Host);
        }
        catch (StoreException)
        {
            // The state is known without the store, whose failure is reported once.
            return [];
        }
    }

    private DomainHealth Describe(ServedPolicy policy, CertificateRecord? record)
    {
        var (state, certificate, findings) = assessor.Assess(policy, HasHttps, record);
        if (KnownOf(policy) is { } known) findings = [.. findings, known];
        var check = checks.Find(policy.Domain);
        if (check is not null) findings = [.. findings, .. Checked(check, findings)];
        return new DomainHealth(policy.Domain.Value, policy.Host, Worse(state, policy), PolicyOf(policy), policy.Id.Value, TxtOf(policy),
            certificate, [.. findings.Select(finding =>
                new Problem(finding.Code, finding.Severity.Word, finding.Message, finding.Fix ?? ""))], check?.At);
    }

    private bool HasHttps => configuration.Current.Settings.HasHttps;

    private HealthState StateOf(ServedPolicy policy) => Worse(assessor.Assess(policy, HasHttps).Status, policy);

    /// <summary>A domain that is not served as configured, or for which a check found an error, needs the operator. It is not Unhealthy: a
    /// proxy takes a server that answers 503 out of rotation, which a missing TXT record must not cause.</summary>
    private HealthState Worse(HealthState state, ServedPolicy policy) =>
        state == HealthState.Healthy && (policy.Removal is not null
            || policy.HeldBecause is not null || checks.Find(policy.Domain) is { HasErrors: true }) ? HealthState.Degraded : state;

    /// <summary>What a check found, except what is reported already: this service knows more about a certificate than can be seen from
    /// outside.</summary>
    private static IEnumerable<Finding> Checked(DomainFindings check, IReadOnlyList<Finding> known)
    {
        var knowsCertificate = known.Any(finding => IsOfCertificate(finding.Code));
        return check.Findings.Where(finding => !(knowsCertificate && IsOfCertificate(finding.Code))
            && known.All(other => other.Code != finding.Code));
    }

    private static bool IsOfCertificate(string code) => code == "host-certificate"
        || code.StartsWith("certificate-", StringComparison.Ordinal);

    /// <summary>What is known without a check.</summary>
    private Finding? KnownOf(ServedPolicy policy) => policy switch
    {
        { Removal: not null } => HistoryJudgement.JudgeRemoved(policy, time.GetUtcNow()),
        { HeldBecause: { } reason } => PolicyJudgement.JudgeHeld(policy, reason),
        _ => null,
    };

    private async Task<DomainHealth> AddHistoryAsync(DomainHealth health,
        ServedPolicy policy, bool isWanted, CancellationToken cancellationToken)
    {
        if (!isWanted) return health;
        try
        {
            var past = new DomainHistory(await history.ListPoliciesAsync([policy.Domain.Value], cancellationToken), time.GetUtcNow());
            return health with { History = [.. past.Policies.Select(row => PastPolicyHealth.Of(row, time.GetUtcNow()))],
                Retirement = RetirementHealth.Of(past, policy) };
        }
        catch (StoreException)
        {
            return health; // storage.lastError reports it
        }
    }
}
