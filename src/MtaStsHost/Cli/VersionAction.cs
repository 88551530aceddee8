using System.CommandLine;
using System.CommandLine.Invocation;
using MtaStsHost.Cli.Shared;
using MtaStsHost.Runtime;

namespace MtaStsHost.Cli;

/// <summary><c>--version</c>, after any verb and whatever arguments that one lacks.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine(ServiceVersion.Text);
        return ExitCode.Good;
    }
}
