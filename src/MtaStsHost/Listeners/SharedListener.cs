using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace MtaStsHost.Listeners;

/// <summary>A listening socket from which several listeners accept. While none does, connections wait in the kernel's queue.</summary>
internal sealed class SharedListener : IDisposable
{
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateBounded<ConnectionContext>(1);
    private readonly IConnectionListener _listener;

    public SharedListener(string key, IConnectionListener listener, Socket socket)
    {
        (Key, Socket, _listener) = (key, socket, listener);
        _ = PumpAsync();
    }

    public string Key { get; }

    public Socket Socket { get; }

    public EndPoint EndPoint => _listener.EndPoint;

    /// <summary>How many need the socket; the last one closes it.</summary>
    public int Listening { get; set; }

    /// <summary>How many need the listener's buffers; the last one disposes of it.</summary>
    public int InUse { get; set; }

    /// <returns><c>null</c>: unbound.</returns>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken unbound)
    {
        try
        {
            return await _accepted.Reader.ReadAsync(unbound);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException { InnerException: null })
        {
            return null;
        }
    }

    public void Close()
    {
        Socket.Dispose();
        _accepted.Writer.TryComplete();
    }

    // It has nothing to wait for.
    public void Dispose() => _ = _listener.DisposeAsync().AsTask();

    private async Task PumpAsync()
    {
        try
        {
            // Ends when the socket is closed.
            while (await _listener.AcceptAsync() is { } connection)
            {
                if (!await _accepted.Writer.WaitToWriteAsync() || !_accepted.Writer.TryWrite(connection)) await EndAsync(connection);
            }

            while (_accepted.Reader.TryRead(out var connection)) await EndAsync(connection);
        }
#pragma warning disable CA1031 // Kestrel, and so the log, gets it from AcceptAsync.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _accepted.Writer.TryComplete(e);
        }

        static ValueTask EndAsync(ConnectionContext connection)
        {
            connection.Abort();
            return connection.DisposeAsync();
        }
    }
}
