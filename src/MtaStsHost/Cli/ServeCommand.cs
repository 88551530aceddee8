using System.CommandLine;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using MtaStsHost.Hosting;
using MtaStsHost.Listeners;
using MtaStsHost.Logging;

namespace MtaStsHost.Cli;

/// <summary><c>serve</c>: runs the host until it is told to stop.</summary>
internal static class ServeCommand
{
    public static Command Create(CliContext context)
    {
        var command = new Command("serve", "Runs the host until it gets SIGTERM or SIGINT.");
        command.SetAction((parsed, cancellation) => RunAsync(context, parsed, cancellation));
        return command;
    }

    public static async Task<int> RunAsync(CliContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var loader = context.Loader(parsed);
        var loaded = loader.Load();
        if (ServiceConfiguration.Load(loaded, null, TimeProvider.System) is not { } configuration)
        {
            ProblemOutput.Write(loaded.Problems, Console.Error);
            return ExitCode.Configuration;
        }

        ListenProbe.Check([], configuration.Settings.Endpoints, loaded.Problems);
        if (loaded.Problems.HasErrors)
        {
            ProblemOutput.Write(loaded.Problems, Console.Error);
            return ExitCode.Failed;
        }

        ConfigurationReloader.CollectGarbageOfLoad(configuration.Policies.All.Length);
        await using var output = Console.OpenStandardOutput();
        var logging = HostLogging.Create(configuration.Settings.Logging, output);
        await using var app = MtaStsHostBuilder.Build(loader, configuration, logging, TimeProvider.System);
        try
        {
            await app.RunAsync(cancellationToken);
            return ExitCode.Good;
        }
        catch (Exception e) when (e is IOException { InnerException: AddressInUseException } or SocketException)
        {
            // Free when it was tried, taken since.
            CliOutput.Error("Kestrel:Endpoints", e.Message.TrimEnd('.'), "start again, or change the Url");
            return ExitCode.Failed;
        }
    }
}
