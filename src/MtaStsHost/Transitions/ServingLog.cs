using MtaStsHost.Runtime;
using MtaStsHost.Serving;

namespace MtaStsHost.Transitions;

/// <summary>Reports domains that are not served as configured, when that begins and when it ends.</summary>
internal sealed partial class ServingLog(ILogger<PolicyTransitions> log)
{
    /// <summary>Of the longer line with a reason, without reason and domain.</summary>
    private const int LengthOfHeld = 78;

    private string? _unconfirmed;

    public void ReportGate(GateRound round)
    {
        round.Begun.Report(held => Held(held.Domain.Value, Fit(held.Domain, held.HeldBecause!)), MoreHeld);
        round.Doubtful.Report(doubtful =>
            Doubtful(doubtful.Policy.Domain.Value, Fit(doubtful.Policy.Domain, doubtful.Reason)), MoreDoubtful);
        round.Released.Report(released => Released(released.Domain.Value, released.TxtName, released.TxtValue), MoreReleased);
    }

    /// <param name="removed">All that are served and not configured.</param>
    /// <param name="unconfirmed">Removals that the operator must confirm.</param>
    public void ReportRemoved(
        PolicySnapshot before, PolicySnapshot after, List<ServedPolicy> removed, string? unconfirmed, DateTimeOffset now)
    {
        if (unconfirmed is not null && unconfirmed != _unconfirmed) Unconfirmed(unconfirmed);
        _unconfirmed = unconfirmed;
        var begun = removed.Where(policy => !before.TryFind(policy.Host, out var known) || known.Removal?.Stage != policy.Removal!.Stage)
            .ToLookup(policy => policy.Removal!.Stage);
        begun[RemovalStage.Grace].ToList().Report(policy => Leaves(policy.Domain.Value, Until(policy)), MoreLeave);
        begun[RemovalStage.None].ToList()
            .Report(policy => Retired(policy.Domain.Value, Until(policy), policy.TxtName, policy.TxtValue), MoreRetired);
        before.All.Where(policy => policy.Removal is { Stage: not RemovalStage.None }
                && after.TryFind(policy.Host, out var known) && known.Removal is null).ToList()
            .Report(policy => Returned(policy.Domain.Value), MoreReturned);
        before.All.Where(policy => !after.TryFind(policy.Host, out _)).ToList().Report(policy =>
        {
            var domain = policy.Domain.Value;
            if (policy.RetiredUntil > now) Stopped(domain, Until(policy));
            else if (policy.RetiredUntil is not null) Over(domain, policy.TxtName, policy.Host);
            else if (Retirement.Binds(policy)) RemovedTooEarly(domain, policy.Policy.MaxAge);
            else Removed(domain);
        }, MoreOver);
    }

    /// <summary>A reason, of which /health has all.</summary>
    private static string Fit(DomainName domain, string reason) => LogLines.Fit(reason, domain.Value.Length + LengthOfHeld);

    private static string Until(ServedPolicy removed) => removed.Removal!.Until!.Value.ToString("u", CultureInfo.InvariantCulture);

    [LoggerMessage(1811, LogLevel.Warning,
        "{Domain} was removed: its policy is served until {Until}, then mode none; until then, putting it back changes nothing for "
        + "senders")]
    private partial void Leaves(string domain, string until);

    [LoggerMessage(1812, LogLevel.Warning,
        "More domains were removed, and their policies are served for as long: {Count}; /health lists them")]
    private partial void MoreLeave(int count);

    [LoggerMessage(1813, LogLevel.Error, "{Error}")]
    private partial void Unconfirmed(string error);

    [LoggerMessage(1814, LogLevel.Information, "{Domain} is configured again; its policy was served all the time")]
    private partial void Returned(string domain);

    [LoggerMessage(1815, LogLevel.Information, "More domains are configured again: {Count}")]
    private partial void MoreReturned(int count);

    [LoggerMessage(1102, LogLevel.Information, "{Domain} was removed and is no longer served")]
    private partial void Removed(string domain);

    [LoggerMessage(1112, LogLevel.Warning,
        "{Domain} was removed while senders may hold its policy for up to {MaxAge} s, and is no longer served (RFC 8461 §8.3)")]
    private partial void RemovedTooEarly(string domain, int maxAge);

    [LoggerMessage(1800, LogLevel.Warning,
        "{Domain} was removed; mode none is served until {Until}: publish {TxtName} TXT \"{TxtValue}\"")]
    private partial void Retired(string domain, string until, string txtName, string txtValue);

    [LoggerMessage(1801, LogLevel.Warning, "More domains that were removed are served in mode none: {Count}; /health lists them")]
    private partial void MoreRetired(int count);

    [LoggerMessage(1802, LogLevel.Information,
        "{Domain} is no longer served: no sender holds its policy any more; remove {TxtName} and {Host} from DNS")]
    private partial void Over(string domain, string txtName, string host);

    [LoggerMessage(1807, LogLevel.Warning,
        "{Domain} is no longer served, because MtaSts:Retirement is Off, but senders may hold its policy until {Until}")]
    private partial void Stopped(string domain, string until);

    [LoggerMessage(1803, LogLevel.Information, "More domains that were removed are no longer served: {Count}")]
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
        "More domains that are configured for enforce are held in mode testing: {Count}; /health lists them")]
    private partial void MoreHeld(int count);

    [LoggerMessage(1809, LogLevel.Information,
        "More domains are now served in mode enforce, as configured: {Count}; /health shows their records")]
    private partial void MoreReleased(int count);

    [LoggerMessage(1810, LogLevel.Warning, "More domains go to enforce, but their MX hosts have not passed the check: {Count}")]
    private partial void MoreDoubtful(int count);
}
