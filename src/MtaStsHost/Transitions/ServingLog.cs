using System.Globalization;
using MtaStsHost.Serving;

namespace MtaStsHost.Transitions;

/// <summary>Tells what is served otherwise than it is configured, when that begins and when it ends: the first few domains by name, and how
/// many more.</summary>
internal sealed partial class ServingLog(ILogger<PolicyTransitions> log)
{
    private const int LinesShown = 10;

    public void ReportGate(List<(ServedPolicy Policy, string Reason)> held,
        List<(ServedPolicy Policy, string Reason)> doubtful, List<ServedPolicy> released)
    {
        foreach (var (policy, reason) in held.Take(LinesShown)) Held(policy.Domain.Value, reason);
        if (held.Count > LinesShown) MoreHeld(held.Count - LinesShown);
        foreach (var (policy, reason) in doubtful.Take(LinesShown)) Doubtful(policy.Domain.Value, reason);
        if (doubtful.Count > LinesShown) MoreDoubtful(doubtful.Count - LinesShown);
        foreach (var policy in released.Take(LinesShown)) Released(policy.Domain.Value, policy.TxtName, policy.TxtValue);
        if (released.Count > LinesShown) MoreReleased(released.Count - LinesShown);
    }

    public void ReportRetired(PolicySnapshot before, PolicySnapshot after, List<ServedPolicy> retired, DateTimeOffset now)
    {
        var begun = retired.Where(policy => !before.TryFind(policy.Host, out var known) || known.RetiredUntil is null).ToList();
        foreach (var policy in begun.Take(LinesShown))
            Retired(policy.Domain.Value, policy.RetiredUntil!.Value.ToString("u", CultureInfo.InvariantCulture),
                policy.TxtName, policy.TxtValue);
        if (begun.Count > LinesShown) MoreRetired(begun.Count - LinesShown);
        var over = before.All.Where(policy => policy.RetiredUntil is not null && !after.TryFind(policy.Host, out _)).ToList();
        foreach (var policy in over.Take(LinesShown))
        {
            if (policy.RetiredUntil > now) Stopped(policy.Domain.Value,
                policy.RetiredUntil.Value.ToString("u", CultureInfo.InvariantCulture));
            else Over(policy.Domain.Value, policy.TxtName, policy.Host);
        }

        if (over.Count > LinesShown) MoreOver(over.Count - LinesShown);
    }

    [LoggerMessage(1800, LogLevel.Warning,
        "{Domain} is not configured any more, and senders may hold a policy of it until {Until}: it is served in mode none until then; "
        + "publish {TxtName} TXT \"{TxtValue}\" (RFC 8461 §8.3)")]
    private partial void Retired(string domain, string until, string txtName, string txtValue);

    [LoggerMessage(1801, LogLevel.Warning, "and {Count} more domains that were removed are served in mode none; /health has them all")]
    private partial void MoreRetired(int count);

    [LoggerMessage(1802, LogLevel.Information,
        "{Domain} was removed, and no sender holds a policy of it any more: it is not served from now on; take {TxtName} and {Host} out "
        + "of DNS")]
    private partial void Over(string domain, string txtName, string host);

    [LoggerMessage(1807, LogLevel.Warning,
        "{Domain} is not served any more, since MtaSts:Retirement is Off, while senders may hold a policy of it until {Until}")]
    private partial void Stopped(string domain, string until);

    [LoggerMessage(1803, LogLevel.Information, "and {Count} more domains that were removed are not served any more")]
    private partial void MoreOver(int count);

    [LoggerMessage(1804, LogLevel.Warning,
        "{Domain} is configured to go to enforce and is served in mode testing (MtaSts:EnforceGate): {Reason}")]
    private partial void Held(string domain, string reason);

    [LoggerMessage(1805, LogLevel.Information,
        "{Domain} is served in mode enforce now, as configured; publish {TxtName} TXT \"{TxtValue}\"")]
    private partial void Released(string domain, string txtName, string txtValue);

    [LoggerMessage(1806, LogLevel.Warning, "{Domain} goes to enforce although its MX hosts are not known to be fit for it: {Reason}")]
    private partial void Doubtful(string domain, string reason);

    [LoggerMessage(1808, LogLevel.Warning,
        "and {Count} more domains that are configured to go to enforce are served in mode testing; /health has them all")]
    private partial void MoreHeld(int count);

    [LoggerMessage(1809, LogLevel.Information,
        "and {Count} more domains are served in mode enforce now, as configured; /health has their records")]
    private partial void MoreReleased(int count);

    [LoggerMessage(1810, LogLevel.Warning, "and {Count} more domains go to enforce although their MX hosts are not known to be fit for it")]
    private partial void MoreDoubtful(int count);
}
