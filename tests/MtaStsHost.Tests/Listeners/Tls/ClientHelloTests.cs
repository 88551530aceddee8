using System.Buffers;
using System.Net;
using System.Net.Sockets;
using CsCheck;
using MtaStsHost.Listeners.Tls;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Listeners.Tls;

public sealed class ClientHelloTests
{
    private const string Host = "mta-sts.example.com";

    public static TheoryData<string, byte[]> Malformed() => new()
    {
        { "no handshake", [23, 3, 1, 0, 1, 1] },
        { "HTTP", [.. "GET / HTTP/1.1\r\n\r\n"u8] },
        { "SSL 2", [0x80, 0x2e, 1, 3, 1, 0, 21, 0, 0, 0, 16] },
        { "another major version", [22, 2, 0, 0, 1, 1] },
        { "an empty record", [22, 3, 1, 0, 0] },
        { "a record over 2^14", [22, 3, 1, 0x40, 1] },
        { "ServerHello", TestHello.Record([2, .. TestHello.Message(TestHello.Block2([]))[1..]]) },
        { "another record within a message", [.. Fragments(40)[..45], 23, 3, 3, 0, 1, 0] },
        { "an empty fragment", [.. Fragments(40)[..45], 22, 3, 1, 0, 0] },
        { "65 fragments", [.. TestHello.Record([1, 0, 16, 0]),
            .. Enumerable.Repeat(TestHello.Record([0]), 64).SelectMany(record => record)] },
        { "a message over a record's length, in two", [.. TestHello.Record([1, 0, 0x40, 0, .. new byte[1000]]), 22, 3, 1, 0x3f, 0xff,
            .. new byte[0x3fff]] },
        { "a message of 16 MB", TestHello.Record([1, 0xff, 0xff, 0xff, .. new byte[100]]) },
        { "nothing after the random", TestHello.Record([1, 0, 0, 34, 3, 3, .. new byte[32]]) },
        { "no compression methods", TestHello.Record([1, 0, 0, 37, 3, 3, .. new byte[32], 0, 0, 0]) },
        { "extensions longer than said", TestHello.Record(TestHello.Message([0, 1, 0, 0, 0, 0])) },
        { "extensions shorter than said", TestHello.Record(TestHello.Message([0, 9, 0, 0, 0, 0])) },
        { "half an extension", TestHello.Record(TestHello.Message(TestHello.Block2([0, 0, 0]))) },
        { "an extension past the end", TestHello.With([0, 0, 0, 200, 0]) },
        { "an empty server name extension", TestHello.With(TestHello.Extension(0, [])) },
        { "an empty list of names", TestHello.With(TestHello.Extension(0, [0, 0])) },
        { "an empty name", TestHello.With(TestHello.ServerName("")) },
        { "a name of another type", TestHello.With(TestHello.Extension(0, TestHello.Block2([1, 0, 1, (byte)'a']))) },
        { "two names", TestHello.With(TestHello.Extension(0, TestHello.Block2([0, 0, 1, (byte)'a', 0, 0, 1, (byte)'b']))) },
        { "bytes after the names", TestHello.With(TestHello.Extension(0, [0, 4, 0, 0, 1, (byte)'a', 0])) },
        { "a name of 256 bytes", TestHello.With(TestHello.ServerName(new string('a', 256))) },
        { "NUL in a name", TestHello.With(TestHello.ServerName("mta-sts\0.example.com")) },
        { "a space in a name", TestHello.With(TestHello.ServerName("mta-sts example.com")) },
        { "a U-label in a name", TestHello.With(TestHello.ServerName("mta-sts.b\u00fccher.example")) },
        { "an empty protocols extension", TestHello.With(TestHello.Extension(16, [])) },
        { "an empty list of protocols", TestHello.With(TestHello.Extension(16, [0, 0])) },
        { "an empty protocol", TestHello.With(TestHello.Protocols("acme-tls/1", "")) },
        { "a protocol past the end", TestHello.With(TestHello.Extension(16, [0, 3, 9, (byte)'h', (byte)'2'])) },
        { "bytes after the protocols", TestHello.With(TestHello.Extension(16, [.. TestHello.Block2([1, (byte)'a']), 0])) },
        { "two server name extensions", TestHello.With(TestHello.ServerName("a.example"), TestHello.ServerName(Host)) },
        { "two protocols extensions", TestHello.With(TestHello.ServerName(Host),
            TestHello.Protocols("h2"), TestHello.Protocols("acme-tls/1")) },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Read_Malformed_IsOther(string what, byte[] bytes)
    {
        Assert.NotEmpty(what);
        Assert.Equal((OperationStatus.InvalidData, default), Read(new ReadOnlySequence<byte>(bytes)));
    }

    [Fact]
    public void Read_NoExtensions_IsWholeWithoutNames()
    {
        foreach (var hello in new[] { TestHello.Record(TestHello.Message([])),
            TestHello.With(), TestHello.With(TestHello.Extension(0x1234, [1, 2, 3])) })
        {
            var (status, read) = Read(new ReadOnlySequence<byte>(hello));

            Assert.Equal((OperationStatus.Done, null), (status, read.ServerName));
            Assert.Empty(read.Protocols);
        }
    }

    [Fact]
    public void Read_NamesAmongOthers_AreAsTheyWereSent()
    {
        byte[] hello = [.. TestHello.With(TestHello.Extension(0x0a0a, []),
            TestHello.Protocols("h2", "\u00e4"), TestHello.Extension(43, [2, 3, 4]), TestHello.ServerName("MTA-STS.example.com")), 22, 3];

        var (status, read) = Read(new ReadOnlySequence<byte>(hello));

        Assert.Equal((OperationStatus.Done, "MTA-STS.example.com"), (status, read.ServerName));
        Assert.Equal(["h2", "\u00e4"], read.Protocols);
    }

    [Theory]
    [InlineData]
    [InlineData("acme-tls/1")]
    [InlineData("h2", "http/1.1")]
    [InlineData("acme-tls/1", "h2")]
    public async Task Read_OfSslStream_IsWhatItWasToldToSend(params string[] protocols)
    {
        var (status, read) = Read(new ReadOnlySequence<byte>(await TestHello.OfSslStreamAsync(Host, protocols)));

        Assert.Equal((OperationStatus.Done, Host), (status, read.ServerName));
        Assert.Equal(protocols, read.Protocols);
    }

    [Theory]
    [InlineData("-tls1_3")]
    [InlineData("-tls1_2")]
    public async Task Read_OfOpenSsl_IsWhatItWasToldToSend(string version)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var openssl = Tools.RunAsync(Tools.Require("openssl"), "s_client",
            version, "-connect", $"127.0.0.1:{port}", "-servername", Host, "-alpn", "acme-tls/1");

        var (status, read) = Read(new ReadOnlySequence<byte>(await TestHello.AcceptAsync(listener)));
        await openssl;

        Assert.Equal((OperationStatus.Done, Host), (status, read.ServerName));
        Assert.Equal(["acme-tls/1"], read.Protocols);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(60)]
    public void Read_Fragments_AreOneMessage(int length)
    {
        var bytes = Fragments(length);

        var (status, read) = Read(new ReadOnlySequence<byte>(bytes));

        Assert.Equal((OperationStatus.Done, Host), (status, read.ServerName));
        Assert.Equal(["h2"], read.Protocols);
        for (var i = 0; i < bytes.Length; i++)
            Assert.Equal((OperationStatus.NeedMoreData, default), Read(new ReadOnlySequence<byte>(bytes, 0, i)));
        Assert.Equal((OperationStatus.Done, read.ServerName),
            (ClientHello.ReadFragmented(new ReadOnlySequence<byte>(bytes), out var same), same.ServerName));
    }

