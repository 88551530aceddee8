using System.CommandLine;
using MtaStsHost.Configuration;

namespace MtaStsHost.Cli;

/// <summary>Picks the verb; no verb is <c>serve</c>.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var (words, overrides) = Split(args);
        var config = new Option<string[]>("--config", "-c")
        {
            Description = "A configuration file over appsettings.json; can be given more than once, later ones win.",
            HelpName = "PATH",
            Recursive = true,
            DefaultValueFactory = _ => [],
        };
        config.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0)) result.AddError("--config needs the path of a file");
        });
        var context = new CliContext(config, overrides);
        var root = new RootCommand("Hosts MTA-STS policies (RFC 8461) for any number of mail domains. Without a verb: serve.") { config };
        root.Subcommands.Add(ServeCommand.Create(context));
        root.SetAction((parsed, cancellation) => ServeCommand.RunAsync(context, parsed, cancellation));
        root.Subcommands.Add(ValidateCommand.Create(context));
        root.Subcommands.Add(RecordsCommand.Create(context));
        root.Subcommands.Add(ImportCommand.Create(context));
        root.Subcommands.Add(HealthCheckCommand.Create(context));
        root.Options.OfType<VersionOption>().Single().Recursive = true;
        Help.AddExamples(root);

        var parsed = root.Parse(words);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync($"error: command line: {Printable.Text(error.Message.TrimEnd('.'), 300)}; see MtaStsHost --help");
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>Takes settings (<c>--Key:Sub=value</c>) out of the words that are for the verb.</summary>
    private static (string[] Words, List<KeyValuePair<string, string>> Overrides) Split(string[] args)
    {
        var words = new List<string>();
        var overrides = new List<KeyValuePair<string, string>>();
        foreach (var arg in args)
        {
            var equals = arg.IndexOf('=', StringComparison.Ordinal);
            var key = equals > 0 ? arg[..equals] : "";
            if (key.StartsWith("--", StringComparison.Ordinal) && key.Contains(':', StringComparison.Ordinal))
                overrides.Add(new KeyValuePair<string, string>(key[2..], arg[(equals + 1)..]));
            else
                words.Add(arg);
        }

        return ([.. words], overrides);
    }
}

/// <summary>What every verb needs of the command line.</summary>
internal sealed class CliContext(Option<string[]> config, IReadOnlyList<KeyValuePair<string, string>> overrides)
{
    public ConfigurationLoader Loader(ParseResult parsed)
    {
        var workingDirectory = Directory.GetCurrentDirectory();
        var folder = ConfigurationSources.FindFolder(AppContext.BaseDirectory, workingDirectory);
        return new ConfigurationLoader(new ConfigurationSources(
            folder, parsed.GetValue(config) ?? [], overrides, Environment.GetEnvironmentVariables(), workingDirectory));
    }
}
