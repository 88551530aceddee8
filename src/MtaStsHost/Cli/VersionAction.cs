using System.CommandLine;
using System.CommandLine.Invocation;
using MtaStsHost.Cli.Shared;
using MtaStsHost.Runtime;

namespace MtaStsHost.Cli;

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
