using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Http;
using MtaStsHost.Management.Health;
using MtaStsHost.Serving;

namespace MtaStsHost;

/// <summary>The answers of the public listeners, by path. Anything else is a 404.</summary>
internal sealed class PublicEndpoints(PolicyEndpoint policies, PublicHealthEndpoint health, Http01Endpoint challenges)
{
    public Task HandleAsync(HttpContext context) => context.Request.Path.Value switch
    {
        PolicyEndpoint.Path => policies.HandleAsync(context),
        PublicHealthEndpoint.Path => health.HandleAsync(context),
        { } path when path.StartsWith(Http01Endpoint.Path, StringComparison.Ordinal) => challenges.HandleAsync(context),
        _ => PlainAnswers.NotFoundAsync(context),
    };
}
