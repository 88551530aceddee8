using System.Runtime.CompilerServices;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Hosting;
using MtaStsHost.Policies;
using MtaStsHost.Storage;

namespace MtaStsHost.Health;

/// <summary>Tells what is in force and what is wrong. Reads, and never writes.</summary>
internal sealed class HealthReporter(LiveConfiguration configuration, PolicyHost policies, FileCertificates certificates, CertificateJudge judge, StoreState store, IStore rows)
{
    private const int RowsAtATime = 500;

    /// <param name="domain">Only this domain or policy host; <c>null</c>: all.</param>
    /// <param name="status">Only domains in this state; <c>null</c>: all.</param>
    /// <param name="page">From 1.</param>
    /// <returns>Its domains are judged while they are read.</returns>
    public HealthReport Report(string? domain, HealthState? status, int page, int pageSize, CancellationToken cancellationToken)
    {
        var state = configuration.Current;
        var all = policies.Current.All;
        var wanted = domain is null ? null : HostOf(domain);
        var (total, unhealthy, degraded) = (0, 0, 0);
        foreach (var policy in all)
        {
            var domainState = StateOf(policy);
            if (domainState == HealthState.Unhealthy) unhealthy++;
            else if (domainState == HealthState.Degraded) degraded++;
            if (IsShown(policy)) total++;
        }

        // One domain of many that senders can't reach is a matter for a day's work; when none can be reached, the service is down.
        var certificateErrors = certificates.Errors;
        var overall = (unhealthy > 0 && unhealthy == all.Length) || store.Error is not null ? HealthState.Unhealthy
            : unhealthy + degraded > 0 || state.LastError is not null || certificateErrors.Count > 0 ? HealthState.Degraded
            : HealthState.Healthy;
        var lastErrors = string.Join('\n', certificateErrors.Prepend(state.LastError).OfType<string>());
        var skip = (int)Math.Min((long)(page - 1) * pageSize, all.Length);
        var shown = all.Where(IsShown).Skip(skip).Take(pageSize).ToList();
        return new HealthReport(
            overall, HostVersion.Text, new ConfigurationHealth(state.LoadedAt, all.Length, lastErrors.Length > 0 ? lastErrors : null),
            state.Settings.Acme is null ? null : new StorageHealth(store.Error), total, page, pageSize, DescribeAsync(shown, cancellationToken));

        bool IsShown(ServedPolicy policy) =>
            (domain is null || policy.Host.Equals(wanted, StringComparison.OrdinalIgnoreCase)) && (status is null || status == StateOf(policy));
    }

    /// <summary>How many domains are in which state.</summary>
    public IReadOnlyDictionary<HealthState, int> Count()
    {
        var counts = Enum.GetValues<HealthState>().ToDictionary(state => state, _ => 0);
        foreach (var policy in policies.Current.All) counts[StateOf(policy)]++;
        return counts;
    }

    public PublicHealth Report(ServedPolicy policy) =>
        new(policy.Domain.Value, policy.Host, StateOf(policy), PolicyOf(policy), policy.Id.Value, TxtOf(policy));

    public static PolicyHealth PolicyOf(ServedPolicy policy) =>
        new(MtaSts.PolicyModes.ToText(policy.Policy.Mode), [.. policy.Policy.Mx.Select(mx => mx.Value)], policy.Policy.MaxAge);

    public static TxtHealth TxtOf(ServedPolicy policy) => new(policy.TxtName, policy.TxtValue);

    /// <summary>The policy host that is meant by a domain or by the policy host itself, in any spelling; <c>null</c>: by neither.</summary>
    private static string? HostOf(string domain)
    {
        if (!MtaSts.DomainName.TryParse(domain, out var name, out _)) return null;
        return name.Value.StartsWith(ServedPolicy.HostPrefix, StringComparison.Ordinal) ? name.Value : ServedPolicy.HostPrefix + name.Value;
    }

    /// <summary>A few rows of the store at a time, while the answer is written: a page of 100,000 is never in memory as a whole.</summary>
    private async IAsyncEnumerable<DomainHealth> DescribeAsync(List<ServedPolicy> shown, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var chunk in shown.Chunk(RowsAtATime))
        {
            var details = await ReadAsync(chunk, cancellationToken);
            foreach (var policy in chunk) yield return Describe(policy, details.GetValueOrDefault(policy.Host));
        }
    }

    private async Task<Dictionary<string, CertificateRecord>> ReadAsync(ServedPolicy[] chunk, CancellationToken cancellationToken)
    {
        if (configuration.Current.Settings.Acme is null) return [];
        try
        {
            return (await rows.ListAsync([.. chunk.Select(policy => policy.Host)], cancellationToken)).ToDictionary(record => record.Host);
        }
        catch (StoreException)
        {
            // What is in memory still tells the state; that the store fails is said for the whole.
            return [];
        }
    }

    private DomainHealth Describe(ServedPolicy policy, CertificateRecord? record)
    {
        var (state, certificate, problems) = judge.Judge(policy.Host, HasHttps, record);
        return new DomainHealth(policy.Domain.Value, policy.Host, state, PolicyOf(policy), policy.Id.Value, TxtOf(policy), certificate, problems);
    }

    private bool HasHttps => configuration.Current.Settings.HasHttps;

    private HealthState StateOf(ServedPolicy policy) => judge.Judge(policy.Host, HasHttps).Status;
}
