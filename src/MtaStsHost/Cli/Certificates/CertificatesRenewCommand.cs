using System.CommandLine;
using System.Globalization;
using MtaStsHost.Storage;

namespace MtaStsHost.Cli.Certificates;

/// <summary>
/// <c>certificates renew</c>: asks the running host, through the store. The host alone can answer the CA's challenge, since it has the
/// ports.
/// </summary>
internal static class CertificatesRenewCommand
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    public static Command Create(CliContext context)
    {
        var host = CertificatesCommand.HostArgument();
        var timeout = new Option<int>("--timeout") { Description = "Seconds to wait for the outcome; 0: don't wait.",
            DefaultValueFactory = _ => 120, HelpName = "SECONDS" };
        timeout.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0) result.AddError("--timeout takes a number of seconds from 0");
        });
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("renew", "Has a new certificate ordered now, whatever the schedule says, and waits for it.") { host,
            timeout, json };
        command.SetAction((parsed, cancellation) => CertificatesCommand.WithStoreAsync(
            context, parsed, (store, _) => RunAsync(store, parsed.GetValue(host)!,
                TimeSpan.FromSeconds(parsed.GetValue(timeout)), parsed.GetValue(json), cancellation), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(IStore store, string text, TimeSpan timeout, bool json, CancellationToken cancellationToken)
    {
        if (CertificatesCommand.PolicyHost(text) is not { } host) return ExitCode.Usage;
        if (await store.FindAsync(host, cancellationToken) is not { } before
            || !await store.RequestRenewalAsync(host, cancellationToken)) return CertificatesCommand.Unknown(host);
        if (timeout == TimeSpan.Zero)
        {
            await Console.Error.WriteLineAsync($"{host}: noted; a running host orders it within seconds");
            return ExitCode.Good;
        }

        var after = await WaitAsync(store, before, timeout, cancellationToken);
        if (after is null)
        {
            CliOutput.Error(host, "no host has ordered it in time; the request stays", "start the host, or look at its log");
            return ExitCode.Failed;
        }

        if (after.Failure is { } failure && after.Certificate == before.Certificate)
        {
            CliOutput.Error(host, failure.Message,
                $"it is tried again at {after.DueAt?.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture)}");
            return ExitCode.Failed;
        }

        var result = CertificateResult.Of(after, TimeProvider.System.GetUtcNow());
        if (json) CliOutput.Json(result, CliJson.Plain.CertificateResult);
        else await Console.Out.WriteLineAsync($"{host}: certificate from {result.Issuer} until {result.NotAfter:yyyy-MM-dd HH:mm}Z");
        return ExitCode.Good;
    }

    /// <returns>The row once it has a new certificate or a new failure; <c>null</c>: neither in time.</returns>
    private static async Task<CertificateRecord?> WaitAsync(IStore store,
        CertificateRecord before, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var progress = Progress.Of($"waiting for the host to order {before.Host}");
        for (var started = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(started) < timeout;)
        {
            await Task.Delay(s_look, TimeProvider.System, cancellationToken);
            if (await store.FindAsync(before.Host, cancellationToken) is { } now
                && (now.Certificate != before.Certificate || now.Failure is { } failure && failure != before.Failure)) return now;
        }

        return null;
    }
}
