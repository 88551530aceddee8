namespace Acme;

/// <content>Waiting for the server: RFC 8555 §7.5.1, §7.4.</content>
public sealed partial class AcmeClient
{
    /// <summary>How often an order may be seen valid without a certificate.</summary>
    private const int MostIncomplete = 8;

    /// <summary>
    /// Fetches one of <see cref="Order.Authorizations"/> until it is no longer pending. RFC 8555 §7.5.1. Retries after network failures
    /// and server errors.
    /// </summary>
    /// <returns>The authorization: final, or as last seen when the time is up or <c>Retry-After</c> goes beyond it.</returns>
    /// <exception cref="AcmeException">The server refuses, or the last attempt within the time failed.</exception>
    public Task<Authorization> WaitForAuthorizationAsync(
        AccountCredentials account, Uri authorization, WaitOptions? options, CancellationToken cancellationToken) =>
        WaitAsync(
            null,
            token => GetAuthorizationAsync(account, authorization, token),
            static one => one.Status is not (AuthorizationStatus.Pending or AuthorizationStatus.Unknown),
            static one => one.RetryAfter,
            options,
            cancellationToken);

    /// <summary>
    /// Fetches one of <see cref="Order.Authorizations"/> until it is no longer pending, or the given challenge of it has failed
    /// (<see cref="Challenge.HasFailed"/>). RFC 8555 §7.1.6 makes an authorization invalid then, but step-ca and Caddy leave it pending,
    /// with the reason in the challenge only. The challenge itself isn't fetched: for these two, that is a response to it.
    /// </summary>
    /// <returns>The authorization, as from the other overload.</returns>
    /// <exception cref="AcmeException">The server refuses, or the last attempt within the time failed.</exception>
    public Task<Authorization> WaitForAuthorizationAsync(
        AccountCredentials account, Uri authorization, Uri challenge, WaitOptions? options, CancellationToken cancellationToken) =>
        WaitAsync(
            null,
            token => GetAuthorizationAsync(account, authorization, token),
            one => one.Status is not (AuthorizationStatus.Pending or AuthorizationStatus.Unknown)
                || one.Challenges.Any(each => each.Url == challenge && each.HasFailed),
            static one => one.RetryAfter,
            options,
            cancellationToken);

    /// <summary>Fetches an order until it is no longer pending. RFC 8555 §7.1.6.</summary>
    /// <returns>The order; still pending when the time is up.</returns>
    /// <exception cref="AcmeException">The server refuses, or the last attempt within the time failed.</exception>
    public Task<Order> WaitUntilReadyAsync(
        AccountCredentials account, Uri order, WaitOptions? options, CancellationToken cancellationToken) =>
        WaitAsync(
            null,
            token => GetOrderAsync(account, order, token),
            static one => one.Status is not (OrderStatus.Pending or OrderStatus.Unknown),
            static one => one.RetryAfter,
            options,
            cancellationToken);

    /// <summary>
    /// Fetches an order from <see cref="FinalizeAsync"/> until it is invalid, or valid with its certificate; sends nothing when it already
    /// is. RFC 8555 §7.4.
    /// </summary>
    /// <returns>The order; still processing when the time is up; valid without a certificate when it stays so for a few requests.</returns>
    /// <exception cref="AcmeException">The server refuses, or the last attempt within the time failed.</exception>
    public Task<Order> WaitUntilIssuedAsync(
        AccountCredentials account, Order order, WaitOptions? options, CancellationToken cancellationToken)
    {
        var incomplete = 0;
        return WaitAsync(
            order,
            token => GetOrderAsync(account, order.Url, token),
            one => one.Status switch
            {
                OrderStatus.Invalid => true,
                // RFC 8555 §7.4 gives a valid order the certificate's URL; a server may show it a moment late.
                OrderStatus.Valid => one.Certificate is not null || ++incomplete > MostIncomplete,
                _ => false,
            },
            static one => one.RetryAfter,
            options,
            cancellationToken);
    }

    private async Task<T> WaitAsync<T>(
        T? seen, Func<CancellationToken, Task<T>> look, Func<T, bool> isFinal, Func<T, TimeSpan?> retryAfter, WaitOptions? options,
        CancellationToken cancellationToken)
        where T : class
    {
        options ??= new WaitOptions();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.FirstInterval, TimeSpan.Zero, nameof(options));
        var time = _options.TimeProvider;
        var start = time.GetTimestamp();
        var interval = options.FirstInterval;
        var pause = seen is null ? TimeSpan.Zero : Longer(retryAfter(seen));
        AcmeException? failure = null;
        while (seen is null || !isFinal(seen))
        {
            // The first request is always sent.
            if ((seen is not null || failure is not null) && time.GetElapsedTime(start) + pause > options.Timeout)
                return failure is null ? seen! : throw failure;
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            try
            {
                seen = await look(cancellationToken).ConfigureAwait(false);
                failure = null;
            }
            catch (AcmeException e) when (IsPassing(e))
            {
                failure = e;
            }

            pause = Longer(failure is null ? retryAfter(seen!) : failure.RetryAfter);
            interval = interval * 2 < options.LongestInterval ? interval * 2 : options.LongestInterval;
        }

        return seen;

        // RFC 8555 §7.5.1 leaves the interval to the client where there is no Retry-After; one of zero must not end in a storm of requests.
        TimeSpan Longer(TimeSpan? asked) => asked > interval ? asked.Value : interval;
    }

    private static bool IsPassing(AcmeException e) =>
        e.Failure is AcmeFailure.Network or AcmeFailure.Timeout || e.StatusCode is 429 or >= 500;
}
