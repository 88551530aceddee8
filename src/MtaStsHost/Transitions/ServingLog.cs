using MtaStsHost.Runtime;
using MtaStsHost.Serving;

namespace MtaStsHost.Transitions;

/// <summary>Reports domains that are not served as configured, when that begins and when it ends.</summary>
internal sealed partial class ServingLog(ILogger<PolicyTransitions> log)
{
    public void ReportGate(GateRound round)
    {
        round.Begun.Report(held => Held(held.Domain.Value, held.HeldBecause!), MoreHeld);
        round.Doubtful.Report(doubtful => Doubtful(doubtful.Policy.Domain.Value, doubtful.Reason), MoreDoubtful);
        round.Released.Report(released => Released(released.Domain.Value, released.TxtName, released.TxtValue), MoreReleased);
    }

    public void ReportRetired(PolicySnapshot before, PolicySnapshot after, List<ServedPolicy> retired, DateTimeOffset now)
    {
        retired.Where(policy => !before.TryFind(policy.Host, out var known) || known.RetiredUntil is null).ToList()
            .Report(policy => Retired(policy.Domain.Value, Until(policy), policy.TxtName, policy.TxtValue), MoreRetired);
        before.All.Where(policy => !after.TryFind(policy.Host, out _)).ToList().Report(policy =>
        {
            var domain = policy.Domain.Value;
            if (policy.RetiredUntil > now) Stopped(domain, Until(policy));
            else if (policy.RetiredUntil is not null) Over(domain, policy.TxtName, policy.Host);
            else if (policy.Policy is { Mode: not PolicyMode.None, MaxAge: > 0 and var age }) RemovedTooEarly(domain, age);
            else Removed(domain);
        }, MoreOver);
    }

    private static string Until(ServedPolicy retired) => retired.RetiredUntil!.Value.ToString("u", CultureInfo.InvariantCulture);

    [LoggerMessage(1102, LogLevel.Information, "{Domain} was removed and is no longer served")]
    private partial void Removed(string domain);

    [LoggerMessage(1112, LogLevel.Warning,
        "{Domain} was removed while senders may hold its policy for up to {MaxAge} s, and is no longer served (RFC 8461 §8.3)")]
    private partial void RemovedTooEarly(string domain, int maxAge);

    [LoggerMessage(1800, LogLevel.Warning,
        "{Domain} was removed, but senders may hold its policy until {Until}: it is served in mode none until then; "
        + "publish {TxtName} TXT \"{TxtValue}\" (RFC 8461 §8.3)")]
    private partial void Retired(string domain, string until, string txtName, string txtValue);

    [LoggerMessage(1801, LogLevel.Warning, "and {Count} more domains that were removed are served in mode none; /health lists them")]
    private partial void MoreRetired(int count);

    [LoggerMessage(1802, LogLevel.Information,
        "{Domain} is no longer served: no sender holds its policy any more; remove {TxtName} and {Host} from DNS")]
    private partial void Over(string domain, string txtName, string host);

    [LoggerMessage(1807, LogLevel.Warning,
        "{Domain} is no longer served, because MtaSts:Retirement is Off, but senders may hold its policy until {Until}")]
    private partial void Stopped(string domain, string until);

    [LoggerMessage(1803, LogLevel.Information, "and {Count} more domains that were removed are no longer served")]
    private partial void MoreOver(int count);

    [LoggerMessage(1804, LogLevel.Warning,
        "{Domain} is configured for enforce, but held in mode testing (MtaSts:EnforceGate): {Reason}")]
    private partial void Held(string domain, string reason);

    [LoggerMessage(1805, LogLevel.Information,
        "{Domain} is now served in mode enforce, as configured; publish {TxtName} TXT \"{TxtValue}\"")]
    private partial void Released(string domain, string txtName, string txtValue);

    [LoggerMessage(1806, LogLevel.Warning, "{Domain} goes to enforce, but its MX hosts have not passed the check: {Reason}")]
    private partial void Doubtful(string domain, string reason);

    [LoggerMessage(1808, LogLevel.Warning,
        "and {Count} more domains that are configured for enforce are held in mode testing; /health lists them")]
    private partial void MoreHeld(int count);

    [LoggerMessage(1809, LogLevel.Information,
        "and {Count} more domains are now served in mode enforce, as configured; /health shows their records")]
    private partial void MoreReleased(int count);

    [LoggerMessage(1810, LogLevel.Warning, "and {Count} more domains go to enforce, but their MX hosts have not passed the check")]
    private partial void MoreDoubtful(int count);
}
