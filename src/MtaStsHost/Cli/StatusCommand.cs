using System.CommandLine;
using MtaStsHost.Management.Health;

namespace MtaStsHost.Cli;

/// <summary><c>status</c>: prints what <c>/health</c> of the running service reports.</summary>
internal static class StatusCommand
{
    /// <summary>A report of 100,000 domains takes some seconds.</summary>
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(60);

    public static Command Create(CliContext context)
    {
        var domain = new Argument<string?>("DOMAIN")
        {
            Description = "A mail domain; all if none is given.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var (url, json) = (ManagementClient.Url(), CliOptions.Json("Print JSON, as /health answers it."));
        var command = new Verb("status", "Prints what /health of the running service reports; exits with 0 if that is Healthy.",
            "MtaStsHost status",
            "MtaStsHost status example.com",
            "MtaStsHost status --json --url http://127.0.0.1:9090") { domain, url, json };
        command.SetAction(async (parsed, cancellation) => ManagementClient.Find(context, parsed, url) is { } listener
            ? await RunAsync(listener, parsed.GetValue(domain), parsed.GetValue(json), cancellation) : ExitCode.Usage);
        return command;
    }

    private static async Task<int> RunAsync(Uri listener, string? domain, bool json, CancellationToken cancellationToken)
    {
        var query = domain is null ? $"pageSize={int.MaxValue}" : $"domain={Uri.EscapeDataString(domain)}";
        var address = new Uri(listener, $"/health?{query}");
        StatusReport? report = null;
        var error = await Waiting.ForAsync(
            $"waiting for {listener}", ManagementClient.AskAsync(address, ReadAsync, s_timeout, cancellationToken));
        if (error is not null)
        {
            CliOutput.Error(address.GetLeftPart(UriPartial.Path), error, "check the service's log, and --url");
            return ExitCode.Failed;
        }

        if (report is null || (domain is not null && report.Domains.Count == 0))
        {
            CliOutput.Error(domain!, "is not served", "check the spelling; MtaStsHost status lists all domains");
            return ExitCode.Failed;
        }

        if (!json) Write(report);
        return (domain is null ? report.Status : report.Domains[0].Status) == HealthState.Healthy ? ExitCode.Good : ExitCode.Failed;

        async Task<string?> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
        {
            if (response.StatusCode == HttpStatusCode.NotFound && domain is not null) return null;
            // 503: Unhealthy, with a report.
            if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable))
                return $"answered with HTTP status {(int)response.StatusCode}";
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellation);
            try
            {
                report = JsonSerializer.Deserialize(bytes, StatusJson.Default.StatusReport);
            }
            catch (JsonException)
            {
                return "did not answer with a report";
            }

            if (json) await Console.Out.WriteLineAsync(Encoding.UTF8.GetString(bytes).TrimEnd().AsMemory(), cancellation);
            return report is null ? "did not answer with a report" : null;
        }
    }

    private static void Write(StatusReport report)
    {
        var count = report.Configuration.Domains;
        var domains = count == 1 ? "1 domain" : $"{count} domains";
        Console.Out.WriteLine($"{report.Status}: MtaStsHost {Printable.Text(report.Version)}, configuration of "
            + $"{report.Configuration.LoadedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z with {domains}");
        foreach (var (about, error) in (ReadOnlySpan<(string, string?)>)[
            ("the last change of the configuration is not active", report.Configuration.LastError),
            ("the store can't be used", report.Storage.LastError)])
        {
            if (error is null) continue;
            Console.Out.WriteLine($"{about}:");
            foreach (var line in error.Split('\n')) Console.Out.WriteLine($"  {Printable.Text(line, 1000)}");
        }

        if (report.Domains.Count == 0) return;
        CliOutput.Table(["domain", "status", "mode", "id", "certificate", "problems"], report.Domains.Select(Row));
        foreach (var domain in report.Domains)
        {
            foreach (var problem in domain.Problems)
            {
                Console.Out.WriteLine(
                    $"{domain.Domain}: {problem.Severity} {problem.Code}: {Printable.Text(problem.Message, 1000)}");
                if (problem.Fix.Length > 0) Console.Out.WriteLine($"  → {Printable.Text(problem.Fix, 1000)}");
            }
        }
    }

    private static string[] Row(DomainHealth domain) =>
    [
        Printable.Text(domain.Domain, 300), domain.Status.ToString(), Printable.Text(domain.Policy.Mode), Printable.Text(domain.Id),
        Printable.Text(domain.Certificate.State), domain.Problems.Count.ToString(CultureInfo.InvariantCulture),
    ];
}

/// <summary><see cref="HealthReport"/> as a client reads it.</summary>
internal sealed record StatusReport(HealthState Status, string Version,
    ConfigurationHealth Configuration, StorageHealth Storage, IReadOnlyList<DomainHealth> Domains);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, Converters = [typeof(UtcSecondsConverter)])]
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class StatusJson : JsonSerializerContext;
