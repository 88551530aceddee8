using System.Buffers;
using System.Buffers.Binary;

namespace MtaStsHost.Listeners.Tls;

/// <summary>
/// The server name (RFC 6066 §3) and the application protocols (RFC 7301 §3.1) of a ClientHello. Strict, bounded, and never throws, since
/// the bytes come from unknown clients.
/// </summary>
/// <param name="ServerName">ASCII, as it was sent; <c>null</c>: none.</param>
/// <param name="Protocols">Empty without the extension.</param>
internal readonly record struct ClientHello(string? ServerName, IReadOnlyList<string> Protocols)
{
    /// <summary>RFC 8446 §5.1: the longest record; clients send their first message in one.</summary>
    public const int MaxBytes = RecordHeader + MaxRecord;

    private const int RecordHeader = 5;
    private const int MaxRecord = 1 << 14;
    private const byte Handshake = 22;
    private const int ClientHelloMessage = 1;
    private const int ServerNameExtension = 0;
    private const int ProtocolsExtension = 16;
    private const int HostName = 0;
    private const int LongestName = 255;

    /// <summary>Reads the first TLS record of a connection.</summary>
    /// <returns><see cref="OperationStatus.InvalidData"/>: not a ClientHello of interest here; the TLS handshake decides.</returns>
    public static OperationStatus Read(ReadOnlySequence<byte> received, out ClientHello hello)
    {
        hello = default;
        Span<byte> header = stackalloc byte[RecordHeader];
        // A copy, since the first segment may be empty.
        received.Slice(0, Math.Min(received.Length, RecordHeader)).CopyTo(header);
        if (received.Length < RecordHeader) return received.Length > 0
            && header[0] != Handshake ? OperationStatus.InvalidData : OperationStatus.NeedMoreData;
        var length = BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
        if (header[0] != Handshake || header[1] != 3 || length is 0 or > MaxRecord) return OperationStatus.InvalidData;
        if (received.Length < RecordHeader + length) return OperationStatus.NeedMoreData;
        var record = received.Slice(RecordHeader, length);
        return ReadMessage(record.IsSingleSegment ? record.FirstSpan : record.ToArray(), out hello)
            ? OperationStatus.Done : OperationStatus.InvalidData;
    }

    /// <summary>RFC 8446 §4.1.2. No legitimate client splits its ClientHello over several records.</summary>
    private static bool ReadMessage(ReadOnlySpan<byte> record, out ClientHello hello)
    {
        hello = default;
        var reader = new TlsReader(record);
        if (!reader.TryNumber(1, out var type) || type != ClientHelloMessage || !reader.TryBlock(3, out var body)) return false;
        reader = new TlsReader(body);
        const int VersionAndRandom = 2 + 32;
        if (!reader.TryTake(VersionAndRandom, out _) || !reader.TryBlock(1, out _)
            || !reader.TryBlock(2, out _) || !reader.TryBlock(1, out _)) return false;
        string? name = null;
        IReadOnlyList<string> protocols = [];
        ReadOnlySpan<byte> extensions = [];
        if (!reader.IsAtEnd && (!reader.TryBlock(2, out extensions) || !reader.IsAtEnd)) return false;
        for (reader = new TlsReader(extensions); !reader.IsAtEnd;)
        {
            if (!reader.TryNumber(2, out var extension) || !reader.TryBlock(2, out var data)) return false;
            // No extension may be repeated (RFC 8446 §4.2): one reader would take the first, another the last.
            if (extension == ServerNameExtension && (name is not null || !TryReadName(data, out name))) return false;
            if (extension == ProtocolsExtension && (protocols.Count > 0 || !TryReadProtocols(data, out protocols))) return false;
        }

        hello = new ClientHello(name, protocols);
        return true;
    }

    private static bool TryReadName(ReadOnlySpan<byte> data, out string? name)
    {
        name = null;
        var reader = new TlsReader(data);
        if (!reader.TryBlock(2, out var list) || !reader.IsAtEnd) return false;
        reader = new TlsReader(list);
        if (!reader.TryNumber(1, out var type) || type != HostName || !reader.TryBlock(2, out var bytes) || !reader.IsAtEnd) return false;
        if (bytes.Length is 0 or > LongestName || bytes.ContainsAnyExceptInRange((byte)'!', (byte)'~')) return false;
        name = Encoding.ASCII.GetString(bytes);
        return true;
    }

    private static bool TryReadProtocols(ReadOnlySpan<byte> data, out IReadOnlyList<string> protocols)
    {
        var names = new List<string>();
        protocols = names;
        var reader = new TlsReader(data);
        if (!reader.TryBlock(2, out var list) || !reader.IsAtEnd) return false;
        for (reader = new TlsReader(list); !reader.IsAtEnd;)
        {
            if (!reader.TryBlock(1, out var name) || name.IsEmpty) return false;
            names.Add(Encoding.Latin1.GetString(name));
        }

        return names.Count > 0;
    }

    /// <summary>The presentation language of TLS (RFC 8446 §3): numbers, and vectors with a length prefix.</summary>
    private ref struct TlsReader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public readonly bool IsAtEnd => _rest.IsEmpty;

        /// <param name="bytes">How many bytes it has, at most 3.</param>
        public bool TryNumber(int bytes, out int number)
        {
            number = 0;
            if (!TryTake(bytes, out var taken)) return false;
            foreach (var part in taken) number = (number << 8) | part;
            return true;
        }

        /// <param name="lengthBytes">How many bytes the length has.</param>
        public bool TryBlock(int lengthBytes, out ReadOnlySpan<byte> block)
        {
            block = default;
            return TryNumber(lengthBytes, out var length) && TryTake(length, out block);
        }

        public bool TryTake(int count, out ReadOnlySpan<byte> taken)
        {
            taken = default;
            if (count > _rest.Length) return false;
            taken = _rest[..count];
            _rest = _rest[count..];
            return true;
        }
    }
}
