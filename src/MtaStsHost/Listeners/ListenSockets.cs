using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using MtaStsHost.Runtime;

namespace MtaStsHost.Listeners;

/// <summary>
/// The sockets that are listened on. A reload opens those of changed listeners here, while it can still be refused; Kestrel takes them
/// over afterwards. Two of Kestrel's listeners may share a socket, so that a change of anything but the address closes no port.
/// </summary>
internal sealed class ListenSockets : IConnectionListenerFactory, IDisposable
{
    /// <summary>Kestrel's own.</summary>
    private const int Backlog = 512;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SharedListener> _open = new(StringComparer.Ordinal);
    private readonly List<SharedListener> _reserved = [];
    private readonly List<SharedListener> _kept = [];
    private readonly SocketTransportFactory _sockets;
    private Socket? _opened;

    public ListenSockets(IOptions<SocketTransportOptions> options, ILoggerFactory logs)
    {
        options.Value.CreateBoundListenSocket = endPoint => _opened = Open(endPoint, IsBesideOwn(endPoint));
        _sockets = new SocketTransportFactory(options, logs);
    }

    /// <summary>Raised when Kestrel listens on everything that was reserved for it.</summary>
    public event Action? AllTaken;

    /// <summary>Opens a socket for Kestrel to take, until <see cref="Keep"/> or <see cref="Drop"/> decides about all of them.</summary>
    /// <exception cref="SocketException">The address can't be listened on.</exception>
    public void Reserve(EndPoint endPoint)
    {
        // Each listener with port 0 has a port of its own.
        if (endPoint is IPEndPoint { Port: 0 }) return;
        lock (_lock)
        {
            try
            {
                _reserved.Add(Hold(endPoint));
            }
            catch (AddressInUseException)
            {
                throw new SocketException((int)SocketError.AddressAlreadyInUse);
            }
        }
    }

    /// <summary>The reserved sockets will be asked for.</summary>
    public void Keep()
    {
        lock (_lock)
        {
            foreach (var earlier in _kept) LetGo(earlier);
            _kept.Clear();
            _kept.AddRange(_reserved);
            _reserved.Clear();
        }
    }

    /// <summary>The reserved sockets are not needed.</summary>
    public void Drop()
    {
        lock (_lock)
        {
            foreach (var reserved in _reserved) LetGo(reserved);
            _reserved.Clear();
        }
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        SharedListener shared;
        bool isLast;
        lock (_lock)
        {
            shared = Hold(endpoint);
            foreach (var kept in _kept.FindAll(kept => kept == shared)) LetGo(kept);
            _kept.RemoveAll(kept => kept == shared);
            isLast = _kept.Count == 0;
        }

        if (isLast) AllTaken?.Invoke();
#pragma warning disable CA2000 // Kestrel disposes of it.
        return ValueTask.FromResult<IConnectionListener>(new Share(this, shared));
#pragma warning restore CA2000
    }

    public void Dispose()
    {
        Drop();
        Keep();
    }

    /// <param name="isBesideOwn">Another socket of this process has the port at an overlapping address, and SO_REUSEPORT set.</param>
    public static Socket Open(EndPoint endPoint, bool isBesideOwn = false)
    {
        var isUnix = endPoint is UnixDomainSocketEndPoint;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            if (isUnix) RemoveAbandoned(endPoint);
            if (endPoint is IPEndPoint { Address: var ip } && ip.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            if (isBesideOwn) socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The file of a killed process's socket stays behind, and unix(7) binds no other socket while it exists.</summary>
    private static void RemoveAbandoned(EndPoint endPoint)
    {
        var path = endPoint.ToString()!;
        if (!FileKind.IsSocket(path)) return;
        using var client = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            client.Connect(endPoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
        catch (SocketException)
        {
            // Another process listens on it, if only slowly; or this user may not connect to it.
        }
    }

    /// <summary>
    /// From 127.0.0.1 to every address, say: both sockets exist for a moment, which socket(7) allows if both have SO_REUSEPORT. It is set
    /// only for that, since without it no second instance can take a part of the connections.
    /// </summary>
    private bool IsBesideOwn(EndPoint endPoint)
    {
        if (endPoint is not IPEndPoint { Port: not 0 } next) return false;
        var own = _open.Values.Where(shared => shared.Socket.LocalEndPoint is IPEndPoint local && local.Port == next.Port
            && (IsEvery(next.Address) || IsEvery(local.Address))).ToList();
        foreach (var shared in own) shared.Socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        return own.Count > 0;
    }

    private static bool IsEvery(IPAddress ip) => ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any);

    private SharedListener Hold(EndPoint endPoint)
    {
        var key = endPoint is IPEndPoint { Port: 0 } ? Guid.NewGuid().ToString() : endPoint.ToString()!;
        if (!_open.TryGetValue(key, out var shared))
        {
            // It has nothing to wait for, and binds before it returns.
            var listener = _sockets.BindAsync(endPoint).AsTask().GetAwaiter().GetResult();
            _open.Add(key, shared = new SharedListener(key, listener, _opened!));
        }

        shared.Listening++;
        shared.InUse++;
        return shared;
    }

    private void LetGo(SharedListener shared)
    {
        Unbind(shared);
        End(shared);
    }

    private void Unbind(SharedListener shared)
    {
        if (--shared.Listening > 0) return;
        _open.Remove(shared.Key);
        // At once, under the lock: the address may be asked for again.
        shared.Close();
    }

    private static void End(SharedListener shared)
    {
        if (--shared.InUse == 0) shared.Dispose();
    }

    /// <summary>A listener of Kestrel's.</summary>
    private sealed class Share : IConnectionListener
    {
        private readonly ListenSockets _sockets;
        private readonly SharedListener _shared;
        private readonly CancellationTokenSource _unbound = new();
        private readonly CancellationToken _isUnbound;

        public Share(ListenSockets sockets, SharedListener shared)
        {
            (_sockets, _shared, _isUnbound) = (sockets, shared, _unbound.Token);
        }

        public EndPoint EndPoint => _shared.EndPoint;

        public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => _shared.AcceptAsync(_isUnbound);

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            if (_isUnbound.IsCancellationRequested) return;
            await _unbound.CancelAsync();
            lock (_sockets._lock) _sockets.Unbind(_shared);
        }

        /// <summary>After its connections have ended, whose buffers are the listener's.</summary>
        public async ValueTask DisposeAsync()
        {
            await UnbindAsync();
            _unbound.Dispose();
            lock (_sockets._lock) End(_shared);
        }
    }
}
