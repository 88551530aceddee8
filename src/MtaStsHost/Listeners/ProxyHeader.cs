using System.Buffers;
using System.Buffers.Binary;
using MtaStsHost.Configuration;

namespace MtaStsHost.Listeners;

/// <summary>
/// The header of the PROXY protocol, versions 1 and 2: the client of a connection that a proxy passes on. Section numbers are those of
/// HAProxy's <c>proxy-protocol.txt</c>. Strict, bounded, and never throws.
/// </summary>
/// <param name="Length">In bytes; the rest belongs to the connection.</param>
/// <param name="Source">The client; <c>null</c>: the proxy itself (LOCAL), or unknown (UNKNOWN, UNSPEC, UNIX sockets).</param>
internal readonly record struct ProxyHeader(int Length, IPEndPoint? Source)
{
    /// <summary>Our own limit. Addresses take 232 bytes at most; the rest is TLVs, which are skipped.</summary>
    public const int MaxBytes = 4096;

    /// <summary>§2.1: version 1, including the end of the line.</summary>
    private const int MaxLine = 107;

    private const int FixedPart = 16; // §2.2: signature, version and command, family and transport, length
    private const int IPv4Block = 4 + 4 + 2 + 2;
    private const int IPv6Block = 16 + 16 + 2 + 2;
    private const int UnixBlock = 108 + 108;

    private static ReadOnlySpan<byte> Line => "PROXY "u8;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Reads the first bytes of a connection.</summary>
    /// <returns><see cref="OperationStatus.InvalidData"/>: no header, or a malformed one; the connection must be closed.</returns>
    public static OperationStatus Read(ReadOnlySequence<byte> received, out ProxyHeader header)
    {
        header = default;
        Span<byte> copy = stackalloc byte[MaxLine];
        var start = copy[..(int)Math.Min(received.Length, MaxLine)];
        received.Slice(0, start.Length).CopyTo(start);
        if (Begins(start, Line)) return start.Length < Line.Length ? OperationStatus.NeedMoreData : ReadLine(start, out header);
        if (Begins(start, Signature)) return start.Length < FixedPart ? OperationStatus.NeedMoreData
            : ReadBinary(start, received.Length, out header);
        return OperationStatus.InvalidData;
    }

    /// <summary>Whether one is a prefix of the other.</summary>
    private static bool Begins(ReadOnlySpan<byte> received, ReadOnlySpan<byte> expected) =>
        received.Length < expected.Length ? expected.StartsWith(received) : received.StartsWith(expected);

    /// <summary>§2.1. A lone CR or LF is refused, so that no other reader sees another line.</summary>
    private static OperationStatus ReadLine(ReadOnlySpan<byte> start, out ProxyHeader header)
    {
        header = default;
        var end = start.IndexOfAny((byte)'\r', (byte)'\n');
        if (end < 0 || (start[end] == '\r' && end == start.Length - 1)) return start.Length < MaxLine
            ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
        if (!start[end..].StartsWith("\r\n"u8)) return OperationStatus.InvalidData;
        var words = Encoding.Latin1.GetString(start[..end]).Split(' ');
        var length = end + 2;
        if (words[1] == "UNKNOWN") header = new ProxyHeader(length, null);
        else if (words.Length == 6 && Family(words[1]) is { } family && IsAddress(words[2], family, out var source)
            && IsAddress(words[3], family, out _)
            && IsPort(words[4], out var port) && IsPort(words[5], out _)) header = new ProxyHeader(length, new IPEndPoint(source, port));
        else return OperationStatus.InvalidData;
        return OperationStatus.Done;
    }

    private static AddressFamily? Family(string word) => word switch
    {
        "TCP4" => AddressFamily.InterNetwork,
        "TCP6" => AddressFamily.InterNetworkV6,
        _ => null,
    };

    private static bool IsAddress(string word, AddressFamily family, out IPAddress address) =>
        AddressText.TryParse(word, out address!) && address.AddressFamily == family;

    private static bool IsPort(string word, out ushort port) =>
        ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out port) && (word.Length == 1 || word[0] != '0');

    /// <summary>§2.2.</summary>
    private static OperationStatus ReadBinary(ReadOnlySpan<byte> start, long received, out ProxyHeader header)
    {
        const int Local = 0x20;
        const int Proxy = 0x21;
        header = default;
        var (command, kind, size) = (start[12], start[13], BinaryPrimitives.ReadUInt16BigEndian(start[14..]));
        if (command is not (Local or Proxy) || FixedPart + size > MaxBytes) return OperationStatus.InvalidData;
        // LOCAL: even the family is ignored.
        if (command == Proxy && !IsKind(kind, size)) return OperationStatus.InvalidData;
        if (received < FixedPart + size) return OperationStatus.NeedMoreData;
        header = new ProxyHeader(FixedPart + size, command == Proxy ? Address(kind, start[FixedPart..]) : null);
        return OperationStatus.Done;
    }

    /// <summary>Whether family (0 to 3) and transport (0 to 2) exist, and the addresses fit.</summary>
    private static bool IsKind(byte kind, int size) => (kind & 0x0f) <= 2 && (kind >> 4) switch
    {
        0 => true,
        1 => size >= IPv4Block,
        2 => size >= IPv6Block,
        3 => size >= UnixBlock,
        _ => false,
    };

    /// <summary>TCP only: the connection is one.</summary>
    private static IPEndPoint? Address(byte kind, ReadOnlySpan<byte> block) => kind switch
    {
        0x11 => new IPEndPoint(new IPAddress(block[..4]), BinaryPrimitives.ReadUInt16BigEndian(block[8..])),
        0x21 => new IPEndPoint(new IPAddress(block[..16]), BinaryPrimitives.ReadUInt16BigEndian(block[32..])),
        _ => null,
    };
}
