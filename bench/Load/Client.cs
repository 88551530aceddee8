using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Load;

/// <summary>
/// One connection that asks for policies, with blocking sockets: the least that a client can do to the machine that it shares with
/// the server.
/// </summary>
internal sealed class Client : IDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[16 * 1024];

    private Client(Socket socket, Stream stream) => (_socket, _stream) = (socket, stream);

    public static Client Plain(int port)
    {
        var socket = Connect(port);
        return new Client(socket, new NetworkStream(socket));
    }

    /// <summary>A full handshake each time: a sender comes once a day and has no session to resume.</summary>
    public static Client Tls(int port, string host, out string version)
    {
        var socket = Connect(port);
        try
        {
            var stream = new OpenSsl(socket.Handle, host); // taking the handle makes sure that the socket blocks
            version = stream.Version;
            return new Client(socket, stream);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Asks for the policy of a host and returns the whole answer.</summary>
    /// <exception cref="IOException">The answer is not a 200 with a policy.</exception>
    public string Get(string host, bool close)
    {
        var length = Encoding.ASCII.GetBytes(
            $"GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {host}\r\nUser-Agent: bench\r\n{(close ? "Connection: close\r\n" : "")}\r\n",
            _buffer);
        _stream.Write(_buffer, 0, length);
        var read = 0;
        while (true)
        {
            var count = _stream.Read(_buffer, read, _buffer.Length - read);
            read += count;
            var text = Encoding.ASCII.GetString(_buffer, 0, read);
            var whole = IsWhole(text);
            if (close ? count == 0 : whole)
                return whole && text.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal)
                    ? text : throw new IOException("not a policy: " + text);
            if (count == 0) throw new IOException("the connection was closed");
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private static bool IsWhole(string text)
    {
        var body = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (body < 0) return false;
        const string Header = "\r\nContent-Length: ";
        var length = text.IndexOf(Header, StringComparison.Ordinal) + Header.Length;
        return length >= Header.Length && text.Length - body - 4 == int.Parse(text.AsSpan(length, text.IndexOf('\r', length) - length),
            provider: null);
    }

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
