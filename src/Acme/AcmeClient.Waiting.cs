namespace Acme;

/// <content>Waiting for the server: RFC 8555 §7.5.1, §7.4.</content>
public sealed partial class AcmeClient
{
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

    /// <summary>Fetches an order from <see cref="FinalizeAsync"/> until it is valid or invalid; sends nothing when it already is. RFC 8555
    /// §7.4.</summary>
    /// <returns>The order; still processing when the time is up.</returns>
    /// <exception cref="AcmeException">The server refuses, or the last attempt within the time failed.</exception>
    public Task<Order> WaitUntilIssuedAsync(
        AccountCredentials account, Order order, WaitOptions? options, CancellationToken cancellationToken) =>
        WaitAsync(
            order,
            token => GetOrderAsync(account, order.Url, token),
            static one => one.Status is OrderStatus.Valid or OrderStatus.Invalid,
            static one => one.RetryAfter,
            options,
            cancellationToken);

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
        var pause = seen is null ? TimeSpan.Zero : Longer(retryAfter(seen), interval);
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

            pause = Longer(failure is null ? retryAfter(seen!) : failure.RetryAfter, interval);
            interval = interval * 2 < options.LongestInterval ? interval * 2 : options.LongestInterval;
        }

        return seen;

        TimeSpan Longer(TimeSpan? asked, TimeSpan otherwise) =>
            asked is not { } wanted ? otherwise : wanted > options.FirstInterval ? wanted : options.FirstInterval;
    }

    private static bool IsPassing(AcmeException e) =>
        e.Failure is AcmeFailure.Network or AcmeFailure.Timeout || e.StatusCode is 429 or >= 500;
}
