using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using MtaStsHost.Runtime;

namespace MtaStsHost.Cli;

/// <summary>A command with the examples that its help ends with.</summary>
internal sealed class Verb(string name, string description, params IReadOnlyList<string> examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}

/// <summary><c>--help</c>: the library's text in 80 columns, then what every verb accepts, its examples and the exit codes.</summary>
internal sealed class VerbHelp(HelpAction help, IReadOnlyList<string> rootExamples) : SynchronousCommandLineAction
{
    /// <summary>The arguments of a verb may be missing when its help is asked for.</summary>
    public override bool ClearsParseErrors => true;

    public static void AddTo(RootCommand root, IReadOnlyList<string> rootExamples)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Description = "Print help.";
        var help = (HelpAction)option.Action!;
        help.MaxWidth = 80;
        option.Action = new VerbHelp(help, rootExamples);
    }

    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        var examples = (parseResult.CommandResult.Command as Verb)?.Examples ?? rootExamples;
        parseResult.InvocationConfiguration.Output.WriteLine($"""
            Settings:
              --Key:Sub=value  Set any setting of appsettings.json. Takes precedence over
                               files and environment variables (Key__Sub=value).

            Examples:
              {string.Join("\n  ", examples)}

            Exit codes:
              {string.Join("\n  ", ExitCode.Meanings.Select(entry => $"{entry.Code,-2}  {entry.Meaning}"))}
            """);
        return ExitCode.Good;
    }
}

/// <summary><c>--version</c>, after any verb, even one whose arguments are incomplete.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine(ServiceVersion.Text);
        output.WriteLine(ServiceVersion.Runtime);
        output.WriteLine($"OpenSSL {ServiceVersion.OpenSsl ?? "not found"}");
        return ExitCode.Good;
    }
}

internal static class ExitCode
{
    public const int Good = 0;

    /// <summary>There are findings, or the operation failed.</summary>
    public const int Failed = 1;

    public const int Usage = 2;

    /// <summary>EX_CONFIG of sysexits.h, so that a supervisor doesn't try again.</summary>
    public const int Configuration = 78;

    public static readonly ImmutableArray<(int Code, string Meaning)> Meanings =
    [
        (Good, "success"),
        (Failed, "there are findings, or the operation failed"),
        (Usage, "incorrect usage"),
        (Configuration, "the configuration is invalid"),
    ];
}
