using System.Net;
using Microsoft.Extensions.Primitives;
using MtaStsHost.Hosting;

namespace MtaStsHost.Policies;

/// <summary>
/// <c>GET /.well-known/mta-sts.txt</c>, RFC 8461 §3.3: one look-up by Host, then ready bytes. Nothing is negotiated, redirected or
/// compressed, since senders follow and unpack nothing.
/// </summary>
internal sealed partial class PolicyEndpoint(
    PolicyHost policies, LiveConfiguration configuration, RequestStatistics statistics, TimeProvider time, ILogger<PolicyEndpoint> log)
{
    public const string Path = "/.well-known/mta-sts.txt";

    /// <summary>Headers are as long as a stranger likes; the log takes the beginning.</summary>
    private const int MaxLogged = 256;

    private static readonly StringValues s_plainText = "text/plain";
    private static readonly StringValues s_noCache = "no-cache";
    private static readonly StringValues s_allow = "GET, HEAD";

    public Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        var response = context.Response;
        var host = request.Headers.Host.ToString();
        if (!policies.Current.TryFind(HostHeader.Name(host), out var policy))
        {
            statistics.CountUnknownHost();
            if (log.IsEnabled(LogLevel.Information)) UnknownHost(Printable.Text(host, MaxLogged), Sender(context), UserAgent(request));
            return PlainAnswers.NotFoundAsync(context);
        }

        response.Headers.ContentType = s_plainText;
        var isGet = HttpMethods.IsGet(request.Method);
        if (!isGet && !HttpMethods.IsHead(request.Method))
        {
            policy.Statistics.CountMethodNotAllowed();
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = s_allow;
            if (log.IsEnabled(LogLevel.Information)) Fetched(policy.Domain.Value, response.StatusCode, Sender(context), UserAgent(request));
            return PlainAnswers.WriteAsync(context, PlainAnswers.MethodNotAllowed);
        }

        policy.Statistics.CountServed(time.GetUtcNow().ToUnixTimeSeconds());
        response.Headers.CacheControl = s_noCache;
        response.ContentLength = policy.Body.Length;
        if (log.IsEnabled(LogLevel.Information)) Fetched(policy.Domain.Value, StatusCodes.Status200OK, Sender(context), UserAgent(request));
        return isGet ? response.BodyWriter.WriteAsync(policy.Body, context.RequestAborted).GetAsTask() : Task.CompletedTask;
    }

    private IPAddress? Sender(HttpContext context) => configuration.Current.Settings.SenderAddress.Of(context);

    // Printable here, not only in the text format: JSON leaves C1 controls and bidirectional overrides as they are.
    private static string UserAgent(HttpRequest request) => Printable.Text(request.Headers.UserAgent.ToString(), MaxLogged);

    [LoggerMessage(1200, LogLevel.Information, "Policy of {Domain} asked for: {Status} to {Sender} ({UserAgent})")]
    private partial void Fetched(string domain, int status, IPAddress? sender, string userAgent);

    [LoggerMessage(1201, LogLevel.Information, "Policy of unknown host {Host} asked for: 404 to {Sender} ({UserAgent})")]
    private partial void UnknownHost(string host, IPAddress? sender, string userAgent);
}
