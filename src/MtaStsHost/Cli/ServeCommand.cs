using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;
using MtaStsHost.Listeners;
using MtaStsHost.Logging;
using MtaStsHost.Runtime;

namespace MtaStsHost.Cli;

/// <summary><c>serve</c>: runs the service.</summary>
internal static class ServeCommand
{
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(2);

    public static Command Create(CliContext context)
    {
        var command = new Verb("serve", "Runs the service until it receives SIGTERM or SIGINT; SIGHUP reloads.",
            "MtaStsHost serve",
            "MtaStsHost serve --config mtastshost.json",
            "MtaStsHost serve --Kestrel:Endpoints:Http:Url=http://127.0.0.1:8080");
        command.SetAction((parsed, cancellation) => RunAsync(context, parsed, cancellation));
        return command;
    }

    public static async Task<int> RunAsync(CliContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        // A reload is requested with it; until the service has started, there is nothing to reload, and nothing that should end.
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true);
        var loader = context.Loader(parsed);
        using var slow = new SlowReading(TimeProvider.System, () => CliOutput.Warning("configuration",
            $"reading its files takes over {SlowReading.Limit.TotalSeconds:0} s", "check that the mounts they are on respond"));
        var (loaded, read) = slow.Watch(() =>
        {
            var files = loader.Load();
            return (files, ServiceConfiguration.Load(files, null, TimeProvider.System));
        });
        if (read is not { } configuration)
        {
            CliOutput.Problems(loaded.Problems);
            return ExitCode.Configuration;
        }

        if (ConnectionLimit.OpenFiles < ConnectionLimit.FewestFiles)
        {
            CliOutput.Error("open files", $"this process may have only {ConnectionLimit.OpenFiles}, too few to accept connections",
                "raise the limit to 1024 or more (LimitNOFILE in a systemd unit, ulimit -n in a shell)");
            return ExitCode.Failed;
        }

        ListenProbe.Check([], configuration.Settings.Endpoints, loaded.Problems, endPoint => ListenSockets.Open(endPoint).Dispose());
        if (loaded.Problems.HasErrors)
        {
            CliOutput.Problems(loaded.Problems);
            return ExitCode.Failed;
        }

        Garbage.ReturnAfter(configuration.Policies.All.Length);
        await using var output = Console.OpenStandardOutput();
        var logging = new HostLogging(configuration.Settings.Logging, output);
        await using var app = MtaStsHostBuilder.Build(loader, configuration, logging, TimeProvider.System);
        // What the start itself has left. Later, so that no first request waits for it.
        await using var atRest = TimeProvider.System.CreateTimer(static _ => Garbage.Return(), null, s_rest, Timeout.InfiniteTimeSpan);
        try
        {
            await app.RunAsync(cancellationToken);
            return ExitCode.Good;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested
            || cancellationToken.IsCancellationRequested)
        {
            // SIGTERM or SIGINT during the start: nothing has been served yet.
            return ExitCode.Good;
        }
        catch (Exception e) when (e is IOException { InnerException: AddressInUseException } or SocketException)
        {
            // Free when ListenProbe tried it, taken since.
            CliOutput.Error("Kestrel:Endpoints", e.Message.TrimEnd('.'),
                "ss -ltnp shows which program listens there; stop it, or change the Url");
            return ExitCode.Failed;
        }
    }
}
