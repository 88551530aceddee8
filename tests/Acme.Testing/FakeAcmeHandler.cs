using System.Net;
using System.Net.Http.Headers;

namespace Acme.Testing;

/// <summary>Carries requests to a <see cref="FakeAcmeServer"/> without a network.</summary>
public sealed class FakeAcmeHandler(FakeAcmeServer server) : HttpMessageHandler
{
    private readonly TaskCompletionSource _hanging = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a request hangs.</summary>
    public Task Hanging => _hanging.Task;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Task.Yield(); // as a network would
        var headers = request.Headers.NonValidated.Concat(request.Content?.Headers.NonValidated ?? default)
            .ToDictionary(static one => one.Key, static one => string.Join(", ", one.Value), StringComparer.OrdinalIgnoreCase);
        var answer = server.Handle(new FakeRequest
        {
            Method = request.Method.Method,
            Url = request.RequestUri!,
            Headers = headers,
            Body = request.Content is { } content ? await content.ReadAsByteArrayAsync(cancellationToken) : [],
        });
        if (answer.Fault == WireFault.Reset)
            throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection reset by peer");
        if (answer.Fault == WireFault.Hang)
        {
            _hanging.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        var response = new HttpResponseMessage((HttpStatusCode)answer.Status) { RequestMessage = request };
        response.Content = answer.Fault switch
        {
            WireFault.Truncated => new StreamContent(new BrokenStream(answer.Body, null)),
            WireFault.HangInBody => new StreamContent(new BrokenStream(answer.Body, _hanging)),
            _ => new ByteArrayContent(answer.Body),
        };
        if (answer.ContentType is { } type) response.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        foreach (var (name, value) in answer.Headers) response.Headers.TryAddWithoutValidation(name, value);
        return response;
    }

    // Gives what it has, then breaks or waits for ever.
    private sealed class BrokenStream(byte[] start, TaskCompletionSource? hanging) : MemoryStream(start)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position < Length) return await base.ReadAsync(buffer, cancellationToken);
            if (hanging is null) throw new HttpIOException(HttpRequestError.ResponseEnded, "The response ended prematurely.");
            hanging.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return 0;
        }
    }
}
