using System.Text.Json.Serialization.Metadata;

namespace Acme;

/// <summary>A complete response. Its operation names the server too, for messages.</summary>
internal sealed record AcmeResponse(
    string Operation, int Status, Uri RequestUrl, string? MediaType, ReadOnlyMemory<byte> Body, string? LocationText, string? Nonce,
    TimeSpan? RetryAfter, IReadOnlyList<string> Links)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    public bool Is(string mediaType) => mediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase);

    public T Read<T>(JsonTypeInfo<T> type)
        where T : class
    {
        if (!Is("application/json"))
            throw Invalid($"the media type {MediaType ?? "(none)"}, not application/json");
        return TryRead(type) ?? throw Invalid("a body that is not the expected JSON object");
    }

    /// <summary>The URL of the created resource: RFC 8555 §7.3, §7.4. May be relative to the request: RFC 9110 §10.2.2.</summary>
    public Uri Location()
    {
        if (string.IsNullOrEmpty(LocationText))
            throw Invalid("no Location");
        // An absolute URL is kept character by character, because it becomes a kid.
        return Uri.TryCreate(LocationText, UriKind.Absolute, out var url) && IsAcceptable(url) ? url
            : Uri.TryCreate(RequestUrl, LocationText, out url) && IsAcceptable(url) ? url
            : throw NotHttps("Location");
    }

    public Uri Url(string? text, string what) => UrlOrNull(text, what) ?? throw Invalid($"no {what}");

    // RFC 8555 §6.1 requires HTTPS.
    public Uri? UrlOrNull(string? text, string what) =>
        text is null ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var url) && IsAcceptable(url) ? url
        : throw NotHttps(what);

    public AcmeException Invalid(string what) =>
        new(AcmeFailure.InvalidResponse, $"{Operation} was answered with {what} (status {Status}).")
        {
            StatusCode = Status,
            RetryAfter = RetryAfter,
        };

    /// <summary>The exception for a response that is not a success.</summary>
    public AcmeException Refusal()
    {
        var problem = Is("application/problem+json") ? ProblemReader.Read(Body.Span) : null;
        var (failure, message) = problem is null
            ? (AcmeFailure.Status, $"{Operation} was refused with status {Status}.")
            : (AcmeFailure.Problem, $"{Operation} was refused with status {Status}: {problem}");
        return new AcmeException(failure, message) { Problem = problem, StatusCode = Status, RetryAfter = RetryAfter };
    }

    public static bool IsAcceptable(Uri url) =>
        url.IsAbsoluteUri && url.Scheme == Uri.UriSchemeHttps && url.UserInfo.Length == 0 && url.Host.Length > 0;

    private AcmeException NotHttps(string what) => Invalid($"a URL that is not HTTPS ({what})");

    private T? TryRead<T>(JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(Body.Span, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
