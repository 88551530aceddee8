using System.Net;
using Microsoft.Extensions.Primitives;
using MtaStsHost.Http;
using MtaStsHost.Network;
using MtaStsHost.Runtime;
using MtaStsHost.Text;

namespace MtaStsHost.Serving;

/// <summary>
/// <c>GET /.well-known/mta-sts.txt</c>, RFC 8461 §3.3: one look-up by Host, then ready bytes. Nothing is negotiated, redirected or
/// compressed, since senders follow and unpack nothing.
/// </summary>
internal sealed class PolicyEndpoint(
    ServedPolicies policies, CurrentSenderAddress sender, RequestStatistics statistics, TimeProvider time, PolicyLog log)
{
    public const string Path = "/.well-known/mta-sts.txt";

    /// <summary>A Host or a user agent is as long as a stranger likes; the log takes the beginning.</summary>
    private const int MaxLogged = 200;

    private static readonly StringValues s_plainText = "text/plain";
    private static readonly StringValues s_noCache = "no-cache";
    private static readonly StringValues s_allow = "GET, HEAD";

    public Task HandleAsync(HttpContext context)
    {
        var host = context.Request.Headers.Host.ToString();
        var isKnown = policies.Current.TryFind(HostHeader.Name(host), out var policy);
        var isGet = HttpMethods.IsGet(context.Request.Method);
        if (!isGet && !HttpMethods.IsHead(context.Request.Method)) return MethodNotAllowedAsync(context, policy);
        if (!isKnown)
        {
            statistics.CountUnknownHost();
            if (log.IsEnabled) log.UnknownHost(Printable.Text(host, MaxLogged), Sender(context), UserAgent(context));
            return PlainAnswers.NotFoundAsync(context);
        }

        var isSender = !context.Request.Headers.UserAgent.ToString().StartsWith(ServiceVersion.UserAgentName, StringComparison.Ordinal);
        if (isSender) Count(context, policy!);
        var response = context.Response;
        response.Headers.ContentType = s_plainText;
        response.Headers.CacheControl = s_noCache;
        response.ContentLength = policy!.Body.Length;
        if (isSender && log.IsEnabled) log.Fetched(policy.Domain.Value, StatusCodes.Status200OK, Sender(context), UserAgent(context));
        // Without RequestAborted: the first look at it makes a source of it, and a write to a connection that is gone ends by itself.
        return isGet ? response.BodyWriter.WriteAsync(policy.Body).GetAsTask() : Task.CompletedTask;
    }

    private void Count(HttpContext context, ServedPolicy policy)
    {
        var (now, address) = (time.GetUtcNow().ToUnixTimeSeconds(), Sender(context));
        policy.Statistics.CountServed(now);
        // A proxy's word for https was taken with the address.
        if (context.Request.IsHttps && address is not null
            && !LocalNetworks.Contain(address)) policy.Statistics.NoteFromOutside(address.AddressFamily, now);
    }

    private Task MethodNotAllowedAsync(HttpContext context, ServedPolicy? policy)
    {
        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = s_allow;
        if (policy is not null)
        {
            policy.Statistics.CountMethodNotAllowed();
            if (log.IsEnabled) log.Fetched(policy.Domain.Value, StatusCodes.Status405MethodNotAllowed, Sender(context), UserAgent(context));
        }

        return PlainAnswers.WriteAsync(context, PlainAnswers.MethodNotAllowed);
    }

    private IPAddress? Sender(HttpContext context) => sender.Current.Of(context);

    // Printable here, not only in the text format: JSON leaves C1 controls and bidirectional overrides as they are.
    private static string UserAgent(HttpContext context) => Printable.Text(context.Request.Headers.UserAgent.ToString(), MaxLogged);
}
