using System.CommandLine;
using MtaStsHost.Cli.Certificates;
using MtaStsHost.Configuration;
using MtaStsHost.Text;

namespace MtaStsHost.Cli;

/// <summary>Picks the verb; no verb is <c>serve</c>.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var (words, overrides, environment) = Split(args);
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
        var context = new CliContext(config, overrides, environment);
        var root = new RootCommand("Hosts MTA-STS policies (RFC 8461) for any number of mail domains. Without a verb: serve.") { config };
        root.Subcommands.Add(ServeCommand.Create(context));
        root.SetAction((parsed, cancellation) => ServeCommand.RunAsync(context, parsed, cancellation));
        root.Subcommands.Add(ValidateCommand.Create(context));
        root.Subcommands.Add(RecordsCommand.Create(context));
        root.Subcommands.Add(ImportCommand.Create(context));
        root.Subcommands.Add(CheckCommand.Create(context));
        root.Subcommands.Add(HistoryCommand.Create(context));
        root.Subcommands.Add(CertificatesCommand.Create(context));
        root.Subcommands.Add(HealthCheckCommand.Create(context));
        // The library's own --version stands alone or not at all.
        root.Options.Remove(root.Options.OfType<VersionOption>().Single());
        root.Options.Add(new Option<bool>("--version") { Description = "Show the version.",
            Recursive = true, Action = new VersionAction() });
        Help.AddExamples(root);

        var parsed = root.Parse(words);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync(
                    $"error: command line: {Printable.Text(OneLine(error.Message), 300)}; see MtaStsHost --help");
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null });
        }
// The edge of the process: what nobody foresaw is still one clear line, and the rest is for whoever mends it.
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            CliOutput.Error("MtaStsHost", $"unforeseen: {e.Message}", "please report it with the lines below");
            await Console.Error.WriteLineAsync(e.ToString());
            return ExitCode.Failed;
        }
    }

    private static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        .TrimEnd('.');

    /// <summary>
    /// Takes settings (<c>--Key:Sub=value</c>) out of the words that are for the verb, and what ASP.NET Core's test server adds to
    /// every program's command line: of that, only the environment means something here.
    /// </summary>
    private static (string[] Words, List<KeyValuePair<string, string>> Overrides, string? Environment) Split(string[] args)
    {
        var words = new List<string>();
        var overrides = new List<KeyValuePair<string, string>>();
        string? environment = null;
        foreach (var arg in args)
        {
            var equals = arg.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals > 0 && arg.StartsWith("--", StringComparison.Ordinal)
                ? (arg[2..equals], arg[(equals + 1)..]) : ("", "");
            if (key.Contains(':', StringComparison.Ordinal)) overrides.Add(new KeyValuePair<string, string>(key, value));
            else if (key == "environment") environment = value;
            else if (key is not ("contentRoot" or "applicationName")) words.Add(arg);
        }

        return ([.. words], overrides, environment);
    }
}

/// <summary>What every verb needs of the command line.</summary>
internal sealed class CliContext(Option<string[]> config, IReadOnlyList<KeyValuePair<string, string>> overrides, string? environment)
{
    public ConfigurationLoader Loader(ParseResult parsed)
    {
        var workingDirectory = Directory.GetCurrentDirectory();
        var folder = ConfigurationSources.FindFolder(AppContext.BaseDirectory, workingDirectory);
        var variables = Environment.GetEnvironmentVariables();
        if (environment is not null) variables["ASPNETCORE_ENVIRONMENT"] = environment;
        return new ConfigurationLoader(new ConfigurationSources(folder,
            parsed.GetValue(config) ?? [], overrides, variables, workingDirectory));
    }
}
