using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace MtaStsHost.Logging;

/// <summary>
/// One line per event: time in UTC, level, message; an exception follows, indented. Text from outside is made printable, so neither a
/// line break nor an escape sequence in a user agent has any effect.
/// </summary>
internal sealed class TextLogFormatter : ITextFormatter
{
    private readonly StringBuilder _line = new(256);

    // The sink formats on one thread at a time, so one builder does.
    public void Format(LogEvent logEvent, TextWriter output)
    {
        _line.Clear();
        _line.Append(CultureInfo.InvariantCulture, $"{logEvent.Timestamp.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} ");
        _line.Append(Level(logEvent.Level)).Append(' ');
        foreach (var token in logEvent.MessageTemplate.Tokens)
        {
            if (token is TextToken text) _line.Append(text.Text);
            else if (token is PropertyToken property) Append(logEvent, property);
        }

        _line.Append('\n');
        if (logEvent.Exception is { } exception)
        {
            foreach (var line in exception.ToString().AsSpan().EnumerateLines())
            {
                _line.Append("    ");
                Printable.AppendTo(_line, line);
                _line.Append('\n');
            }
        }

        output.Write(_line);
    }

    private void Append(LogEvent logEvent, PropertyToken token)
    {
        if (!logEvent.Properties.TryGetValue(token.PropertyName, out var value)) return;
        if (value is ScalarValue scalar) Printable.AppendTo(_line, Convert.ToString(scalar.Value, CultureInfo.InvariantCulture));
        else Printable.AppendTo(_line, value.ToString(token.Format, CultureInfo.InvariantCulture));
    }

    private static string Level(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "VRB",
        LogEventLevel.Debug => "DBG",
        LogEventLevel.Information => "INF",
        LogEventLevel.Warning => "WRN",
        LogEventLevel.Error => "ERR",
        _ => "FTL",
    };
}
