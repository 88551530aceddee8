using System.Text.Json.Serialization.Metadata;

namespace Acme;

/// <summary>
/// A client for one ACME server: RFC 8555, with renewal information (RFC 9773) and profiles (draft-ietf-acme-profiles). Each method
/// is one operation and sends one request, repeated only when the server refuses the nonce. The client keeps nothing but the directory
/// and unused nonces. Thread-safe: concurrent operations share its connections and nonces.
/// </summary>
/// <remarks>
/// Every operation throws <see cref="AcmeException"/> when it fails, and <see cref="OperationCanceledException"/> only when its caller
/// cancels. Responses longer than 256 KiB and URLs that are not HTTPS are refused.
/// </remarks>
public sealed partial class AcmeClient : IDisposable
{
    private static readonly TimeSpan s_directoryLifetime = TimeSpan.FromHours(1);

    private readonly AcmeClientOptions _options;
    private readonly AcmeTransport _transport;
    private readonly Lock _directoryGate = new();
    private Task<Directory>? _directory;
    private long _directoryAsked;

    /// <summary>Creates a client for the HTTPS URL of a directory; sends nothing. Null options are the defaults.</summary>
    /// <exception cref="ArgumentException">The URL is not HTTPS, or has a user name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time-out is not positive, or the number of retries negative.</exception>
    public AcmeClient(Uri directoryUrl, AcmeClientOptions? options = null)
    {
        _options = options ?? new AcmeClientOptions();
        if (!AcmeResponse.IsAcceptable(directoryUrl))
            throw new ArgumentException("The directory's URL must be HTTPS, without a user name.", nameof(directoryUrl));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_options.Timeout, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(_options.MaxBadNonceRetries, nameof(options));
        DirectoryUrl = directoryUrl;
        _transport = new AcmeTransport(_options);
    }

    /// <summary>The URL of the server's directory.</summary>
    public Uri DirectoryUrl { get; }

    /// <summary>Returns the server's directory, fetched at most once an hour. RFC 8555 §7.1.1.</summary>
    /// <exception cref="AcmeException">The directory can't be fetched, or lacks a field that RFC 8555 requires.</exception>
    public Task<Directory> GetDirectoryAsync(CancellationToken cancellationToken)
    {
        Task<Directory> directory;
        lock (_directoryGate)
        {
            var useful = _directory is { IsFaulted: false, IsCanceled: false }
                && (!_directory.IsCompleted || _options.TimeProvider.GetElapsedTime(_directoryAsked) < s_directoryLifetime);
            if (!useful)
            {
                _directoryAsked = _options.TimeProvider.GetTimestamp();
                // All waiting callers share one request, so that no caller's cancellation ends it.
                _directory = FetchDirectoryAsync();
            }

            directory = _directory!;
        }

        return directory.WaitAsync(cancellationToken);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _transport.Dispose();

    private async Task<Directory> FetchDirectoryAsync() =>
        (await _transport.GetAsync("directory", DirectoryUrl, CancellationToken.None).ConfigureAwait(false)).ReadDirectory();

    private async Task<AcmeResponse> PostAsync(
        string operation, Uri url, ReadOnlyMemory<byte> payload, AcmeKey key, Uri? kid, CancellationToken cancellationToken,
        string? accept = null)
    {
        var directory = await GetDirectoryAsync(cancellationToken).ConfigureAwait(false);
        var request = new AcmeRequest(operation, url, payload, key, kid, accept);
        return await _transport.PostAsync(request, directory.NewNonce, cancellationToken).ConfigureAwait(false);
    }

    private Task<AcmeResponse> PostAsync<T>(
        string operation, Uri url, T payload, JsonTypeInfo<T> type, AccountCredentials account, CancellationToken cancellationToken) =>
        PostAsync(operation, url, JsonSerializer.SerializeToUtf8Bytes(payload, type), account.Key, account.Url, cancellationToken);

    // RFC 8555 §6.3: the payload is empty, not an empty object.
    private Task<AcmeResponse> PostAsGetAsync(
        string operation, Uri url, AccountCredentials account, CancellationToken cancellationToken, string? accept = null) =>
        PostAsync(operation, url, default, account.Key, account.Url, cancellationToken, accept);

    private AcmeException NotOffered(string operation) =>
        new(AcmeFailure.NotOffered, $"{DirectoryUrl.Authority} does not offer {operation}.");
}
