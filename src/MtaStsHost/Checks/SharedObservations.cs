using MtaStsHost.Checks.Mx;
using MtaStsHost.Checks.Sts;

namespace MtaStsHost.Checks;

/// <summary>What checks have shown that later ones, of any domain, must know. One for the process.</summary>
internal sealed class SharedObservations(TimeProvider time)
{
    public SmtpReachability Smtp { get; } = new(time);

    public PolicyHostReachability PolicyHosts { get; } = new(time);

    public StaleRecordTtls StaleRecords { get; } = new();
}
