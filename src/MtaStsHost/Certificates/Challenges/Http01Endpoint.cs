using Acme;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Http;

namespace MtaStsHost.Certificates.Challenges;

/// <summary><c>/.well-known/acme-challenge/{token}</c>, RFC 8555 §8.3: the key authorization while that challenge is open, otherwise
/// 404.</summary>
internal sealed class Http01Endpoint(OpenChallenges open, StoredChallenges stored, SelfCheck self, IPolicyHosts hosts)
{
    public const string Path = Challenge.Http01Path;

    public Task HandleAsync(HttpContext context)
    {
        var token = context.Request.Path.Value![Path.Length..];
        var host = HostHeader.Name(context.Request.Headers.Host.ToString()).ToString();
        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        // Tokens are base64url, and validation requests name only policy hosts.
        if (!isRead || !Challenge.IsToken(token) || !hosts.Contains(host)) return PlainAnswers.NotFoundAsync(context);
        if (token == self.Token) return AnswerAsync(context, self.Answer);
        return open.FindHttp01(host, token) is { } answer ? AnswerAsync(context, answer) : FindStoredAsync(context, host, token);
    }

    private async Task FindStoredAsync(HttpContext context, string host, string token)
    {
        var answer = await stored.RefreshAsync(context.RequestAborted) ? open.FindHttp01(host, token) : null;
        await (answer is null ? PlainAnswers.NotFoundAsync(context) : AnswerAsync(context, answer));
    }

    private static Task AnswerAsync(HttpContext context, string answer) =>
        PlainAnswers.WriteAsync(context, Encoding.ASCII.GetBytes(answer));
}
