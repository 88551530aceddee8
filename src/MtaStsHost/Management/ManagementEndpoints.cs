using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using MtaStsHost.Http;
using MtaStsHost.Management.Health;
using MtaStsHost.Management.Metrics;
using MtaStsHost.Traefik;

namespace MtaStsHost.Management;

/// <summary>The answers of the management listener, which cover all domains. No Host header reaches it.</summary>
internal sealed class ManagementEndpoints(
    HealthReporter reporter, ServiceMetrics metrics, IHostApplicationLifetime lifetime, TraefikEndpoint traefik)
{
    private const int DefaultPageSize = 1000;

    private static readonly ReadOnlyMemory<byte> s_healthy = "Healthy\n"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> s_unhealthy = "Unhealthy\n"u8.ToArray();

    /// <summary>From when all listeners are open until the service is stopped.</summary>
    internal bool IsReady => lifetime.ApplicationStarted.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested;

    public Task HandleAsync(HttpContext context)
    {
        // Answers about many domains are long, and these clients may be slow.
        context.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
            return PlainAnswers.MethodNotAllowedAsync(context);
        context.Response.Headers.CacheControl = "no-store";
        return context.Request.Path.Value switch
        {
            "/health" => HealthAsync(context),
            "/health/live" => PlainAnswers.WriteAsync(context, s_healthy),
            "/health/ready" => IsReady ? PlainAnswers.WriteAsync(context, s_healthy)
                : PlainAnswers.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, s_unhealthy),
            "/metrics" => metrics.WriteAsync(context),
            "/traefik" => traefik.HandleAsync(context),
            _ => PlainAnswers.NotFoundAsync(context),
        };
    }

    private async Task HealthAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var (domain, status, isPage, isPageSize) = (query["domain"].ToString(), query["status"].ToString(),
            TryNumber(query["page"], 1, out var page), TryNumber(query["pageSize"], DefaultPageSize, out var pageSize));
        // Not Enum.TryParse alone: it also takes numbers and lists.
        var isStatus = status.Length == 0 || Enum.GetNames<HealthState>().Contains(status, StringComparer.OrdinalIgnoreCase);
        if (!isPage || !isPageSize || !isStatus)
        {
            await PlainAnswers.RefuseAsync(context, StatusCodes.Status400BadRequest, Encoding.ASCII.GetBytes(isStatus
                ? $"{(isPage ? "pageSize" : "page")} must be a whole number from 1\n" : "status must be Healthy, Degraded or Unhealthy\n"));
            return;
        }

        if (domain.Length > 0 && !reporter.IsServed(domain))
        {
            await PlainAnswers.RefuseAsync(context, StatusCodes.Status404NotFound,
                Encoding.UTF8.GetBytes($"{Printable.Quote(domain)} is not served here; /health lists all domains\n"));
            return;
        }

        var report = reporter.Report(domain.Length > 0 ? domain : null,
            status.Length > 0 ? Enum.Parse<HealthState>(status, ignoreCase: true) : null, page, pageSize, context.RequestAborted);
        if (report.Status == HealthState.Unhealthy) context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        if (HttpMethods.IsHead(context.Request.Method)) return;
        // Streamed: a report of a provider's 100,000 domains is tens of megabytes.
        await JsonSerializer.SerializeAsync(context.Response.Body, report, HealthJson.Plain.HealthReport, context.RequestAborted);
    }

    private static bool TryNumber(string? text, int otherwise, out int number)
    {
        number = otherwise;
        return string.IsNullOrEmpty(text) || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number > 0);
    }
}
