using System.CommandLine;

namespace MtaStsHost.Cli;

internal static class RecordsCommand
{
    public static Command Create(CliContext context) => new("records");
}
