using System.CommandLine;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;

namespace MtaStsHost.Cli;

/// <summary>The configuration that the command line names, for every verb.</summary>
/// <param name="overrides">Settings given as <c>--Key:Sub=value</c>.</param>
/// <param name="environment">Replaces <c>ASPNETCORE_ENVIRONMENT</c>.</param>
internal sealed class CliContext(IReadOnlyList<KeyValuePair<string, string>> overrides, string? environment)
{
    public Option<string[]> Config { get; } = new("--config", "-c")
    {
        Description = "Add a configuration file; may be repeated, and later files take precedence.",
        HelpName = "PATH",
        Recursive = true,
        DefaultValueFactory = _ => [],
        Validators =
        {
            result =>
            {
                if (result.Tokens.Any(token => token.Value.Length == 0)) result.AddError("--config needs the path of a file");
            },
        },
    };

    public ConfigurationLoader Loader(ParseResult parsed)
    {
        var workingDirectory = Directory.GetCurrentDirectory();
        var folder = ConfigurationSources.FindFolder(AppContext.BaseDirectory, workingDirectory);
        var variables = Environment.GetEnvironmentVariables();
        if (environment is not null) variables["ASPNETCORE_ENVIRONMENT"] = environment;
        var files = parsed.GetValue(Config) is { Length: > 0 } named ? named
            : ConfigurationSources.FindDefaults(folder, variables, workingDirectory);
        return new ConfigurationLoader(new ConfigurationSources(folder, files, overrides, variables, workingDirectory));
    }

    /// <summary>The settings without those of included files, for verbs to which errors elsewhere don't matter.</summary>
    public SettingsReader Settings(ParseResult parsed) => new(Loader(parsed).LoadWithoutIncludes(), new ProblemList());

    /// <summary>Parses the configuration, without opening the key, certificate and root files that it names.</summary>
    /// <returns><c>null</c> if it is invalid, with its errors printed.</returns>
    public ServiceConfiguration? Parse(ParseResult parsed) => Read(parsed, ServiceConfiguration.Parse);

    /// <summary>Parses the configuration and loads the files that it names.</summary>
    public ServiceConfiguration? Load(ParseResult parsed) =>
        Read(parsed, loaded => ServiceConfiguration.Load(loaded, null, TimeProvider.System));

    private ServiceConfiguration? Read(ParseResult parsed, Func<LoadedConfiguration, ServiceConfiguration?> read)
    {
        var loaded = Loader(parsed).Load();
        var configuration = read(loaded);
        if (configuration is null) CliOutput.Problems(loaded.Problems);
        return configuration;
    }
}
