using System.CommandLine;
using MtaStsHost.Cli.Certificates;
using MtaStsHost.Runtime;

namespace MtaStsHost.Cli;

/// <summary>Picks the verb; no verb is <c>serve</c>.</summary>
internal static class CommandLine
{
    private static readonly string[] s_examples =
    [
        "MtaStsHost                                   run with appsettings.json",
        "MtaStsHost --config mtastshost.json          add a configuration file",
        "MtaStsHost --MtaSts:Defaults:Mode=testing    change one setting",
        "MtaStsHost validate                          check the configuration first",
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        TerminalModes.Keep();
        var (words, context) = Split(args);
        var parsed = CreateRoot(context).Parse(words);
        if (parsed.Errors is [var first, ..])
        {
            // Of a verb with verbs under it: what was mistyped comes last, after what is missing because of it.
            var error = parsed.CommandResult.Command is Verb { Subcommands.Count: > 0 } ? parsed.Errors[^1] : first;
            var verb = parsed.CommandResult.Command is RootCommand ? "" : $" {NameOf(parsed.CommandResult.Command)}";
            await Console.Error.WriteLineAsync(
                $"error: command line: {Printable.Text(OneLine(error.Message), 300)}; see MtaStsHost{verb} --help");
            return ExitCode.Usage;
        }

        if (ServiceVersion.IsOpenSslMissing && parsed.Action is not (VerbHelp or VersionAction))
        {
            CliOutput.Error("OpenSSL", "libssl.so.3 can't be loaded",
                "install OpenSSL 3: the package is libssl3 in Debian and Ubuntu, openssl-libs in Fedora");
            return ExitCode.Failed;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null });
        }
// The edge of the process: even a bug starts with one clear line.
#pragma warning disable CA1031
        catch (Exception e)
#pragma warning restore CA1031
        {
            CliOutput.Error("MtaStsHost", $"unexpected error: {e.Message}", "please report it with the lines below");
            await Console.Error.WriteLineAsync(e.ToString());
            return ExitCode.Failed;
        }
    }

    internal static RootCommand CreateRoot(CliContext context)
    {
        var root = new RootCommand("Hosts MTA-STS policies (RFC 8461) for any number of mail domains. Without a verb, runs serve.")
        {
            context.Config,
            ServeCommand.Create(context),
            ValidateCommand.Create(context),
            RecordsCommand.Create(context),
            ImportCommand.Create(context),
            CheckCommand.Create(context),
            HistoryCommand.Create(context),
            CertificatesCommand.Create(context),
            StatusCommand.Create(context),
            HealthCheckCommand.Create(context),
            ConfigCommand.Create(context),
            CompletionCommand.Create(),
        };
        root.SetAction((parsed, cancellation) => ServeCommand.RunAsync(context, parsed, cancellation));
        // The library's own --version is accepted only without a verb.
        root.Options.Remove(root.Options.OfType<VersionOption>().Single());
        var version = new Option<bool>("--version") { Description = "Print the version.", Recursive = true, Action = new VersionAction() };
        root.Options.Add(version);
        VerbHelp.AddTo(root, s_examples);
        return root;
    }

    /// <summary>The verb with the verbs that it belongs to: <c>certificates list</c>.</summary>
    internal static string NameOf(Command verb) =>
        verb.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand ? $"{NameOf(parent)} {verb.Name}" : verb.Name;

    private static string OneLine(string message) =>
        string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');

    /// <summary>
    /// Separates settings (<c>--Key:Sub=value</c>) from the words that are for the verb. Of what ASP.NET Core's test server adds to
    /// every program's command line, only the environment means something here.
    /// </summary>
    private static (string[] Words, CliContext Context) Split(string[] args)
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

        return ([.. words], new CliContext(overrides, environment));
    }
}
