using System.Buffers;
using System.Text;
using MtaStsHost.Listeners;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Listeners;

/// <summary>HAProxy's proxy-protocol.txt, §2.1 and §2.2.</summary>
public sealed class ProxyHeaderTests
{
    private const string IPv4 = "c0000201 7f000001 1f90 01bb"; // 192.0.2.1:8080 to 127.0.0.1:443
    private const string IPv6 = "20010db8000000000000000000000001 00000000000000000000000000000001 1f90 01bb";

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 127.0.0.1 8080 443", "192.0.2.1:8080")]
    [InlineData("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535", "255.255.255.255:65535")]
    [InlineData("PROXY TCP4 0.0.0.0 0.0.0.0 0 0", "0.0.0.0:0")]
    [InlineData("PROXY TCP6 2001:db8::1 ::1 8080 443", "[2001:db8::1]:8080")]
    [InlineData("PROXY TCP6 2001:DB8:0:0:0:0:0:1 ::1 8080 443", "[2001:db8::1]:8080")]
    [InlineData("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535",
        "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535")]
    // as nginx writes an IPv4 client of a dual-stack socket
    [InlineData("PROXY TCP6 ::ffff:192.0.2.1 ::1 8080 443", "[::ffff:192.0.2.1]:8080")]
    [InlineData("PROXY UNKNOWN", null)]
    // 107 bytes
    [InlineData("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535", null)]
    [InlineData("PROXY UNKNOWN whatever \0\u00ff", null)]
    public void Read_GoodLine_IsWholeWithItsSource(string line, string? source)
    {
        var bytes = Encoding.Latin1.GetBytes(line + "\r\n");

        AssertWhole(bytes, source);
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 127.0.0.1 8080 443\n")]
    [InlineData("PROXY TCP4 192.0.2.1 127.0.0.1 8080 443\r \n")]
    [InlineData("PROXY UNKNOWN \n\r\n")]
    [InlineData("PROXY UNKNOWN \rx\r\n")]
    [InlineData("PROXY  TCP4 192.0.2.1 127.0.0.1 8080 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1  127.0.0.1 8080 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 127.0.0.1 8080 443 \r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 127.0.0.1 8080\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 127.0.0.1 8080 443 1\r\n")]
    [InlineData("PROXY TCP4\t192.0.2.1 127.0.0.1 8080 443\r\n")]
    [InlineData("proxy TCP4 192.0.2.1 127.0.0.1 8080 443\r\n")]
    [InlineData("PROXY tcp4 192.0.2.1 127.0.0.1 8080 443\r\n")]
    [InlineData("PROXY UDP4 192.0.2.1 127.0.0.1 8080 443\r\n")]
    [InlineData("PROXY UNKNOWNS\r\n")]
    [InlineData("PROXY \r\n")]
    [InlineData("PROXY\r\n")]
    [InlineData("PROXY TCP4 2001:db8::1 ::1 8080 443\r\n")]
    [InlineData("PROXY TCP6 192.0.2.1 127.0.0.1 8080 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 ::1 8080 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.01 127.0.0.1 8080 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.256 127.0.0.1 8080 443\r\n")]
    [InlineData("PROXY TCP4 192.0.513 127.0.0.1 8080 443\r\n")]
    [InlineData("PROXY TCP4 0xc0000201 127.0.0.1 8080 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1/32 127.0.0.1 8080 443\r\n")]
    [InlineData("PROXY TCP4 mail.example.com 127.0.0.1 8080 443\r\n")]
    [InlineData("PROXY TCP6 [2001:db8::1] ::1 8080 443\r\n")]
    [InlineData("PROXY TCP6 fe80::1%1 ::1 8080 443\r\n")]
    [InlineData("PROXY TCP6 2001:db8::1/64 ::1 8080 443\r\n")]
    [InlineData("PROXY TCP6 2001:db8::1::2 ::1 8080 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 127.0.0.1 65536 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 127.0.0.1 08080 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 127.0.0.1 8080 00\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 127.0.0.1 -1 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 127.0.0.1 +1 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 127.0.0.1 8\u0660 443\r\n")]
    // 108 bytes
    [InlineData("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 655355\r\n")]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("\u0016\u0003\u0001")]
    [InlineData("x")]
    public void Read_BadLine_IsInvalid(string text) =>
        Assert.Equal(OperationStatus.InvalidData, ProxyHeader.Read(new(Encoding.Latin1.GetBytes(text)), out _));

