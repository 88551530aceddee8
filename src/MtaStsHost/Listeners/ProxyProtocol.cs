using System.Buffers;
using Microsoft.AspNetCore.Connections;
using MtaStsHost.Configuration;
using MtaStsHost.Http;
using MtaStsHost.Runtime;

namespace MtaStsHost.Listeners;

/// <summary>
/// Reads the PROXY header of a connection before anything else, and sets the client's address. Only for endpoints that enable it. A
/// connection without a header, or from an unknown network, is closed: otherwise clients could leave the header out, or forge one.
/// </summary>
internal sealed partial class ProxyProtocol(Live<KnownNetworks> networks, TimeProvider time, ILogger<ProxyProtocol> log)
{
    /// <summary>The specification requires at least 3 seconds.</summary>
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private readonly LastValue<KnownNetworks?> _warned = new(null);
    private long _unknownPeer;
    private long _invalid;
    private long _incomplete;

    /// <summary>Closed connections by reason, since the start.</summary>
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
        // The file system controls access to UNIX sockets.
        var known = networks.Current;
        if (connection.RemoteEndPoint is IPEndPoint { Address: var peer } && !known.Contains(peer))
        {
            Interlocked.Increment(ref _unknownPeer);
            // Probably the operator's proxy, and then nothing works. Logged once per configuration: unknown clients can cause it too.
            if (_warned.Set(known)) UnknownPeer(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer);
            return false;
        }

        using var timeout = new CancellationTokenSource(s_timeout, time);
        try
        {
            // Not ConnectionClosed: it often fires first, and doesn't say whether anything was received.
            return await ReadAsync(connection, timeout.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Too slow, or closed.
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
                case OperationStatus.Done:
                    if (header.Source is { } source) connection.RemoteEndPoint = source;
                    else connection.Features.Set(UnnamedSender.Instance);
                    input.AdvanceTo(buffer.GetPosition(header.Length));
                    return true;
                case OperationStatus.NeedMoreData when !result.IsCompleted:
                    input.AdvanceTo(buffer.Start, buffer.End);
                    break;
                case OperationStatus.NeedMoreData:
                    // Many proxies check that the service is up with an empty connection.
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

    [LoggerMessage(1500, LogLevel.Warning,
        "Connection from {Peer} to a ProxyProtocol listener closed: not in ForwardedHeaders:KnownNetworks; repeats are only counted")]
    private partial void UnknownPeer(IPAddress peer);
}
