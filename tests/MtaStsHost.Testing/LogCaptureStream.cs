using System.Text;

namespace MtaStsHost.Testing;

/// <summary>A stream in standard output's place; keeps the bytes that the host logs.</summary>
public sealed class LogCaptureStream : Stream
{
    private readonly MemoryStream _bytes = new();
    private readonly Lock _lock = new();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>All that was written up to now.</summary>
    public string Text
    {
        get
        {
            lock (_lock) return Encoding.UTF8.GetString(_bytes.GetBuffer().AsSpan(0, (int)_bytes.Length));
        }
    }

    public IReadOnlyList<string> Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The first line with that text in it; waits for it, since the log is written in the background.</summary>
    public async Task<string> LineAsync(string text)
    {
        await Eventually.IsTrueAsync(() => Lines.Any(line => line.Contains(text, StringComparison.Ordinal)),
            $"a log line with '{text}' in:\n{Text}");
        return Lines.First(line => line.Contains(text, StringComparison.Ordinal));
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_lock) _bytes.Write(buffer);
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
