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
    /// <summary>How much of a connection is read for it.</summary>
    public const int MaxBytes = RecordHeader + MaxRecord;

    private const int RecordHeader = 5;
    private const int MessageHeader = 4;
    private const int MaxRecord = 1 << 14;

    /// <summary>Of one message: no client needs more than a few, and each costs time.</summary>
    private const int MaxRecords = 64;

    private const byte Handshake = 22;
    private const int ClientHelloMessage = 1;
    private const int ServerNameExtension = 0;
    private const int ProtocolsExtension = 16;
    private const int HostName = 0;
    private const int LongestName = 255;

    /// <summary>Reads the first message of a connection, which may be fragmented over records (RFC 8446 §5.1).</summary>
    /// <returns><see cref="OperationStatus.InvalidData"/>: not a ClientHello of interest here; the TLS handshake decides.</returns>
    public static OperationStatus Read(ReadOnlySequence<byte> received, out ClientHello hello)
    {
        hello = default;
        var status = ReadRecord(received, out var record);
        if (status != OperationStatus.Done) return status;
        var message = record.IsSingleSegment ? record.FirstSpan : record.ToArray();
        if (IsFragment(record)) status = Join(received, out message);
        if (status == OperationStatus.NeedMoreData && received.Length >= MaxBytes) return OperationStatus.InvalidData;
        if (status != OperationStatus.Done) return status;
        return ReadMessage(message, out hello) ? OperationStatus.Done : OperationStatus.InvalidData;
    }

    /// <summary>The same, for a message that is fragmented. .NET takes the server name from the first record.</summary>
    public static OperationStatus ReadFragmented(ReadOnlySequence<byte> received, out ClientHello hello)
    {
        hello = default;
        var status = ReadRecord(received, out var record);
        if (status != OperationStatus.Done) return status;
        return IsFragment(record) ? Read(received, out hello) : OperationStatus.InvalidData;
    }

    private static OperationStatus ReadRecord(ReadOnlySequence<byte> received, out ReadOnlySequence<byte> record)
    {
        record = default;
        Span<byte> header = stackalloc byte[RecordHeader];
        // A copy, since the first segment may be empty.
        received.Slice(0, Math.Min(received.Length, RecordHeader)).CopyTo(header);
        if (received.Length < RecordHeader) return received.Length > 0
            && header[0] != Handshake ? OperationStatus.InvalidData : OperationStatus.NeedMoreData;
        // Empty fragments of handshake messages are not allowed.
        var length = BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
        if (header[0] != Handshake || header[1] != 3 || length is 0 or > MaxRecord) return OperationStatus.InvalidData;
        if (received.Length < RecordHeader + length) return OperationStatus.NeedMoreData;
        record = received.Slice(RecordHeader, length);
        return OperationStatus.Done;
    }

    /// <summary>Whether these bytes are the beginning, and not all, of a ClientHello.</summary>
    private static bool IsFragment(ReadOnlySequence<byte> message)
    {
        Span<byte> header = stackalloc byte[MessageHeader];
        message.Slice(0, Math.Min(message.Length, MessageHeader)).CopyTo(header);
        if (header[0] != ClientHelloMessage) return false;
        if (message.Length < MessageHeader) return true;
        var length = MessageHeader + ((header[1] << 16) | BinaryPrimitives.ReadUInt16BigEndian(header[2..]));
        return length > message.Length && length <= MaxRecord;
    }

    private static OperationStatus Join(ReadOnlySequence<byte> received, out ReadOnlySpan<byte> message)
    {
        message = default;
        var (bytes, length) = (new byte[MaxRecord], 0);
        for (var i = 0; i < MaxRecords; i++)
        {
            var status = ReadRecord(received, out var record);
            if (status != OperationStatus.Done) return status;
            if (length + record.Length > MaxRecord) break;
            record.CopyTo(bytes.AsSpan(length));
            length += (int)record.Length;
            if (!IsFragment(new ReadOnlySequence<byte>(bytes, 0, length)))
            {
                message = bytes.AsSpan(0, length);
                return OperationStatus.Done;
            }

            received = received.Slice(record.End);
        }

        return OperationStatus.InvalidData;
    }

    /// <summary>RFC 8446 §4.1.2.</summary>
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
