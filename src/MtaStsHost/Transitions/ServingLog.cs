using System.Globalization;
using MtaStsHost.Runtime;
using MtaStsHost.Serving;

namespace MtaStsHost.Transitions;

/// <summary>Tells what is served otherwise than it is configured, when that begins and when it ends: the first few domains by name, and how
/// many more.</summary>
internal sealed partial class ServingLog(ILogger<PolicyTransitions> log)
{
    public void ReportGate(List<(ServedPolicy Policy, string Reason)> held,
        List<(ServedPolicy Policy, string Reason)> doubtful, List<ServedPolicy> released)
    {
        held.Report(one => Held(one.Policy.Domain.Value, one.Reason), MoreHeld);
        doubtful.Report(one => Doubtful(one.Policy.Domain.Value, one.Reason), MoreDoubtful);
        released.Report(policy => Released(policy.Domain.Value, policy.TxtName, policy.TxtValue), MoreReleased);
    }

    public void ReportRetired(PolicySnapshot before, PolicySnapshot after, List<ServedPolicy> retired, DateTimeOffset now)
    {
        retired.Where(policy => !before.TryFind(policy.Host, out var known) || known.RetiredUntil is null).ToList()
            .Report(policy => Retired(policy.Domain.Value, Text(policy.RetiredUntil!.Value), policy.TxtName, policy.TxtValue), MoreRetired);
        before.All.Where(policy => policy.RetiredUntil is not null && !after.TryFind(policy.Host, out _)).ToList().Report(
            policy =>
            {
                if (policy.RetiredUntil > now) Stopped(policy.Domain.Value, Text(policy.RetiredUntil.Value));
                else Over(policy.Domain.Value, policy.TxtName, policy.Host);
            },
            MoreOver);
    }

    private static string Text(DateTimeOffset time) => time.ToString("u", CultureInfo.InvariantCulture);

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
