using System.CommandLine;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using MtaStsHost.Hosting;
using MtaStsHost.Logging;
using MtaStsHost.Policies;

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
        if (HostSettings.Read(loaded, PolicySnapshot.Empty, TimeProvider.System) is not { } settings)
        {
            ProblemOutput.Write(loaded.Problems, Console.Error);
            return ExitCode.Configuration;
        }

        ConfigurationReloader.CollectGarbageOfLoad(settings.Policies.All.Length);
        await using var output = Console.OpenStandardOutput();
        var logging = HostLogging.Create(settings.Logging, output);
        await using var app = MtaStsHostBuilder.Build(loader, loaded, settings, logging, TimeProvider.System);
        try
        {
            await app.RunAsync(cancellationToken);
            return ExitCode.Good;
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"error: Kestrel:Endpoints: {Printable.Text(e.Message.TrimEnd('.'), 300)}; stop the other program or change the Url");
            return ExitCode.Failed;
        }
        catch (SocketException e)
        {
            await Console.Error.WriteLineAsync($"error: Kestrel:Endpoints: {Reason(e)}");
            return ExitCode.Failed;
        }
    }

    private static string Reason(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AccessDenied => "this user may not listen on that port; use one above 1023, or allow it (CAP_NET_BIND_SERVICE, or sysctl net.ipv4.ip_unprivileged_port_start)",
        SocketError.AddressNotAvailable => "this machine has no such address; change the Url",
        _ => $"{Printable.Text(e.Message, 300)}; change the Url",
    };
}
