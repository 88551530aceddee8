using System.CommandLine;

namespace MtaStsHost.Cli;

internal static class ImportCommand
{
    public static Command Create(CliContext context) => new("import");
}
