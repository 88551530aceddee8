using MtaStsHost.Http;
using MtaStsHost.Serving;

namespace MtaStsHost.Management.Health;

/// <summary><c>GET /health</c> on the public listeners: only that of the policy host in the Host header.</summary>
internal sealed class PublicHealthEndpoint(ServedPolicies policies, HealthReporter reporter)
{
    public const string Path = "/health";

    public Task HandleAsync(HttpContext context)
    {
        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (!isRead || !policies.Current.TryFind(HostHeader.Name(context.Request.Headers.Host.ToString()), out var policy))
            return PlainAnswers.NotFoundAsync(context);
        context.Response.Headers.CacheControl = "no-store";
        var body = JsonSerializer.SerializeToUtf8Bytes(reporter.Report(policy), HealthJson.Plain.PublicHealth);
        return PlainAnswers.WriteAsync(context, body, "application/json");
    }
}
