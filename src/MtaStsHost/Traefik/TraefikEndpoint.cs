using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MtaStsHost.Configuration;
using MtaStsHost.Hosting;
using MtaStsHost.Http;
using MtaStsHost.Runtime;
using MtaStsHost.Serving;

namespace MtaStsHost.Traefik;

/// <summary>
/// <c>GET /traefik</c>: dynamic configuration for Traefik's HTTP provider, which polls every few seconds without If-None-Match. The bytes
/// are made once per snapshot.
/// </summary>
internal sealed partial class TraefikEndpoint(LiveConfiguration configuration, ServedPolicies policies, ILogger<TraefikEndpoint> log)
{
    /// <summary>Of this machine, at which several instances of Traefik reach it; usually one.</summary>
    private const int MaxUrls = 4;

    private static readonly ReadOnlyMemory<byte> s_noService = Encoding.ASCII.GetBytes(
        "No listener without TLS can be reached at the address that this request came in on. Set Traefik:ServiceUrl to the URL at "
            + "which Traefik reaches the Http listener, such as http://mtastshost:8080\n");

    /// <summary>Weak, so that an answer disappears with its snapshot.</summary>
    private readonly ConditionalWeakTable<PolicySnapshot, ConcurrentDictionary<string, ReadOnlyMemory<byte>>> _answers = [];

    private readonly LastValue<long> _reported = new(0);

    public Task HandleAsync(HttpContext context)
    {
        var state = configuration.Current;
        var settings = state.Settings;
        var url = settings.Traefik.ServiceUrl ?? ServiceAddress.Find(settings.Endpoints, context.Connection.LocalIpAddress);
        if (url is null)
        {
            // Traefik logs only the status of the answer.
            if (_reported.Set(state.Good)) NoService();
            return PlainAnswers.RefuseAsync(context, StatusCodes.Status404NotFound, s_noService);
        }

        // Every configuration has a snapshot of its own, even if no domain changed.
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
        "/traefik was requested, but no listener without TLS can be reached at the address that the request came in on")]
    private partial void NoService();
}
