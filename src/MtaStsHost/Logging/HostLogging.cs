using MtaStsHost.Configuration;
using Serilog;
using Serilog.Configuration;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;

namespace MtaStsHost.Logging;

/// <summary>Sets up Serilog, and changes levels while it runs.</summary>
internal sealed class HostLogging
{
    private readonly LoggingLevelSwitch _default;
    private readonly Dictionary<string, LoggingLevelSwitch> _overrides;
    private readonly bool _json;
    private readonly TaskCompletionSource _giveUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HostLogging(LogSettings settings, Stream output)
    {
        _json = settings.Json;
        _default = new LoggingLevelSwitch(settings.Levels[""]);
        _overrides = settings.Levels.Where(level => level.Key.Length > 0)
            .ToDictionary(level => level.Key, level => new LoggingLevelSwitch(level.Value));

        ITextFormatter formatter = settings.Json ? new CompactJsonFormatter() : new TextLogFormatter();
        var configuration = new LoggerConfiguration().MinimumLevel.ControlledBy(_default);
        foreach (var (source, level) in _overrides) configuration.MinimumLevel.Override(source, level);
        // A thread of its own writes the log: a pipe that is not emptied must not delay a request.
        configuration.WriteTo.Sink(new LogStreamSink(formatter, output, _giveUp.Task), new BatchingOptions
        {
            BatchSizeLimit = 1000,
            BufferingTimeLimit = TimeSpan.FromMilliseconds(100),
            EagerlyEmitFirstEvent = true,
            QueueLimit = 50_000,
        });
        Logger = configuration.CreateLogger();
    }

    public Logger Logger { get; }

    public bool IsEnabled(string source, LogEventLevel level) =>
        Logger.ForContext(Constants.SourceContextPropertyName, source).IsEnabled(level);

    /// <summary>Called when the service has ended: the last lines have this long to be written.</summary>
    public void GiveUpAfter(TimeSpan time, TimeProvider clock) =>
        _ = Task.Delay(time, clock).ContinueWith(_ => _giveUp.TrySetResult(), TaskScheduler.Default);

    /// <summary>Applies new levels. Returns false if something changed that takes a restart: the format, or the set of sources.</summary>
    public bool Apply(LogSettings settings)
    {
        _default.MinimumLevel = settings.Levels[""];
        foreach (var (source, level) in _overrides) level.MinimumLevel = settings.Levels.GetValueOrDefault(source, _default.MinimumLevel);
        return settings.Json == _json && settings.Levels.Keys.All(source => source.Length == 0 || _overrides.ContainsKey(source));
    }
}
