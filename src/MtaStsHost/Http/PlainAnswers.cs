using System.IO.Pipelines;

namespace MtaStsHost.Http;

/// <summary>Answers with a length. No text of ours has a colon: senders that ignore the status (Stalwart) must not read a policy in it.
/// </summary>
internal static class PlainAnswers
{
    public static readonly ReadOnlyMemory<byte> MethodNotAllowed = "Method not allowed\n"u8.ToArray();

    private static readonly ReadOnlyMemory<byte> s_notFound = "Not found\n"u8.ToArray();

    public static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return WriteAsync(context, s_notFound);
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
    public static Task GetAsTask(this ValueTask<FlushResult> flush) =>
        flush.IsCompletedSuccessfully ? Complete(flush) : flush.AsTask();

    private static Task Complete(ValueTask<FlushResult> flush)
    {
        // Taking a value task's result returns its source to the pool.
        _ = flush.Result;
        return Task.CompletedTask;
    }
}
