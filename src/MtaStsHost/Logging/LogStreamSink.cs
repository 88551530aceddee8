using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace MtaStsHost.Logging;

/// <summary>
/// Writes batches of log events to a stream, one write per batch. While the disk is full, only log lines are lost: they are counted,
/// and the count is written as soon as there is room again.
/// </summary>
/// <param name="giveUp">Completes after the service has ended: the rest is lost then, since a full pipe would keep it alive.</param>
internal sealed class LogStreamSink(ITextFormatter formatter, Stream output, Task giveUp) : IBatchedLogEventSink
{
    private readonly StringBuilder _text = new(16 * 1024);
    private byte[] _bytes = new byte[16 * 1024];
    private long _lost;

    public async Task EmitBatchAsync(IReadOnlyCollection<LogEvent> batch)
    {
        if (giveUp.IsCompleted) return; // a write that never ends may still hold the buffer
        _text.Clear();
        using (var writer = new StringWriter(_text, CultureInfo.InvariantCulture))
        {
            if (_lost > 0) await writer.WriteLineAsync($"{_lost} log lines were lost: the log could not be written");
            foreach (var logEvent in batch) formatter.Format(logEvent, writer);
        }

        var size = Encoding.UTF8.GetMaxByteCount(_text.Length);
        if (_bytes.Length < size) _bytes = new byte[size];
        var length = 0;
        foreach (var chunk in _text.GetChunks()) length += Encoding.UTF8.GetBytes(chunk.Span, _bytes.AsSpan(length));
        try
        {
            // Standard output has no asynchronous write: this thread would wait inside it for as long as the pipe is full.
            var write = Task.Run(() =>
            {
                output.Write(_bytes, 0, length);
                output.Flush();
            });
            await await Task.WhenAny(write, giveUp);
            _lost = 0;
        }
        catch (IOException)
        {
            _lost += batch.Count;
        }
    }
}
