using System.IO.Pipelines;
using Microsoft.Extensions.Primitives;

namespace MtaStsHost.Http;

/// <summary>Answers with a length. No text of ours has a colon: senders that ignore the status (Stalwart) must not read a policy in it.
/// </summary>
internal static class PlainAnswers
{
    private static readonly ReadOnlyMemory<byte> s_methodNotAllowed = "Method not allowed\n"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> s_notFound = "Not found\n"u8.ToArray();
    private static readonly StringValues s_allow = "GET, HEAD";

    public static Task NotFoundAsync(HttpContext context) => RefuseAsync(context, StatusCodes.Status404NotFound, s_notFound);

    public static Task MethodNotAllowedAsync(HttpContext context)
    {
        context.Response.Headers.Allow = s_allow;
        return RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, s_methodNotAllowed);
    }

    public static Task RefuseAsync(HttpContext context, int status, ReadOnlyMemory<byte> reason)
    {
        context.Response.StatusCode = status;
        return WriteAsync(context, reason);
    }

    public static Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> body, string contentType = "text/plain")
    {
        var response = context.Response;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.BodyWriter.WriteAsync(body, context.RequestAborted).GetAsTask();
    }

    /// <summary>A task of the writer's result, without an allocation if it has completed.</summary>
    public static Task GetAsTask(this ValueTask<FlushResult> flush)
    {
        if (!flush.IsCompletedSuccessfully) return flush.AsTask();
        // Taking a value task's result returns its source to the pool.
        _ = flush.Result;
        return Task.CompletedTask;
    }
}
