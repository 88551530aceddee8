using System.Net.Http.Headers;

namespace Acme;

/// <summary>A request to sign and send.</summary>
/// <param name="Operation">The name in the directory or the RFC, for messages.</param>
/// <param name="Url">The destination.</param>
/// <param name="Payload">Empty for POST-as-GET.</param>
/// <param name="Key">The signing key.</param>
/// <param name="Kid">The account's URL; null to send the public key instead.</param>
/// <param name="Accept">The media type to request; null for the server's choice.</param>
internal sealed record AcmeRequest(string Operation, Uri Url, ReadOnlyMemory<byte> Payload, AcmeKey Key, Uri? Kid, string? Accept);

/// <summary>
/// The transport of RFC 8555 §6: signatures, nonces, problems, limits. Thread-safe. It repeats a request only after <c>badNonce</c>;
/// other retries are the caller's decision.
/// </summary>
internal sealed class AcmeTransport : IDisposable
{
    /// <summary>The limit for one response. The longest real ones, chains and orders with 100 names, have about 10 kB.</summary>
    public const int MaxResponseBytes = 256 * 1024;

    private static readonly MediaTypeHeaderValue s_jose = new("application/jose+json"); // servers refuse a charset

    private readonly AcmeClientOptions _options;
    private readonly SocketsHttpHandler? _handler;
    private readonly HttpMessageInvoker _invoker;
    private readonly NoncePool _nonces;

    public AcmeTransport(AcmeClientOptions options)
    {
        _options = options;
        _handler = options.Handler is null ? AcmeHandler.Create(options) : null;
        _invoker = new HttpMessageInvoker(options.Handler ?? _handler!, disposeHandler: false);
        _nonces = new NoncePool(options.TimeProvider);
    }

    /// <summary>Sends a GET without a signature, for the directory and renewal information.</summary>
    public async Task<AcmeResponse> GetAsync(string operation, Uri url, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        var response = await SendAsync(operation, request, cancellationToken).ConfigureAwait(false);
        _nonces.Add(response.Nonce);
        return response.IsSuccess ? response : throw response.Refusal();
    }

    /// <summary>Sends a POST, repeated with a fresh nonce after <c>badNonce</c>. RFC 8555 §6.5.</summary>
    public async Task<AcmeResponse> PostAsync(AcmeRequest request, Uri newNonce, CancellationToken cancellationToken)
    {
        string? nonce = null;
        for (var retries = 0; ; retries++)
        {
            nonce ??= _nonces.Take() ?? await NewNonceAsync(newNonce, cancellationToken).ConfigureAwait(false);
            var response = await PostAsync(request, nonce, cancellationToken).ConfigureAwait(false);
            if (response.IsSuccess)
            {
                _nonces.Add(response.Nonce);
                return response;
            }

            var refusal = response.Refusal();
            if (refusal.ErrorType != AcmeErrorType.BadNonce || retries >= _options.MaxBadNonceRetries)
            {
                _nonces.Add(response.Nonce);
                throw refusal;
            }

            nonce = NoncePool.IsNonce(response.Nonce) ? response.Nonce : null;
        }
    }

    public void Dispose()
    {
        _invoker.Dispose();
        _handler?.Dispose();
    }

    private async Task<AcmeResponse> PostAsync(AcmeRequest request, string nonce, CancellationToken cancellationToken)
    {
        var body = Jws.Sign(request.Key, request.Kid?.OriginalString, nonce, request.Url.AbsoluteUri, request.Payload.Span);
        using var message = new HttpRequestMessage(HttpMethod.Post, request.Url) { Content = new ByteArrayContent(body) };
        message.Content.Headers.ContentType = s_jose;
        if (request.Accept is { } accept)
            message.Headers.TryAddWithoutValidation("Accept", accept);
        return await SendAsync(request.Operation, message, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> NewNonceAsync(Uri url, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, url);
        var response = await SendAsync("newNonce", request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccess)
            throw response.Refusal();
        return NoncePool.IsNonce(response.Nonce) ? response.Nonce! : throw response.Invalid("no Replay-Nonce");
    }

    private async Task<AcmeResponse> SendAsync(string name, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        request.Headers.TryAddWithoutValidation("User-Agent", _options.UserAgent);
        request.Headers.TryAddWithoutValidation("Accept-Language", "en"); // RFC 8555 §6.1: the language of problem documents
        var operation = $"{name} at {request.RequestUri!.Authority}";
        using var timeout = new CancellationTokenSource(_options.Timeout, _options.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var response = await _invoker.SendAsync(request, linked.Token).ConfigureAwait(false);
            return await ReadAsync(operation, request, response, linked.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw timeout.IsCancellationRequested
                ? new AcmeException(AcmeFailure.Timeout, $"{operation} was not answered within {_options.Timeout.TotalSeconds:0.###} s.", e)
                : Translate(operation, e);
        }
    }

    private async Task<AcmeResponse> ReadAsync(
        string operation, HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        AcmeResponse Answer(ReadOnlyMemory<byte> body) => new(
            operation, (int)response.StatusCode, request.RequestUri!, response.Content.Headers.ContentType?.MediaType, body,
            LocationText: First(response, "Location"),
            Nonce: First(response, "Replay-Nonce"),
            // By the server's clock (RFC 9110 §6.6.1), since this machine's may be wrong.
            RetryAfter.Parse(
                First(response, "Retry-After"), RetryAfter.ParseDate(First(response, "Date")) ?? _options.TimeProvider.GetUtcNow()),
            Links: response.Headers.NonValidated.TryGetValues("Link", out var links) ? [.. links] : []);

        var buffer = new byte[Math.Min(response.Content.Headers.ContentLength ?? 4096, MaxResponseBytes) + 1];
        var length = 0;
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            while (true)
            {
                length += await stream.ReadAtLeastAsync(buffer.AsMemory(length), buffer.Length - length, false, cancellationToken)
                    .ConfigureAwait(false);
                if (length < buffer.Length)
                    return Answer(buffer.AsMemory(0, length));
                if (length > MaxResponseBytes)
                    throw Answer(default).Invalid($"more than {MaxResponseBytes} bytes");
                Array.Resize(ref buffer, Math.Min(2 * buffer.Length, MaxResponseBytes + 1));
            }
        }
    }

    private static string? First(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static AcmeException Translate(string operation, Exception exception)
    {
        var error = exception switch
        {
            HttpRequestException e => e.HttpRequestError,
            HttpIOException e => e.HttpRequestError,
            _ => HttpRequestError.Unknown,
        };
        var innermost = exception.GetBaseException().Message;
        var (failure, what) = error switch
        {
            HttpRequestError.SecureConnectionError => (AcmeFailure.Tls, $"failed in the TLS handshake: {innermost}"),
            HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.HttpProtocolError =>
                (AcmeFailure.InvalidResponse, $"was answered with something other than HTTP: {innermost}"),
            HttpRequestError.NameResolutionError => (AcmeFailure.Network, $"failed: the name has no address in DNS ({innermost})"),
            _ => (AcmeFailure.Network, $"failed: {innermost}"),
        };
        return new AcmeException(failure, $"{operation} {what}", exception);
    }
}
