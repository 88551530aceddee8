using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace MtaStsHost.Testing;

/// <summary>ClientHellos: those of real clients, and those that no client sends.</summary>
internal static class TestHello
{
    private const int RecordHeader = 5;

    /// <summary>The first record that .NET's client sends.</summary>
    public static async Task<byte[]> OfSslStreamAsync(string sni, params string[] protocols)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        await using var tls = new SslStream(client.GetStream());
        var handshake = tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = sni,
            ApplicationProtocols = protocols.Length == 0 ? null : [.. protocols.Select(protocol => new SslApplicationProtocol(protocol))],
        });
        var hello = await AcceptAsync(listener);
        await Assert.ThrowsAnyAsync<Exception>(() => handshake);
        return hello;
    }

    /// <summary>Takes a connection, reads its first record, and ends it.</summary>
    public static async Task<byte[]> AcceptAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync();
        var stream = client.GetStream();
        var header = new byte[RecordHeader];
        await stream.ReadExactlyAsync(header);
        var body = new byte[(header[3] << 8) | header[4]];
        await stream.ReadExactlyAsync(body);
        return [.. header, .. body];
    }

    /// <summary>A whole record around extensions.</summary>
    public static byte[] With(params byte[][] extensions) =>
        Record(Message([.. Block2([.. extensions.SelectMany(extension => extension)])]));

    public static byte[] ServerName(string name) => Extension(0, Block2([0, .. Block2(Encoding.Latin1.GetBytes(name))]));

    public static byte[] Protocols(params string[] names) =>
        Extension(16, Block2([.. names.SelectMany(name => Block1(Encoding.Latin1.GetBytes(name)))]));

    public static byte[] Extension(int type, byte[] data) => [.. Short(type), .. Block2(data)];

    /// <param name="extensions">As at the message's end, with their length.</param>
    public static byte[] Message(byte[] extensions)
    {
        byte[] body = [3, 3, .. new byte[32], .. Block1(new byte[32]), .. Block2([0x13, 1, 0xc0, 0x2f]), .. Block1([0]), .. extensions];
        return [1, 0, .. Block2(body)];
    }

    public static byte[] Record(byte[] message) => [22, 3, 1, .. Block2(message)];

    public static byte[] Block1(byte[] bytes) => [(byte)bytes.Length, .. bytes];

    public static byte[] Block2(byte[] bytes) => [.. Short(bytes.Length), .. bytes];

    private static byte[] Short(int value) => [(byte)(value >> 8), (byte)value];

    /// <summary>The bytes in segments of these lengths, the last as long as it must be; empty ones are kept.</summary>
    public static ReadOnlySequence<byte> Segmented(byte[] bytes, params int[] lengths)
    {
        Segment? first = null, last = null;
        var at = 0;
        foreach (var length in lengths.Append(int.MaxValue))
        {
            var taken = Math.Min(length, bytes.Length - at);
            last = new Segment(bytes.AsMemory(at, taken), last);
            first ??= last;
            at += taken;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is null) return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
