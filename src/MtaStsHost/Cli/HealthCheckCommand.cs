using System.CommandLine;
using MtaStsHost.Configuration;

namespace MtaStsHost.Cli;

/// <summary>
/// <c>healthcheck</c>: asks the running service whether it is alive. Of the configuration it reads only the listener: after a bad edit
/// the last good configuration stays active, and the container must not be killed.
/// </summary>
internal static class HealthCheckCommand
{
    /// <summary>As in the shipped appsettings.json; used when that can't be read.</summary>
    private const string DefaultUrl = "http://localhost:9090";

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    public static Command Create(CliContext context)
    {
        var url = new Option<string?>("--url")
        {
            Description = "The management listener, if it is not the configured one.",
            HelpName = "URL",
        };
        var json = CliOptions.Json();
        var command = new Verb("healthcheck", "Queries /health/live of the running service; exits with 0 if it is alive, otherwise with 1.",
            "MtaStsHost healthcheck",
            "MtaStsHost healthcheck --url http://127.0.0.1:9090") { url, json };
        command.SetAction((parsed, cancellation) =>
            RunAsync(parsed.GetValue(url) ?? ConfiguredUrl(context, parsed), parsed.GetValue(json), cancellation));
        return command;
    }

    private static string ConfiguredUrl(CliContext context, ParseResult parsed) =>
        context.Settings(parsed).Find($"Kestrel:Endpoints:{EndpointSettings.Management}:Url")?.Text ?? DefaultUrl;

    private static async Task<int> RunAsync(string listener, bool json, CancellationToken cancellationToken)
    {
        if (AddressOf(listener) is not { } address)
        {
            CliOutput.Error("healthcheck", $"expected an http or https URL, found '{listener}'", $"try --url {DefaultUrl}");
            return ExitCode.Usage;
        }

        var error = await AskAsync(address, cancellationToken);
        var result = new HealthCheckResult(error is null ? "Healthy" : "Unhealthy", address.ToString());
        if (json) CliOutput.Json(result);
        else if (error is null) await Console.Out.WriteLineAsync("Healthy");
        if (error is null) return ExitCode.Good;
        CliOutput.Error(address.ToString(), error, "check the service's log");
        return ExitCode.Failed;
    }

    private static async Task<string?> AskAsync(Uri address, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        // Over loopback, and only about the process: the certificate's name doesn't matter.
#pragma warning disable CA5359
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        using var client = new HttpClient(handler) { Timeout = s_timeout };
        try
        {
            using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode ? null : $"answered with HTTP status {(int)response.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            return $"can't be reached: {e.Message}";
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"did not answer within {s_timeout.TotalSeconds:0} s";
        }
    }

    /// <summary>Turns a listener's address into one to connect to; a wildcard becomes loopback.</summary>
    private static Uri? AddressOf(string listener)
    {
        var asked = listener
            .Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://+", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://[::]", "://[::1]", StringComparison.Ordinal);
        return Uri.TryCreate(asked, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"
            ? new Uri(parsed, "/health/live") : null;
    }
}

/// <summary>What <c>healthcheck --json</c> prints.</summary>
internal sealed record HealthCheckResult(string Status, string Url);
