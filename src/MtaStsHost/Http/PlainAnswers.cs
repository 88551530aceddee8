
namespace MtaStsHost.Http;

/// <summary>
/// Short <c>text/plain</c> answers. None has a colon: a sender that doesn't look at the status (Stalwart) must not read a policy
/// in them.
/// </summary>
internal static class PlainAnswers
{
    public static readonly ReadOnlyMemory<byte> NotFound = "Not found\n"u8.ToArray();
    public static readonly ReadOnlyMemory<byte> MethodNotAllowed = "Method not allowed\n"u8.ToArray();

    public static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return WriteAsync(context, NotFound);
    }

    public static Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        response.ContentType = "text/plain";
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.BodyWriter.WriteAsync(body, context.RequestAborted).GetAsTask();
    }

    /// <summary>A task of the writer's result, without an allocation where it is there already.</summary>
    public static Task GetAsTask(this ValueTask<System.IO.Pipelines.FlushResult> flush) =>
        flush.IsCompletedSuccessfully ? Complete(flush) : flush.AsTask();

    private static Task Complete(ValueTask<System.IO.Pipelines.FlushResult> flush)
    {
        // A value task's result must be taken, or its source is not given back.
        _ = flush.Result;
        return Task.CompletedTask;
    }
}
