namespace MtaStsHost.Checks.Mx;

/// <summary>The bytes of one probe's connection: counts what comes in, so that no server makes a probe cost more than
/// <see cref="MaxBytes"/>, and keeps the first of them after STARTTLS, which tell why a handshake failed better than a TLS library does.
/// Only for callers that read asynchronously; the socket stays open.</summary>
internal sealed class ProbeStream(Socket socket) : NetworkStream(socket, ownsSocket: false)
{
    /// <summary>Of the server, over the whole connection. A certificate chain has some 5 KB, and OpenSSL takes 100 KB at most.</summary>
    public const int MaxBytes = 256 * 1024;

    private const int AlertRecord = 21; // RFC 8446 §5.1, as are these
    private const int HandshakeRecord = 22;
    private const int ServerHello = 2;
    private const int ProtocolVersionAlert = 70; // RFC 8446 §6
    private const int Tls12Minor = 3;

    private readonly byte[] _first = new byte[11];
    private int _firstLength;
    private int _received;
    private bool _isTls;

    /// <summary>What comes from now on is the answer to a ClientHello.</summary>
    public void BeginTls() => _isTls = true;

    /// <summary>What was sent before the server's first byte of TLS: the record with the ClientHello.</summary>
    public int HelloBytes { get; private set; }

    /// <summary>The server accepted the ClientHello.</summary>
    public bool IsServerHello => _firstLength >= 6 && _first[0] == HandshakeRecord && _first[5] == ServerHello;

    /// <summary>Something arrived where TLS should begin, and it is not a TLS record.</summary>
    public bool IsPlaintext => _firstLength > 0 && _first[0] is not (AlertRecord or HandshakeRecord);

    /// <summary>The server has nothing newer than TLS 1.1: the alert <c>protocol_version</c>, or a ServerHello of such a version (RFC 5246
    /// Appendix E.1). A server of TLS 1.2 or 1.3 writes 1.2 there (RFC 8446 §4.1.3).</summary>
    public bool IsOldTls =>
        (_firstLength >= 7 && _first[0] == AlertRecord && _first[6] == ProtocolVersionAlert)
        || (_firstLength == 11 && _first[0] == HandshakeRecord && _first[5] == ServerHello && _first[9] == 3 && _first[10] < Tls12Minor);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isTls && _firstLength == 0) HelloBytes += buffer.Length;
        return base.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadAsync(buffer, cancellationToken);
        _received += read;
        if (_received > MaxBytes) throw new SmtpProbeException(SmtpOutcome.Protocol, $"sends without an end (over {MaxBytes / 1024} KB)");
        if (_isTls && _firstLength < _first.Length)
        {
            var taken = Math.Min(read, _first.Length - _firstLength);
            buffer.Span[..taken].CopyTo(_first.AsSpan(_firstLength));
            _firstLength += taken;
        }

        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // What isn't counted would not be bounded.
    public override int Read(Span<byte> buffer) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
