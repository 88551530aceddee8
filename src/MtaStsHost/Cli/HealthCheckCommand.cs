using System.CommandLine;

namespace MtaStsHost.Cli;

internal static class HealthCheckCommand
{
    public static Command Create(CliContext context) => new("healthcheck");
}
