using MtaStsHost.Checks.Mx;
using MtaStsHost.Checks.Sts;

namespace MtaStsHost.Checks;

/// <summary>What the checks of all domains together have shown of the ways from here. One for the process.</summary>
internal sealed class Reachability(TimeProvider time)
{
    public SmtpReachability Smtp { get; } = new(time);

    public PolicyHostReachability PolicyHosts { get; } = new(time);
}
