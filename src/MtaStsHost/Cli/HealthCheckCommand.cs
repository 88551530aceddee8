using System.CommandLine;
using System.Net.Security;
using MtaStsHost.Configuration;

namespace MtaStsHost.Cli;

/// <summary>
/// <c>healthcheck</c>: asks the running host whether it lives. It goes by the configured listener, and takes no notice of what else
/// the configuration says: a bad edit leaves the last good one in force, and must not get a container killed.
/// </summary>
internal static class HealthCheckCommand
{
    /// <summary>As in the appsettings.json that comes with the host; asked when that can't be read.</summary>
    private const string DefaultUrl = "http://localhost:9090";

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    public static Command Create(CliContext context)
    {
        var url = new Option<string?>("--url") { Description = "The management listener, when it isn't the configured one.",
            HelpName = "URL" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("healthcheck", "Asks the running host's /health/live: exit code 0 when it lives, else 1.") { url, json };
        command.SetAction((parsed, cancellation) =>
            RunAsync(parsed.GetValue(url) ?? ConfiguredUrl(context, parsed), parsed.GetValue(json), cancellation));
        return command;
    }

    private static string ConfiguredUrl(CliContext context, ParseResult parsed) =>
        context.Loader(parsed).LoadWithoutIncludes().Values.TryGetValue($"Kestrel:Endpoints:{EndpointSettings.Management}:Url",
            out var value) && value.Text is { Length: > 0 } url
            ? url
            : DefaultUrl;

    private static async Task<int> RunAsync(string listener, bool json, CancellationToken cancellationToken)
    {
        if (!TryGetAddress(listener, out var address))
        {
            CliOutput.Error("healthcheck", $"{listener} is no address to ask", "give --url http://localhost:9090");
            return ExitCode.Usage;
        }

        var error = await AskAsync(address, cancellationToken);
        if (json) CliOutput.Json(new HealthCheckResult(error is null ? "Healthy" : "Unhealthy", address.ToString()),
            CliJson.Plain.HealthCheckResult);
        else if (error is null) await Console.Out.WriteLineAsync("Healthy");
        if (error is null) return ExitCode.Good;
        CliOutput.Error(address.ToString(), error, "look at the host's log");
        return ExitCode.Failed;
    }

    private static async Task<string?> AskAsync(Uri address, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        // Whether the process lives is asked, over loopback; whom the certificate names says nothing about that.
#pragma warning disable CA5359
        handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true };
#pragma warning restore CA5359
        using var client = new HttpClient(handler) { Timeout = s_timeout };
        try
        {
            using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return response.IsSuccessStatusCode ? null : $"answered with status {(int)response.StatusCode}";
        }
        catch (HttpRequestException e)
        {
            return $"can't be reached: {e.Message}";
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"gave no answer within {s_timeout.TotalSeconds:0} s";
        }
    }

    /// <summary>A listener's address as one to ask: every address is asked at loopback.</summary>
    internal static bool TryGetAddress(string listener, out Uri address)
    {
        var asked = listener
            .Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://+", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://[::]", "://[::1]", StringComparison.Ordinal);
        address = null!;
        if (!Uri.TryCreate(asked, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https")) return false;
        address = new Uri(parsed, "/health/live");
        return true;
    }
}
