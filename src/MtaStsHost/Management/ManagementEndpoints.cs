using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MtaStsHost.Http;
using MtaStsHost.Management.Health;
using MtaStsHost.Management.Metrics;
using MtaStsHost.Traefik;

namespace MtaStsHost.Management;

/// <summary>What the management listener answers. It knows about all domains and is never reached by a Host header.</summary>
internal sealed class ManagementEndpoints(HealthReporter reporter, ServiceMetrics metrics, Readiness readiness, TraefikEndpoint traefik)
{
    private const int DefaultPageSize = 1000;

    private static readonly ReadOnlyMemory<byte> s_healthy = "Healthy\n"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> s_unhealthy = "Unhealthy\n"u8.ToArray();

    public Task HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "GET, HEAD";
            return PlainAnswers.WriteAsync(context, PlainAnswers.MethodNotAllowed);
        }

        context.Response.Headers.CacheControl = "no-store";
        switch (context.Request.Path.Value)
        {
            case "/health":
                return HealthAsync(context);
            case "/health/live":
                return PlainAnswers.WriteAsync(context, s_healthy);
            case "/health/ready":
                if (readiness.IsReady) return PlainAnswers.WriteAsync(context, s_healthy);
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return PlainAnswers.WriteAsync(context, s_unhealthy);
            case "/metrics":
                return metrics.WriteAsync(context);
            case "/traefik":
                return traefik.HandleAsync(context);
            default:
                return PlainAnswers.NotFoundAsync(context);
        }
    }

    public static Task WriteJsonAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask
            : context.Response.BodyWriter.WriteAsync(body, context.RequestAborted).GetAsTask();
    }

    private async Task HealthAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (!TryNumber(query["page"], 1, out var page))
        {
            await BadRequestAsync(context, "page is a whole number from 1\n"u8);
            return;
        }

        if (!TryNumber(query["pageSize"], DefaultPageSize, out var pageSize))
        {
            await BadRequestAsync(context, "pageSize is a whole number from 1\n"u8);
            return;
        }

        var status = query["status"].ToString();
        // Not Enum.TryParse: that one also takes numbers and lists.
        if (status.Length > 0 && !Enum.GetNames<HealthState>().Contains(status, StringComparer.OrdinalIgnoreCase))
        {
            await BadRequestAsync(context, "status is Healthy, Degraded or Unhealthy\n"u8);
            return;
        }

        var domain = query["domain"].ToString();
        var report = reporter.Report(
            domain.Length > 0 ? domain : null, status.Length > 0 ? Enum.Parse<HealthState>(status, ignoreCase: true)
                : null, page, pageSize, context.RequestAborted);
        if (report.Status == HealthState.Unhealthy) context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        if (HttpMethods.IsHead(context.Request.Method)) return;
        // Written as it is made: a report of all domains of a provider is tens of megabytes.
        await JsonSerializer.SerializeAsync(context.Response.Body, report, HealthJson.Plain.HealthReport, context.RequestAborted);
    }

    private static bool TryNumber(string? text, int otherwise, out int number)
    {
        number = otherwise;
        return string.IsNullOrEmpty(text) || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number > 0);
    }

    private static Task BadRequestAsync(HttpContext context, ReadOnlySpan<byte> message)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return PlainAnswers.WriteAsync(context, message.ToArray());
    }
}
