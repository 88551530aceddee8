using Serilog.Events;

namespace MtaStsHost.Configuration;

/// <summary>The <c>Serilog</c> section. Serilog's own reader of it works by reflection, which native AOT does not have.</summary>
/// <param name="Levels">By source prefix; the empty prefix is the default.</param>
internal sealed record LogSettings(bool Json, IReadOnlyDictionary<string, LogEventLevel> Levels)
{
    public static LogSettings Read(SettingsReader settings)
    {
        var options = settings.Bind("Serilog", new SerilogOptionsValidator());
        var levels = new Dictionary<string, LogEventLevel>(StringComparer.Ordinal)
        {
            [""] = Level(options.MinimumLevel.Default),
            // ASP.NET Core writes one line or more per request at Information, which says less than ours.
            ["Microsoft.AspNetCore"] = LogEventLevel.Warning,
            // Five lines at start instead of our one.
            ["Microsoft.Hosting.Lifetime"] = LogEventLevel.Warning,
        };
        foreach (var (source, level) in options.MinimumLevel.Override) levels[source] = Level(level);
        return new LogSettings(options.Format == "json", levels);
    }

    private static LogEventLevel Level(string text) =>
        Enum.TryParse<LogEventLevel>(text, out var level) ? level : LogEventLevel.Information;
}
