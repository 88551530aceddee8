using System.CommandLine;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;

namespace MtaStsHost.Cli;

/// <summary><c>config show</c>: the active settings, with secrets hidden. Prints the errors of the configuration last.</summary>
internal static class ConfigCommand
{
    public static Command Create(CliContext context) =>
        new Verb("config", "Shows the configuration.", "MtaStsHost config show --sources") { Show(context) };

    private static Verb Show(CliContext context)
    {
        var sources = new Option<bool>("--sources")
        {
            Description = "Also print where each value comes from: a file and line, the environment, the command line, or the default.",
        };
        var json = CliOptions.Json();
        var command = new Verb("show", "Prints the active settings; secrets are shown as ***.",
            "MtaStsHost config show",
            "MtaStsHost config show --sources --config new.json",
            "MtaStsHost config show --json") { sources, json };
        command.SetAction(parsed => Run(context.Loader(parsed).Load(), parsed.GetValue(sources), parsed.GetValue(json)));
        return command;
    }

    private static int Run(LoadedConfiguration loaded, bool sources, bool json)
    {
        var settings = ActiveSettings.Of(loaded.Tree);
        if (json)
            CliOutput.Json(new ConfigResult([.. settings.Select(setting => ConfigSettingResult.Of(setting, sources))]));
        else
            CliOutput.Table(sources ? ["setting", "value", "source"] : ["setting", "value"],
                settings.Select(setting => Row(setting, sources)));
        var isGood = ServiceConfiguration.Parse(loaded) is not null;
        CliOutput.Problems(loaded.Problems);
        return isGood ? ExitCode.Good : ExitCode.Configuration;
    }

    private static string[] Row(ActiveSetting setting, bool sources)
    {
        var (path, value) = (Printable.Text(setting.Path, 400), setting.Value is null ? "" : Printable.Text(setting.Value, 1000));
        return sources ? [path, value, setting.Origin.Source is null ? "default" : setting.Origin.ToString()] : [path, value];
    }
}

/// <summary>What <c>config show --json</c> prints.</summary>
internal sealed record ConfigResult(IReadOnlyList<ConfigSettingResult> Settings);

/// <param name="Value"><c>null</c>: not set, and without a default.</param>
/// <param name="Source">A file, <c>environment</c>, <c>command line</c> or <c>default</c>; only with <c>--sources</c>.</param>
/// <param name="Line">From 1; only of a file.</param>
internal sealed record ConfigSettingResult(
    string Path,
    string? Value,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Source,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Line)
{
    public static ConfigSettingResult Of(ActiveSetting setting, bool sources) => new(setting.Path, setting.Value,
        sources ? setting.Origin.Source ?? "default" : null, sources && setting.Origin.Line > 0 ? setting.Origin.Line : null);
}
