using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;
using MtaStsHost.Http;
using MtaStsHost.Serving;

namespace MtaStsHost.Traefik;

/// <summary>
/// <c>GET /traefik</c>: dynamic configuration for Traefik's HTTP provider, which asks every few seconds and sends no validator (no
/// If-None-Match): ready bytes, made once for what is served.
/// </summary>
internal sealed partial class TraefikEndpoint(LiveConfiguration configuration, ServedPolicies policies, ILogger<TraefikEndpoint> log)
{
    /// <summary>As many addresses as several Traefiks reach this host by; one alone is usual.</summary>
    private const int MaxUrls = 4;

    private static readonly ReadOnlyMemory<byte> s_noService = Encoding.ASCII.GetBytes(
        "No listener without TLS can be reached by the address that this request came in on. Set Traefik:ServiceUrl to the URL under "
            + "which Traefik reaches the Http listener, such as http://mtastshost:8080\n");

    /// <summary>Weak: an answer goes with its snapshot, also when Traefik never asks again.</summary>
    private readonly ConditionalWeakTable<PolicySnapshot, ConcurrentDictionary<string, ReadOnlyMemory<byte>>> _answers = [];

    private long _reported;

    public Task HandleAsync(HttpContext context)
    {
        var state = configuration.Current;
        var settings = state.Settings;
        var url = settings.Traefik.ServiceUrl ?? ServiceAddress.Find(settings.Endpoints, context.Connection.LocalIpAddress);
        if (url is null)
        {
            // Traefik logs the status and nothing of the answer.
            if (Interlocked.Exchange(ref _reported, state.Good) != state.Good) NoService();
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return PlainAnswers.WriteAsync(context, s_noService);
        }

        // A configuration has a snapshot of its own, even where no domain changed.
        var body = AnswerOf(policies.Current, settings.Traefik, url);
        return PlainAnswers.WriteAsync(context, body, "application/json");
    }

    internal ReadOnlyMemory<byte> AnswerOf(PolicySnapshot snapshot, TraefikSettings settings, string url)
    {
        var answers = _answers.GetOrCreateValue(snapshot);
        if (answers.TryGetValue(url, out var answer)) return answer;
        if (answers.Count >= MaxUrls) answers.Clear();
        return answers.GetOrAdd(url, DynamicConfiguration.Write(snapshot, settings, url));
    }

    [LoggerMessage(1600, LogLevel.Warning,
        "/traefik was asked for, and no listener without TLS can be reached by the address that the request came in on; set "
        + "Traefik:ServiceUrl to the URL under which Traefik reaches the Http listener, such as http://mtastshost:8080")]
    private partial void NoService();
}
