using System.Net;
using System.Net.Sockets;
using Acme.Testing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using MtaStsHost.Listeners;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Listeners;

public sealed class ListenSocketsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ListenSockets _sockets = new(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
    private readonly IPEndPoint _address = new(IPAddress.Loopback, FreePorts.Next());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _sockets.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Reserve_ConnectionBeforeKestrelListens_IsAcceptedLater()
    {
        _sockets.Reserve(_address);
        _sockets.Keep();
        using var client = await ConnectAsync();

        await using var listener = await _sockets.BindAsync(_address, Cancel);
        await using var connection = await AcceptAsync(listener);

        Assert.Equal(((IPEndPoint)client.LocalEndPoint!).Port, ((IPEndPoint)connection.RemoteEndPoint!).Port);
    }

    [Fact]
    public async Task Reserve_AddressThatAnotherProgramHas_Throws()
    {
        using var other = Listen(new IPEndPoint(IPAddress.Parse("127.0.0.2"), _address.Port));
        await using var own = await _sockets.BindAsync(_address, Cancel);

        var e = Assert.Throws<SocketException>(() => _sockets.Reserve(new IPEndPoint(IPAddress.Any, _address.Port)));

        Assert.Equal(SocketError.AddressAlreadyInUse, e.SocketErrorCode);
    }

    [Fact]
    public async Task Reserve_OverlappingAddressOfItsOwn_IsOpenedBesideIt()
    {
        await using var own = await _sockets.BindAsync(_address, Cancel);
        var every = new IPEndPoint(IPAddress.IPv6Any, _address.Port);

        _sockets.Reserve(every);
        _sockets.Keep();
        await using var listener = await _sockets.BindAsync(every, Cancel);
        await own.UnbindAsync(Cancel);
        using var client = await ConnectAsync();

        await using var connection = await AcceptAsync(listener);
        Assert.Throws<SocketException>(() => Listen(_address)); // a second instance gets no part of the connections
    }

    [Fact]
    public async Task Drop_ReservedAddress_IsClosed()
    {
        _sockets.Reserve(_address);

        _sockets.Drop();

        await Assert.ThrowsAsync<SocketException>(ConnectAsync);
    }

    [Fact]
    public async Task BindAsync_SecondListenerOfAnAddress_TakesOverFromTheFirst()
    {
        var taken = 0;
        _sockets.AllTaken += () => taken++;
        var first = await _sockets.BindAsync(_address, Cancel);
        var waiting = first.AcceptAsync(Cancel).AsTask();
        _sockets.Reserve(_address);
        _sockets.Keep();

        await using var second = await _sockets.BindAsync(_address, Cancel);
        await first.UnbindAsync(Cancel);

        Assert.Equal(2, taken);
        Assert.Null(await waiting);
        using var client = await ConnectAsync();
        await using var connection = await AcceptAsync(second);
        await first.DisposeAsync();
    }

    [Fact]
    public async Task DisposeAsync_LastListener_ClosesThePort()
    {
        var listener = await _sockets.BindAsync(_address, Cancel);

        await listener.DisposeAsync();

        await Assert.ThrowsAsync<SocketException>(ConnectAsync);
    }

    [Fact]
    public void Open_UnixSocketOfAKilledProcess_IsTakenOver()
    {
        var path = new UnixDomainSocketEndPoint(_folder["socket"]);
        var killed = Listen(path);
        killed.SafeHandle.Dispose(); // leaves the file, which Socket.Dispose would delete
        Assert.True(File.Exists(_folder["socket"]));

        using var socket = ListenSockets.Open(path);

        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(path);
    }

    [Fact]
    public void Open_UnixSocketInUseOrAnotherFile_IsLeftAlone()
    {
        using var other = Listen(new UnixDomainSocketEndPoint(_folder["socket"]));
        _folder.Write("file", "text");

        foreach (var name in new[] { "socket", "file" })
        {
            var e = Assert.Throws<SocketException>(() => ListenSockets.Open(new UnixDomainSocketEndPoint(_folder[name])));
            Assert.Equal(SocketError.AddressAlreadyInUse, e.SocketErrorCode);
            Assert.True(File.Exists(_folder[name]));
        }
    }

    private static Socket Listen(EndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream,
            endPoint is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            socket.Bind(endPoint);
            socket.Listen();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<ConnectionContext> AcceptAsync(IConnectionListener listener) =>
        await listener.AcceptAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(15), TimeProvider.System, Cancel)
            ?? throw new InvalidOperationException("unbound");

    private async Task<Socket> ConnectAsync()
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await client.ConnectAsync(_address, Cancel);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }
}