    [Theory]
    [InlineData("21 11 000c", IPv4, "192.0.2.1:8080")]
    [InlineData("21 11 0013", IPv4 + "04 0004 00000000", "192.0.2.1:8080")] // with an addition
    [InlineData("21 11 000d", IPv4 + "ff", "192.0.2.1:8080")] // and with what is none
    [InlineData("21 21 0024", IPv6, "[2001:db8::1]:8080")]
    [InlineData("21 00 0000", "", null)]
    [InlineData("21 00 0003", "ffffff", null)]
    [InlineData("21 10 000c", IPv4, null)] // no transport
    [InlineData("21 12 000c", IPv4, null)] // UDP
    [InlineData("21 22 0024", IPv6, null)]
    [InlineData("21 01 0000", "", null)]
    [InlineData("20 00 0000", "", null)] // LOCAL
    [InlineData("20 11 000c", IPv4, null)]
    [InlineData("20 ff 0001", "00", null)] // whose family is ignored
    public void Read_GoodBinary_IsWholeWithItsSource(string head, string block, string? source) => AssertWhole(Binary(head, block), source);

    [Theory]
    [InlineData(216, true)]
    [InlineData(215, false)]
    public void Read_UnixSocket_HasNoSource(int size, bool good)
    {
        var bytes = Binary($"21 31 {size:x4}", string.Concat(Enumerable.Repeat("2f", size)));

        Assert.Equal(good ? OperationStatus.Done : OperationStatus.InvalidData, ProxyHeader.Read(new(bytes), out var header));
        Assert.Null(header.Source);
    }

    [Theory]
    [InlineData("11 11 000c", IPv4)] // version 1 has no binary form
    [InlineData("31 11 000c", IPv4)]
    [InlineData("22 11 000c", IPv4)] // no such command
    [InlineData("2f 11 000c", IPv4)]
    [InlineData("21 13 000c", IPv4)] // no such transport
    [InlineData("21 41 000c", IPv4)] // no such family
    [InlineData("21 11 000b", IPv4)] // no room for the addresses
    [InlineData("21 11 0000", "")]
    [InlineData("21 21 0023", IPv6)]
    [InlineData("21 21 000c", IPv4)]
    [InlineData("21 11 0ff1", IPv4)] // a byte over the bound, and refused before it is waited for
    [InlineData("20 00 ffff", "")]
    public void Read_BadBinary_IsInvalid(string head, string block) =>
        Assert.Equal(OperationStatus.InvalidData, ProxyHeader.Read(new(Binary(head, block)), out _));

    [Fact]
    public void Read_LongestBinary_IsWhole()
    {
        var bytes = Binary("21 11 0ff0", IPv4 + string.Concat(Enumerable.Repeat("00", ProxyHeader.MaxBytes - 16 - 12)));

        Assert.Equal(ProxyHeader.MaxBytes, bytes.Length);
        AssertWhole(bytes, "192.0.2.1:8080");
    }

    /// <summary>Of any beginning nothing is said yet, of any segments the same, and what comes after is left alone.</summary>
    private static void AssertWhole(byte[] bytes, string? source)
    {
        for (var length = 0; length < bytes.Length; length++)
            Assert.Equal((OperationStatus.NeedMoreData, default), (ProxyHeader.Read(new(bytes, 0, length), out var none), none));
        byte[] more = [.. bytes, .. "PROXY TCP4 203.0.113.66 127.0.0.1 1 1\r\n"u8];
        foreach (var received in new[] { new ReadOnlySequence<byte>(bytes), new(more), TestHello.Segmented(more, 0, 1, bytes.Length - 1) })
        {
            Assert.Equal(OperationStatus.Done, ProxyHeader.Read(received, out var header));
            Assert.Equal((bytes.Length, source), (header.Length, header.Source?.ToString()));
        }
    }

    private static byte[] Binary(string head, string block) =>
        [.. "\r\n\r\n\0\r\nQUIT\n"u8, .. Convert.FromHexString((head + block).Replace(" ", "", StringComparison.Ordinal))];
}
