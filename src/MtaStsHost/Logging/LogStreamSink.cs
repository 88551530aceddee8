using System.Globalization;
using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace MtaStsHost.Logging;

/// <summary>
/// Writes batches of log events to a stream, one write a batch. A disk that is full loses lines, and nothing but lines: they are
/// counted, and the count is written as soon as there is room again.
/// </summary>
internal sealed class LogStreamSink(ITextFormatter formatter, Stream output) : IBatchedLogEventSink
{
    private readonly StringBuilder _text = new(16 * 1024);
    private byte[] _bytes = new byte[16 * 1024];
    private long _lost;

    public async Task EmitBatchAsync(IReadOnlyCollection<LogEvent> batch)
    {
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
            await output.WriteAsync(_bytes.AsMemory(0, length));
            await output.FlushAsync();
            _lost = 0;
        }
        catch (IOException)
        {
            _lost += batch.Count;
        }
    }

    public Task OnEmptyBatchAsync() => Task.CompletedTask;
}