    [Fact]
    public void ReadFragmented_WholeMessage_IsNotOfInterest() => Assert.Equal(OperationStatus.InvalidData,
        ClientHello.ReadFragmented(new ReadOnlySequence<byte>(TestHello.With(TestHello.ServerName(Host))), out _));

    [Fact]
    public async Task Read_EveryPrefix_IsIncomplete()
    {
        var hello = await TestHello.OfSslStreamAsync(Host, "acme-tls/1");

        for (var length = 0; length < hello.Length; length++)
        {
            Assert.Equal((OperationStatus.NeedMoreData, default), Read(new ReadOnlySequence<byte>(hello, 0, length)));
            Assert.Equal((OperationStatus.NeedMoreData, default), Read(TestHello.Segmented(hello[..length], 0, 1, 3)));
        }
    }

    [Fact]
    public void Read_BytesInAnySegments_IsTheSame()
    {
        var hello = TestHello.With(TestHello.ServerName(Host), TestHello.Protocols("acme-tls/1"));

        Gen.Int[0, 40].Array[0, 8].Sample(lengths =>
        {
            var (status, read) = Read(TestHello.Segmented(hello, lengths));
            return status == OperationStatus.Done && read.ServerName == Host && read.Protocols is ["acme-tls/1"];
        });
    }

    [Fact]
    public void Read_AnyBytes_NeverThrowsAndAsksForNoMoreThanARecord()
    {
        // With a header that is good, so that more than the first check is tried.
        Gen.Byte.Array[0, 300].Sample(bytes => Check(bytes));
        Gen.Byte.Array[1, 300].Sample(bytes => Check(TestHello.Record([1, 0, .. TestHello.Block2(bytes)])));
        Gen.Byte.Array[0, 100].Sample(bytes => Check(TestHello.With(bytes)));

        static void Check(byte[] bytes)
        {
            var (status, read) = Read(new ReadOnlySequence<byte>(bytes));
            Assert.Equal(status == OperationStatus.Done, read != default);
            var filled = new byte[ClientHello.MaxBytes];
            bytes.CopyTo(filled, 0);
            Assert.NotEqual(OperationStatus.NeedMoreData, Read(new ReadOnlySequence<byte>(filled)).Status);
        }
    }

    /// <summary>A ClientHello whose first record has so many bytes of the message.</summary>
    private static byte[] Fragments(int length)
    {
        var message = TestHello.With(TestHello.Protocols("h2"), TestHello.ServerName(Host))[5..];
        return [.. TestHello.Record(message[..length]), .. TestHello.Record(message[length..])];
    }

    private static (OperationStatus Status, ClientHello Hello) Read(ReadOnlySequence<byte> bytes) =>
        (ClientHello.Read(bytes, out var hello), hello);
}
