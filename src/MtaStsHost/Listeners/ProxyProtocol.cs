using System.Net;
using Microsoft.AspNetCore.Connections;
using MtaStsHost.Configuration;
using MtaStsHost.Http;

namespace MtaStsHost.Listeners;

/// <summary>
/// Takes the PROXY header off a connection, before TLS and all else, and gives the connection its client's address. Stands only before the
/// endpoints that ask for it. A connection that has no header, or comes from nobody who is known, ends: were it let through, anybody could
/// leave the header out, or write one.
/// </summary>
internal sealed partial class ProxyProtocol(Live<KnownNetworks> networks, TimeProvider time, ILogger<ProxyProtocol> log)
{
    /// <summary>The header is the first thing that a proxy sends; the specification asks for at least 3 seconds.</summary>
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private KnownNetworks? _warnedOf;
    private long _unknownPeer;
    private long _invalid;
    private long _incomplete;

    /// <summary>Connections that were ended by reason, since the start.</summary>
    public IEnumerable<(string Reason, long Count)> Refused =>
    [
        ("unknown_peer", Interlocked.Read(ref _unknownPeer)),
        ("invalid", Interlocked.Read(ref _invalid)),
        ("incomplete", Interlocked.Read(ref _incomplete)),
    ];

    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        if (await TakeHeaderAsync(connection)) await next(connection);
        else connection.Abort();
    };

    private async Task<bool> TakeHeaderAsync(ConnectionContext connection)
    {
        // Who may use a UNIX socket is the file system's matter.
        if (connection.RemoteEndPoint is IPEndPoint peer && !networks.Current.Contains(peer.Address))
        {
            Interlocked.Increment(ref _unknownPeer);
            Refuse(peer.Address);
            return false;
        }

        using var timeout = new CancellationTokenSource(s_timeout, time);
        try
        {
            // The input ends with the connection. ConnectionClosed would often be the first to tell, and not whether anything had come.
            return await ReadAsync(connection, timeout.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Too slow, or gone.
            Interlocked.Increment(ref _incomplete);
            return false;
        }
    }

    private async Task<bool> ReadAsync(ConnectionContext connection, CancellationToken ended)
    {
        var input = connection.Transport.Input;
        while (true)
        {
            var result = await input.ReadAsync(ended);
            var buffer = result.Buffer;
            switch (ProxyHeader.Read(buffer, out var header))
            {
                case ProxyHeaderStatus.Whole:
                    if (header.Source is { } source) connection.RemoteEndPoint = source;
                    else connection.Features.Set(UnnamedSender.Instance);
                    input.AdvanceTo(buffer.GetPosition(header.Length));
                    return true;
                case ProxyHeaderStatus.Incomplete when !result.IsCompleted:
                    input.AdvanceTo(buffer.Start, buffer.End);
                    break;
                case ProxyHeaderStatus.Incomplete:
                    // A connection with nothing in it is how many a proxy looks whether the host is there.
                    if (!buffer.IsEmpty) Interlocked.Increment(ref _incomplete);
                    input.AdvanceTo(buffer.End);
                    return false;
                default:
                    Interlocked.Increment(ref _invalid);
                    input.AdvanceTo(buffer.End);
                    return false;
            }
        }
    }

    /// <summary>A proxy that is not among the known networks is a likely mistake, and nothing works then: said once for each configuration,
    /// since strangers can bring it about too.</summary>
    private void Refuse(IPAddress peer)
    {
        var known = networks.Current;
        if (ReferenceEquals(Interlocked.Exchange(ref _warnedOf, known), known)) return;
        UnknownPeer(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer);
    }

    [LoggerMessage(1500, LogLevel.Warning,
        "A connection from {Peer} to a listener with ProxyProtocol was closed; if that is your proxy, add it to "
        + "ForwardedHeaders:KnownNetworks. More of these are counted in /metrics")]
    private partial void UnknownPeer(IPAddress peer);
}
