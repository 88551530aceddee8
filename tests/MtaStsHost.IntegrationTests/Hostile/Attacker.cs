using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MtaStsHost.IntegrationTests.Hostile;

/// <summary>A bare connection, over which anything may be sent.</summary>
internal sealed class Attacker : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private Attacker()
    {
    }

    public static async Task<Attacker> ConnectAsync(Uri listener)
    {
        var attacker = new Attacker();
        await attacker._socket.ConnectAsync(IPAddress.Parse(listener.Host), listener.Port);
        return attacker;
    }

    /// <summary>Sends it all and reads to the end.</summary>
    public static async Task<string> SendAsync(Uri listener, byte[] bytes)
    {
        using var attacker = await ConnectAsync(listener);
        await attacker.SendAsync(bytes);
        return await attacker.ReadToEndAsync();
    }

    /// <summary>Sends as much as the host takes: one that hangs up in the middle is what some tests want.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> bytes) => TrySendAsync(bytes);

    /// <returns>Whether the host took it all.</returns>
    public async Task<bool> TrySendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty) bytes = bytes[await _socket.SendAsync(bytes)..];
            return true;
        }
        catch (SocketException)
        {
            return false; // hung up
        }
    }

    /// <summary>What the host answers until it hangs up.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var (text, buffer) = (new StringBuilder(), new byte[16 * 1024]);
        try
        {
            while (await _socket.ReceiveAsync(buffer, deadline.Token) is > 0
                and var read) text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }
        catch (SocketException)
        {
            // Reset: all that was answered is there.
        }

        return text.ToString();
    }

    public void Dispose() => _socket.Dispose();
}
