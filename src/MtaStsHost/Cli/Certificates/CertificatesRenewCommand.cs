using System.CommandLine;
using MtaStsHost.Storage;

namespace MtaStsHost.Cli.Certificates;

/// <summary><c>certificates renew</c>: asks the service through the store, since only that can answer the CA's challenge.</summary>
internal static class CertificatesRenewCommand
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    public static Command Create(CliContext context)
    {
        var host = CertificateStore.HostArgument();
        var timeout = new Option<int>("--timeout")
        {
            Description = "How long to wait for the result; 0 doesn't wait.",
            DefaultValueFactory = _ => 120,
            HelpName = "SECONDS",
        };
        timeout.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0) result.AddError("--timeout must be 0 or more seconds");
        });
        var json = CliOptions.Json();
        var command = new Verb("renew", "Has the running service order a new certificate now, and waits for it.",
            "MtaStsHost certificates renew mta-sts.example.com",
            "MtaStsHost certificates renew example.com --timeout 0") { host, timeout, json };
        command.SetAction((parsed, cancellation) => CertificateStore.UseAsync(context, parsed, (store, _) => RunAsync(store,
            parsed.GetValue(host)!, TimeSpan.FromSeconds(parsed.GetValue(timeout)), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(IStore store, string text, TimeSpan timeout, bool json, CancellationToken cancellationToken)
    {
        if (CertificateStore.PolicyHost(text) is not { } host) return ExitCode.Usage;
        if (await store.FindAsync(host, cancellationToken) is not { } before
            || !await store.RequestRenewalAsync(host, cancellationToken)) return CertificateStore.Unknown(host);
        if (timeout == TimeSpan.Zero)
        {
            await Console.Error.WriteLineAsync($"{host}: requested; a running service orders it within seconds");
            return ExitCode.Good;
        }

        var after = await Waiting.ForAsync(
            $"waiting for a certificate for {host}", WaitAsync(store, before, timeout, cancellationToken));
        if (after is null)
        {
            CliOutput.Error(host, "was not ordered in time; the request stays open", "start the service, or check its log");
            return ExitCode.Failed;
        }

        if (after.Failure is { } failure && after.Certificate == before.Certificate)
        {
            CliOutput.Error(host, failure.Message,
                $"the next attempt is at {after.DueAt?.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture)}");
            return ExitCode.Failed;
        }

        var result = CertificateResult.Of(after, TimeProvider.System.GetUtcNow());
        if (json) CliOutput.Json(result);
        else await Console.Out.WriteLineAsync($"{host}: certificate from {result.Issuer}, valid until {result.NotAfter:yyyy-MM-dd HH:mm}Z");
        return ExitCode.Good;
    }

    /// <returns>The record with a new certificate or a new failure; <c>null</c> after the timeout.</returns>
    private static async Task<CertificateRecord?> WaitAsync(IStore store,
        CertificateRecord before, TimeSpan timeout, CancellationToken cancellationToken)
    {
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < timeout;)
        {
            await Task.Delay(s_interval, TimeProvider.System, cancellationToken);
            if (await store.FindAsync(before.Host, cancellationToken) is { } now
                && (now.Certificate != before.Certificate || now.Failure is { } failure && failure != before.Failure)) return now;
        }

        return null;
    }
}
