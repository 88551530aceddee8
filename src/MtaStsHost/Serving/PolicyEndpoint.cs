using Microsoft.Extensions.Primitives;
using MtaStsHost.Http;
using MtaStsHost.Network;
using MtaStsHost.Runtime;

namespace MtaStsHost.Serving;

/// <summary>
/// <c>GET /.well-known/mta-sts.txt</c>, RFC 8461 §3.3: one look-up by Host, then ready-made bytes. Nothing is negotiated, redirected or
/// compressed, since senders follow no redirect and decompress nothing.
/// </summary>
internal sealed class PolicyEndpoint(ServedPolicies policies, SenderAddress sender, TimeProvider time, PolicyLog log)
{
    public const string Path = "/.well-known/mta-sts.txt";

    /// <summary>The client chooses how long its Host and user agent are; the log takes the beginning.</summary>
    private const int MaxLogged = 200;

    private static readonly StringValues s_plainText = "text/plain";
    private static readonly StringValues s_noCache = "no-cache";

    private long _unknownHost;

    /// <summary>Requests for hosts that are not served: one number, so that the Host headers of unknown clients can't grow a metric.
    /// </summary>
    public long UnknownHost => Interlocked.Read(ref _unknownHost);

    public Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        var host = request.Headers.Host.ToString();
        var isKnown = policies.WithStatistics.TryFind(HostHeader.Name(host), out var served);
        var isGet = HttpMethods.IsGet(request.Method);
        var address = sender.Of(context);
        if (!isGet && !HttpMethods.IsHead(request.Method)) return MethodNotAllowedAsync(context, isKnown ? served : null, address);
        if (!isKnown)
        {
            Interlocked.Increment(ref _unknownHost);
            if (log.IsEnabled) log.UnknownHost(Printable.Text(host, MaxLogged), address, UserAgent(context));
            return PlainAnswers.NotFoundAsync(context);
        }

        var policy = served.Policy;
        if (!request.Headers.UserAgent.ToString().StartsWith(ServiceVersion.UserAgentName, StringComparison.Ordinal))
        {
            Count(served.Statistics, address, request.IsHttps);
            if (log.IsEnabled) log.Fetched(policy.Domain.Value, StatusCodes.Status200OK, address, UserAgent(context));
        }

        var response = context.Response;
        response.Headers.ContentType = s_plainText;
        response.Headers.CacheControl = s_noCache;
        response.ContentLength = policy.Body.Length;
        // Without RequestAborted: its getter allocates a source, and a write to a connection that is gone ends by itself.
        return isGet ? response.BodyWriter.WriteAsync(policy.Body).GetAsTask() : Task.CompletedTask;
    }

    /// <param name="isHttps">A proxy's word for it was believed together with its word for the address.</param>
    private void Count(HostStatistics counts, IPAddress? address, bool isHttps)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        counts.CountServed(now);
        if (isHttps && address is not null && !LocalNetworks.Contain(address)) counts.NoteFromOutside(address.AddressFamily, now);
    }

    private Task MethodNotAllowedAsync(HttpContext context, ServedHost? served, IPAddress? address)
    {
        if (served is var (policy, counts))
        {
            counts.CountMethodNotAllowed();
            if (log.IsEnabled) log.Fetched(policy.Domain.Value, StatusCodes.Status405MethodNotAllowed, address, UserAgent(context));
        }

        return PlainAnswers.MethodNotAllowedAsync(context);
    }

    // Printable here, not only in the text format: JSON leaves C1 controls and bidirectional overrides as they are.
    private static string UserAgent(HttpContext context) => Printable.Text(context.Request.Headers.UserAgent.ToString(), MaxLogged);
}
