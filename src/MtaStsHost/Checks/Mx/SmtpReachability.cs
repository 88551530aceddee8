using System.Net.Sockets;

namespace MtaStsHost.Checks.Mx;

/// <summary>
/// Whether the SMTP port of others can be reached from this machine at all: many networks block it. Any host of any domain that greets proves it,
/// for its address family, for a day. One for the process.
/// </summary>
internal sealed class SmtpReachability(TimeProvider time)
{
    private static readonly TimeSpan s_life = TimeSpan.FromDays(1);

    private long _ipv4 = long.MinValue;
    private long _ipv6 = long.MinValue;

    /// <summary>A server of this family has greeted.</summary>
    public void Proven(AddressFamily family) => Volatile.Write(ref family == AddressFamily.InterNetworkV6 ? ref _ipv6 : ref _ipv4, time.GetUtcNow().UtcTicks);

    public bool IsProven(AddressFamily family) =>
        Volatile.Read(ref family == AddressFamily.InterNetworkV6 ? ref _ipv6 : ref _ipv4) > (time.GetUtcNow() - s_life).UtcTicks;
}
