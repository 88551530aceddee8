using System.Security.Cryptography.X509Certificates;

namespace MtaSts;

/// <summary>
/// Fetches a domain's policy like a strict sender. RFC 8461 §3.3: HTTPS with SNI, TLS 1.2 or later, a trusted and valid certificate
/// with a DNS-ID for the policy host, status 200, <c>text/plain</c>, no redirect, at most <see cref="Policy.MaxBodyBytes"/> bytes.
/// It uses no proxy, cookie or cache, and downloads neither revocation lists nor missing intermediates. Thread-safe; keeps no state.
/// </summary>
public sealed class PolicyFetcher
{
    private readonly PolicyFetcherOptions _options;

    /// <summary>Creates a fetcher.</summary>
    /// <param name="options">How to reach policy hosts; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time-out is not positive, or the port is not 1 to 65535.</exception>
    public PolicyFetcher(PolicyFetcherOptions? options = null)
    {
        _options = options ?? new PolicyFetcherOptions();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_options.Timeout, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Port, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_options.Port, IPEndPoint.MaxPort, nameof(options));
    }

    /// <summary>What the name of every policy host begins with. RFC 8461 §3.3.</summary>
    public const string HostPrefix = "mta-sts.";

    /// <summary>The policy host of a domain: <see cref="HostPrefix"/> and the domain. RFC 8461 §3.3.</summary>
    /// <returns>The host name without a trailing dot; over 253 characters when the domain has over 245.</returns>
    public static string HostFor(DomainName domain) => HostPrefix + domain.Value;

    /// <summary>The policy domain of a policy host. RFC 8461 §3.3.</summary>
    /// <returns>Any other name as it is, and one with a single label behind the prefix: <c>mta-sts.net</c> is a domain.</returns>
    public static DomainName DomainOf(DomainName name) =>
        name.Value.StartsWith(HostPrefix, StringComparison.Ordinal) && name.Value.IndexOf('.', HostPrefix.Length) > 0
            && DomainName.TryParse(name.Value[HostPrefix.Length..], out var domain, out _) ? domain : name;

    /// <summary>Fetches and reads the policy of a domain.</summary>
    /// <exception cref="PolicyFetchException">The policy could not be fetched, for any reason.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<FetchedPolicy> FetchAsync(DomainName domain, CancellationToken cancellationToken)
    {
        var host = HostFor(domain);
        if (host.Length > DomainName.MaxLength)
            throw new PolicyFetchException(PolicyFetchFailure.HostNotFound, $"{host} is too long for DNS.");
        using var timeout = new CancellationTokenSource(_options.Timeout, _options.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var connection = new PolicyConnection(host, _options, linked.Token);
        try
        {
            return await FetchAsync(host, connection, linked.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!timeout.IsCancellationRequested)
                throw Translate(host, e);
            throw new PolicyFetchException(
                connection.IsConnecting ? PolicyFetchFailure.Unreachable : PolicyFetchFailure.Timeout,
                $"{host} did not answer within {_options.Timeout.TotalSeconds:0.###} s ({connection.Step}).", e);
        }
    }

    // One handler per fetch: a shared pool would reuse connections across fetches, and keep connecting after a fetch has ended.
    private async Task<FetchedPolicy> FetchAsync(string host, PolicyConnection connection, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = (_, _) => connection.OpenAsync(),
            MaxResponseDrainSize = 0,
            MaxResponseHeadersLength = 16,
            UseCookies = false,
            UseProxy = false,
        };
        using var invoker = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{host}:{_options.Port}/.well-known/mta-sts.txt");
        if (_options.UserAgent is { } agent)
            request.Headers.TryAddWithoutValidation("User-Agent", agent);
        using var response = await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
        Judge(host, response);
        connection.Step = "in the body";
        var body = await ReadAsync(host, response.Content, cancellationToken).ConfigureAwait(false);
        if (PolicyParser.TryParse(body.Span, out var policy, out var remarks, out var error))
            return connection.Describe(policy, body, ContentTypeOf(response)!) with { Remarks = remarks };
        throw new PolicyFetchException(PolicyFetchFailure.InvalidPolicy, $"{host} serves no valid policy: {error}.")
        {
            StatusCode = 200,
            ParseError = error,
        };
    }

    private static void Judge(string host, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var headers = response.Content.Headers;
        PolicyFetchException Failure(PolicyFetchFailure kind, string message) => new(kind, $"{host} {message}.") { StatusCode = status };

        if (status is 301 or 302 or 303 or 307 or 308)
            throw Failure(PolicyFetchFailure.Redirect, $"redirects with status {status}, which senders don't follow");
        if (status != 200)
            throw Failure(PolicyFetchFailure.Status, $"answers with status {status}");
        var type = ContentTypeOf(response) is { } whole ? MediaTypeOf(whole) : "(none)";
        if (!type.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
            throw Failure(PolicyFetchFailure.MediaType, $"answers with media type {type}, not text/plain");
        if (headers.ContentEncoding.Any(static encoding => !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
            throw Failure(PolicyFetchFailure.ContentEncoding, "sends a compressed body without being asked to");
        if (headers.ContentLength > Policy.MaxBodyBytes)
            throw TooLarge(host);
    }

    /// <summary>As sent: .NET doesn't parse an empty parameter, which RFC 9110 §5.6.6 allows (<c>text/plain;</c>).</summary>
    private static string? ContentTypeOf(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : null;

    /// <summary>RFC 9110 §8.3.1: what precedes the parameters. Safe to print.</summary>
    private static string MediaTypeOf(string contentType)
    {
        var type = contentType.Split(';', 2)[0].Trim(' ', '\t');
        return type.Length > 0 && !type.AsSpan().ContainsAnyExceptInRange('!', '~') ? type : "(malformed)";
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(string host, HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = new byte[Policy.MaxBodyBytes + 1];
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)
                .ConfigureAwait(false);
            return length <= Policy.MaxBodyBytes ? buffer.AsSpan(0, length).ToArray() : throw TooLarge(host);
        }
    }

    private static PolicyFetchException TooLarge(string host) =>
        new(PolicyFetchFailure.TooLarge, $"{host} sends more than {Policy.MaxBodyBytes} bytes.") { StatusCode = 200 };

    private static PolicyFetchException Translate(string host, Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
            if (e is PolicyFetchException failure)
                return failure;
        var error = exception switch
        {
            HttpRequestException e => e.HttpRequestError,
            HttpIOException e => e.HttpRequestError,
            _ => HttpRequestError.Unknown,
        };
        return error is HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded
            ? new PolicyFetchException(PolicyFetchFailure.Protocol, $"{host} answered with something other than HTTP/1.1.", exception)
            : new PolicyFetchException(
                PolicyFetchFailure.ConnectionLost, $"{host} closed the connection before the whole response arrived.", exception);
    }
}

/// <summary>How a <see cref="PolicyFetcher"/> reaches policy hosts. The defaults are those of RFC 8461 §3.3.</summary>
public sealed record PolicyFetcherOptions
{
    /// <summary>The limit for the whole fetch, from the first DNS query to the last byte. 60 s by default. RFC 8461 §3.3.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The TCP port, for tests. 443 by default.</summary>
    public int Port { get; init; } = 443;

    /// <summary>
    /// Looks up the addresses of a host, in the order to try, or an empty array; null for the system's resolver.
    /// Its exceptions become <see cref="PolicyFetchFailure.ResolutionFailed"/>.
    /// </summary>
    public Func<string, CancellationToken, ValueTask<IPAddress[]>>? Resolve { get; init; }

    /// <summary>The only trusted roots; null for the system's. Not copied: don't dispose of them.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The <c>User-Agent</c>; null for none.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The clock for the time-out and for certificate dates.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
