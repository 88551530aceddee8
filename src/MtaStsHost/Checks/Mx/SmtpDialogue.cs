namespace MtaStsHost.Checks.Mx;

/// <summary>RFC 5321 §4.2.</summary>
/// <param name="Lines">The texts behind the codes. From outside: not safe to print.</param>
internal sealed record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    public bool IsPositive => Code is >= 200 and < 300;

    /// <summary>The code and the first text that says something, safe to print.</summary>
    public override string ToString() => $"{Code} {Printable.Text(Lines.FirstOrDefault(line => line.Length > 0) ?? "", 120)}".TrimEnd();
}

/// <summary>Commands and replies of SMTP over one stream, plain or in TLS.</summary>
internal sealed class SmtpDialogue(Stream stream)
{
    /// <summary>Bytes of one line. RFC 5321 §4.5.3.1.5 allows 512; some servers don't keep to it.</summary>
    public const int MaxLine = 2048;

    /// <summary>Lines of one reply. The longest answers to EHLO have some twenty.</summary>
    public const int MaxLines = 64;

    private readonly byte[] _buffer = new byte[MaxLine];
    private int _start;
    private int _end;

    /// <summary>The server has said more than it was asked.</summary>
    public bool HasUnread => _start < _end;

    public async Task<SmtpReply> SendAsync(string command, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        return await ReadReplyAsync(cancellationToken);
    }

    public async Task<SmtpReply> ReadReplyAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (true)
        {
            var line = await ReadLineAsync(cancellationToken);
            if (!TryParse(line, out var code, out var isLast))
                throw new SmtpProbeException(SmtpOutcome.Protocol,
                    $"answers with something that is not an SMTP reply ('{Printable.Text(line, 60)}')");
            lines.Add(line.Length > 4 ? line[4..] : "");
            if (isLast) return new SmtpReply(code, lines);
            if (lines.Count == MaxLines) throw new SmtpProbeException(SmtpOutcome.Protocol, $"sends a reply of over {MaxLines} lines");
        }
    }

    private static bool TryParse(string line, out int code, out bool isLast)
    {
        code = 0;
        isLast = line.Length == 3 || line is [_, _, _, ' ', ..];
        return (isLast || line is [_, _, _, '-', ..]) && line[0] is >= '2' and <= '5'
            && int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out code);
    }

    /// <summary>Up to LF, since some servers forget the CR.</summary>
    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var searched = 0;
        while (true)
        {
            var end = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = _buffer.AsSpan(_start, searched + end);
                _start += searched + end + 1;
                return Encoding.UTF8.GetString(line is [.., (byte)'\r'] ? line[..^1] : line);
            }

            searched = _end - _start;
            if (searched == MaxLine) throw new SmtpProbeException(SmtpOutcome.Protocol, $"sends a line of over {MaxLine} bytes");
            await FillAsync(cancellationToken);
        }
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        if (read == 0) throw new EndOfStreamException();
        _end += read;
    }
}
