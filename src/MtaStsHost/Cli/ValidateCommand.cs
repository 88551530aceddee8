using System.CommandLine;

namespace MtaStsHost.Cli;

internal static class ValidateCommand
{
    public static Command Create(CliContext context) => new("validate");
}
