using Serilog.Events;

namespace MtaStsHost.Configuration;

/// <summary>The <c>Serilog</c> section. Serilog's own reader of it works by reflection, which Native AOT has not.</summary>
/// <param name="Levels">By source prefix; the empty prefix is the default.</param>
internal sealed record LogSettings(bool Json, IReadOnlyDictionary<string, LogEventLevel> Levels)
{
    private const string Section = "Serilog:MinimumLevel";

    public static LogSettings Read(SettingsReader settings)
    {
        var levels = new Dictionary<string, LogEventLevel>(StringComparer.Ordinal)
        {
            [""] = ReadLevel(settings, settings.Find(Section) is null ? Section + ":Default" : Section, LogEventLevel.Information),
            // ASP.NET Core writes a line or more a request at Information, which says less than ours.
            ["Microsoft.AspNetCore"] = LogEventLevel.Warning,
            // Five lines at start where ours is one.
            ["Microsoft.Hosting.Lifetime"] = LogEventLevel.Warning,
        };
        var prefix = Section + ":Override:";
        foreach (var path in settings.Paths(prefix))
            levels[path[prefix.Length..]] = ReadLevel(settings, path, LogEventLevel.Information);
        return new LogSettings(settings.Choice("Serilog:Format", "text", "text", "json") == "json", levels);
    }

    private static LogEventLevel ReadLevel(SettingsReader settings, string path, LogEventLevel otherwise) =>
        Enum.Parse<LogEventLevel>(settings.Choice(path, otherwise.ToString(),
            "Verbose", "Debug", "Information", "Warning", "Error", "Fatal"));
}
