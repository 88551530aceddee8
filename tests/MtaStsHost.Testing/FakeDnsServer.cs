using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Acme.Testing;

namespace MtaStsHost.Testing;

/// <summary>A name server on a port of its own, with answers to the byte; for the code that speaks to real ones.</summary>
public sealed class FakeDnsServer : IDisposable
{
    /// <summary>RFC 1035 §4.1.1.</summary>
    public const int ServerFailure = 2;

    /// <inheritdoc cref="ServerFailure"/>
    public const int NameError = 3;

    private const int HeaderBytes = 12;
    private const int Broken = -1;
    private const int Looping = -2;

    /// <summary>What goes into a UDP answer; the asker gets more over TCP, as from most name servers.</summary>
    private const int MaxUdpBytes = 1232;

    private readonly UdpClient _socket;
    private readonly TcpListener _listener;
    private readonly ConcurrentDictionary<(string Name, ushort Type), (int Code, byte[][] Data)> _answers = new();

    public FakeDnsServer()
    {
        var endPoint = new IPEndPoint(IPAddress.Loopback, FreePorts.Next());
        _socket = new UdpClient(endPoint);
        _listener = new TcpListener(endPoint);
        _listener.Start();
        _ = RunAsync();
        _ = RunTcpAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_socket.Client.LocalEndPoint!;

    /// <summary>How long each answer takes.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>The last word on each answer, by UDP and TCP.</summary>
    public Func<byte[], byte[]> Change { get; set; } = response => response;

    /// <summary>The names that were asked for, in that order; those of answers that had to go over TCP once.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <param name="name">Lower case.</param>
    /// <param name="type">The record type's number: 1 A, 16 TXT, 28 AAAA, 257 CAA.</param>
    /// <param name="data">RDATA of one record each.</param>
    public void Answer(string name, ushort type, params byte[][] data) => _answers[(name, type)] = (0, data);

    public void Fail(string name, ushort type, int code) => _answers[(name, type)] = (code, []);

    /// <summary>An answer with a record that is cut off in its middle.</summary>
    public void Break(string name, ushort type) => _answers[(name, type)] = (Broken, [[1, 200, 1]]);

    /// <summary>An answer with a record whose name is a pointer to itself (RFC 1035 §4.1.4).</summary>
    public void Loop(string name, ushort type) => _answers[(name, type)] = (Looping, [[1]]);

    /// <summary>RFC 8659 §4.1.</summary>
    public static byte[] Caa(byte flags, string tag, params ReadOnlySpan<byte> value) =>
        [flags, (byte)tag.Length, .. Encoding.ASCII.GetBytes(tag), .. value];

    /// <summary>RFC 1035 §3.3.14: strings of 255 bytes at most.</summary>
    public static byte[] Txt(string text) =>
        [.. Encoding.UTF8.GetBytes(text).Chunk(255).SelectMany(chunk => (byte[])[(byte)chunk.Length, .. chunk])];

    /// <summary>RFC 1035 §3.3.9. Labels may have any bytes but dots.</summary>
    public static byte[] Mx(int preference, string name) => [(byte)(preference >> 8), (byte)preference, .. Name(name)];

    /// <summary>RFC 1035 §3.1.</summary>
    public static byte[] Name(string name) =>
        [.. name.Split('.').Select(Encoding.UTF8.GetBytes).SelectMany(label => (byte[])[(byte)label.Length, .. label]), 0];

    public void Dispose()
    {
        _socket.Dispose();
        _listener.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var query = await _socket.ReceiveAsync();
                _ = AnswerAsync(query);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(UdpReceiveResult query)
    {
        try
        {
            var response = Respond(query.Buffer, out var name);
            Asked.Enqueue(name);
            if (Delay > TimeSpan.Zero) await Task.Delay(Delay, TimeProvider.System);
            await _socket.SendAsync(response.Length > MaxUdpBytes ? Truncate(response, query.Buffer) : response, query.RemoteEndPoint);
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task RunTcpAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    /// <summary>RFC 1035 §4.2.2: two bytes of length before each message.</summary>
    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                var length = new byte[2];
                while (await stream.ReadAtLeastAsync(length, 2, throwOnEndOfStream: false) == 2)
                {
                    var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                    await stream.ReadExactlyAsync(query);
                    var response = Respond(query, out _);
                    await stream.WriteAsync((byte[])[(byte)(response.Length >> 8), (byte)response.Length, .. response]);
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // Clients may hang up.
        }
    }

    /// <summary>The header and the question, with TC set.</summary>
    private static byte[] Truncate(byte[] response, byte[] query)
    {
        var cut = response[..(QuestionEnd(query) + 4)];
        cut[2] |= 2;
        (cut[6], cut[7]) = (0, 0);
        return cut;
    }

    private static int QuestionEnd(byte[] query)
    {
        var at = HeaderBytes;
        while (query[at] != 0) at += query[at] + 1;
        return at + 1;
    }

    private byte[] Respond(byte[] query, out string name)
    {
        var labels = new List<string>();
        for (var at = HeaderBytes; query[at] != 0; at += query[at] + 1) labels.Add(Encoding.UTF8.GetString(query, at + 1, query[at]));
        var end = QuestionEnd(query);
        var type = BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(end));
        name = string.Join('.', labels).ToLowerInvariant();
        var (code, data) = _answers.TryGetValue((name, type), out var found) ? found : (NameError, []);
        // Id, "response, recursion desired and available", one question, the answers; then the question and the records.
        var response = new List<byte>([query[0], query[1], 0x81, (byte)(0x80 | Math.Max(code, 0)),
            0, 1, (byte)(data.Length >> 8), (byte)data.Length, 0, 0, 0, 0]);
        response.AddRange(query[HeaderBytes..(end + 4)]);
        foreach (var record in data)
        {
            response.AddRange([0xc0, code == Looping ? (byte)response.Count
                : (byte)HeaderBytes, (byte)(type >> 8), (byte)type, 0, 1, 0, 0, 0, 60, (byte)(record.Length >> 8), (byte)record.Length]);
            response.AddRange(code == Broken ? record[..1] : record);
        }

        return Change([.. response]);
    }
}
