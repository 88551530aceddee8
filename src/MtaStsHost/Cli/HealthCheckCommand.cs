using System.CommandLine;

namespace MtaStsHost.Cli;

/// <summary>
/// <c>healthcheck</c>: asks the running service whether it is alive. Of the configuration it reads only the listener: after a bad edit
/// the last good configuration stays active, and the container must not be killed.
/// </summary>
internal static class HealthCheckCommand
{
    private const string Alive = "Healthy";

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    public static Command Create(CliContext context)
    {
        var url = ManagementClient.Url();
        var json = CliOptions.Json();
        var command = new Verb("healthcheck", "Queries /health/live of the running service; exits with 0 if it is alive, otherwise with 1.",
            "MtaStsHost healthcheck",
            "MtaStsHost healthcheck --url http://127.0.0.1:9090") { url, json };
        command.SetAction(async (parsed, cancellation) => ManagementClient.Find(context, parsed, url) is { } listener
            ? await RunAsync(new Uri(listener, "/health/live"), parsed.GetValue(json), cancellation) : ExitCode.Usage);
        return command;
    }

    private static async Task<int> RunAsync(Uri address, bool json, CancellationToken cancellationToken)
    {
        var error = await ManagementClient.AskAsync(address, JudgeAsync, s_timeout, cancellationToken);
        if (json) CliOutput.Json(new HealthCheckResult(error is null ? Alive : "Unhealthy", address.ToString()));
        else if (error is null) await Console.Out.WriteLineAsync(Alive);
        if (error is null) return ExitCode.Good;
        CliOutput.Error(address.ToString(), error, "check the service's log");
        return ExitCode.Failed;
    }

    /// <summary>Another program on that port answers 200 to many paths.</summary>
    private static async Task<string?> JudgeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode) return $"answered with HTTP status {(int)response.StatusCode}";
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[Alive.Length + 2];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.ASCII.GetString(buffer, 0, length).Trim() == Alive ? null : "answered, but is not MtaStsHost's management listener";
    }
}

/// <summary>What <c>healthcheck --json</c> prints.</summary>
internal sealed record HealthCheckResult(string Status, string Url);
