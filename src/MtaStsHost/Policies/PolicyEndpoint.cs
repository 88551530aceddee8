using System.Net;
using Microsoft.Extensions.Primitives;
using MtaStsHost.Hosting;

namespace MtaStsHost.Policies;

/// <summary>
/// <c>GET /.well-known/mta-sts.txt</c>, RFC 8461 §3.3: one look-up by Host, then ready bytes. Nothing is negotiated, redirected or
/// compressed, since senders follow and unpack nothing.
/// </summary>
internal sealed class PolicyEndpoint(
    PolicyHost policies, LiveConfiguration configuration, RequestStatistics statistics, TimeProvider time, PolicyLog log)
{
    public const string Path = "/.well-known/mta-sts.txt";

    /// <summary>A user agent is as long as a stranger likes; the log takes the beginning.</summary>
    private const int MaxUserAgent = 200;

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
            if (log.IsEnabled) log.UnknownHost(host, Sender(context), UserAgent(request));
            return PlainAnswers.NotFoundAsync(context);
        }

        response.Headers.ContentType = s_plainText;
        var isGet = HttpMethods.IsGet(request.Method);
        if (!isGet && !HttpMethods.IsHead(request.Method))
        {
            policy.Statistics.CountMethodNotAllowed();
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = s_allow;
            if (log.IsEnabled) log.Fetched(policy.Domain.Value, response.StatusCode, Sender(context), UserAgent(request));
            return PlainAnswers.WriteAsync(context, PlainAnswers.MethodNotAllowed);
        }

        policy.Statistics.CountServed(time.GetUtcNow().ToUnixTimeSeconds());
        response.Headers.CacheControl = s_noCache;
        response.ContentLength = policy.Body.Length;
        if (log.IsEnabled) log.Fetched(policy.Domain.Value, StatusCodes.Status200OK, Sender(context), UserAgent(request));
        // Without RequestAborted: the first look at it makes a source of it, and a write to a connection that is gone ends by itself.
        return isGet ? response.BodyWriter.WriteAsync(policy.Body).GetAsTask() : Task.CompletedTask;
    }

    private IPAddress? Sender(HttpContext context) => configuration.Current.Settings.SenderAddress.Of(context);

    private static string UserAgent(HttpRequest request)
    {
        var agent = request.Headers.UserAgent.ToString();
        return agent.Length <= MaxUserAgent ? agent : Printable.Text(agent, MaxUserAgent);
    }
}
