using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MtaStsHost.Cli.Shared;

/// <summary><c>--help</c>: the library's text in 80 columns, then what every verb accepts, its examples and the exit codes.</summary>
internal sealed class VerbHelp : SynchronousCommandLineAction
{
    private readonly HelpAction _help;
    private readonly IReadOnlyList<string> _rootExamples;

    private VerbHelp(HelpAction help, IReadOnlyList<string> rootExamples)
    {
        (_help, _rootExamples) = (help, rootExamples);
        _help.MaxWidth = 80;
    }

    /// <summary>The arguments of a verb may be missing when its help is asked for.</summary>
    public override bool ClearsParseErrors => true;

    public static void AddTo(RootCommand root, IReadOnlyList<string> rootExamples)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Description = "Print help.";
        option.Action = new VerbHelp((HelpAction)option.Action!, rootExamples);
    }

    public override int Invoke(ParseResult parseResult)
    {
        _help.Invoke(parseResult);
        var examples = (parseResult.CommandResult.Command as Verb)?.Examples ?? _rootExamples;
        parseResult.InvocationConfiguration.Output.WriteLine($"""
            Settings:
              --Key:Sub=value  Set any setting of appsettings.json. Takes precedence over
                               files and environment variables (Key__Sub=value).

            Examples:
              {string.Join("\n  ", examples)}

            Exit codes:
              {ExitCode.Good,-2}  success
              {ExitCode.Failed,-2}  there are findings, or the operation failed
              {ExitCode.Usage,-2}  incorrect usage
              {ExitCode.Configuration,-2}  the configuration is invalid
            """);
        return ExitCode.Good;
    }
}
