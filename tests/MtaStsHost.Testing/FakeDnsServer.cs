using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MtaStsHost.Testing;

/// <summary>A name server on a port of its own (UDP), with answers to the byte; for the code that speaks to real ones.</summary>
public sealed class FakeDnsServer : IDisposable
{
    /// <summary>RFC 1035 §4.1.1.</summary>
    public const int ServerFailure = 2;

    /// <inheritdoc cref="ServerFailure"/>
    public const int NameError = 3;

    private const int HeaderBytes = 12;

    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly ConcurrentDictionary<(string Name, ushort Type), (int Code, byte[][] Data)> _answers = new();

    public FakeDnsServer() => _ = RunAsync();

    public IPEndPoint EndPoint => (IPEndPoint)_socket.Client.LocalEndPoint!;

    /// <param name="name">Lower case.</param>
    /// <param name="type">The record type's number: 1 A, 16 TXT, 28 AAAA, 257 CAA.</param>
    /// <param name="data">RDATA of one record each.</param>
    public void Answer(string name, ushort type, params byte[][] data) => _answers[(name, type)] = (0, data);

    public void Fail(string name, ushort type, int code) => _answers[(name, type)] = (code, []);

    /// <summary>An answer with a record that is cut off in its middle.</summary>
    public void Break(string name, ushort type) => _answers[(name, type)] = (-1, [[1, 200, 1]]);

    /// <summary>RFC 8659 §4.1.</summary>
    public static byte[] Caa(byte flags, string tag, params ReadOnlySpan<byte> value) =>
        [flags, (byte)tag.Length, .. System.Text.Encoding.ASCII.GetBytes(tag), .. value];

    public void Dispose() => _socket.Dispose();

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                var query = await _socket.ReceiveAsync();
                await _socket.SendAsync(Respond(query.Buffer), query.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private byte[] Respond(byte[] query)
    {
        var (labels, at) = (new List<string>(), HeaderBytes);
        for (; query[at] != 0; at += query[at] + 1) labels.Add(System.Text.Encoding.ASCII.GetString(query, at + 1, query[at]));
        var type = BinaryPrimitives.ReadUInt16BigEndian(query.AsSpan(at + 1));
        var (code, data) = _answers.TryGetValue((string.Join('.', labels).ToLowerInvariant(), type), out var found) ? found : (NameError, []);
        // Id, "response, recursion desired and available", one question, the answers; then the question and the records.
        var response = new List<byte>([query[0], query[1], 0x81, (byte)(0x80 | Math.Max(code, 0)), 0, 1, 0, (byte)data.Length, 0, 0, 0, 0]);
        response.AddRange(query[HeaderBytes..(at + 5)]);
        foreach (var record in data)
        {
            response.AddRange([0xc0, HeaderBytes, (byte)(type >> 8), (byte)type, 0, 1, 0, 0, 0, 60, 0, (byte)record.Length]);
            response.AddRange(code < 0 ? record[..1] : record);
        }

        return [.. response];
    }
}
