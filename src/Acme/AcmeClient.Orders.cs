using System.Buffers.Text;

namespace Acme;

/// <content>Orders, authorizations, challenges: RFC 8555 §7.4, §7.5.</content>
public sealed partial class AcmeClient
{
    /// <summary>
    /// Orders a certificate. RFC 8555 §7.4. When it fails with <see cref="AcmeFailure.Network"/> or <see cref="AcmeFailure.Timeout"/>, the
    /// server may have made the order; most servers give the same one to the next request.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The order, which may be an older one that fits.</returns>
    /// <exception cref="AcmeException">The server refuses: rejectedIdentifier, rateLimited, alreadyReplaced, invalidProfile …</exception>
    public async Task<Order> NewOrderAsync(AccountCredentials account, OrderRequest request, CancellationToken cancellationToken)
    {
        var directory = await GetDirectoryAsync(cancellationToken).ConfigureAwait(false);
        var payload = new WireNewOrder
        {
            Identifiers = [.. request.Identifiers.Select(static one => new WireIdentifier { Type = one.Type, Value = one.Value })],
            Replaces = request.Replaces?.Value,
            Profile = request.Profile,
        };
        var response = await PostAsync(
            "newOrder", directory.NewOrder, payload, AcmeJsonContext.Default.WireNewOrder, account, cancellationToken)
            .ConfigureAwait(false);
        return response.ReadOrder();
    }

    /// <summary>Looks at an order. RFC 8555 §7.4.</summary>
    /// <param name="account">The account.</param>
    /// <param name="order">The order's URL.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The order.</returns>
    /// <exception cref="AcmeException">The server refuses, or has forgotten it (status 404).</exception>
    public async Task<Order> GetOrderAsync(AccountCredentials account, Uri order, CancellationToken cancellationToken) =>
        (await PostAsGetAsync("order", order, account, cancellationToken).ConfigureAwait(false)).ReadOrder(order);

    /// <summary>Looks at an authorization. RFC 8555 §7.5.</summary>
    /// <param name="account">The account.</param>
    /// <param name="authorization">From <see cref="Order.Authorizations"/>.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The authorization.</returns>
    /// <exception cref="AcmeException">The server refuses.</exception>
    public async Task<Authorization> GetAuthorizationAsync(
        AccountCredentials account, Uri authorization, CancellationToken cancellationToken) =>
        (await PostAsGetAsync("authorization", authorization, account, cancellationToken).ConfigureAwait(false))
            .ReadAuthorization(authorization);

    /// <summary>Gives an authorization up, or a pending one. RFC 8555 §7.5.2.</summary>
    /// <param name="account">The account.</param>
    /// <param name="authorization">From <see cref="Order.Authorizations"/>.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The authorization as it is now.</returns>
    /// <exception cref="AcmeException">The server refuses.</exception>
    public async Task<Authorization> DeactivateAuthorizationAsync(
        AccountCredentials account, Uri authorization, CancellationToken cancellationToken)
    {
        var response = await PostAsync(
            "authorization", authorization, new WireStatus { Status = "deactivated" }, AcmeJsonContext.Default.WireStatus, account,
            cancellationToken).ConfigureAwait(false);
        return response.ReadAuthorization(authorization);
    }

    /// <summary>Looks at a challenge. RFC 8555 §7.5.</summary>
    /// <param name="account">The account.</param>
    /// <param name="challenge">The challenge's URL.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The challenge.</returns>
    /// <exception cref="AcmeException">The server refuses.</exception>
    public async Task<Challenge> GetChallengeAsync(AccountCredentials account, Uri challenge, CancellationToken cancellationToken) =>
        (await PostAsGetAsync("challenge", challenge, account, cancellationToken).ConfigureAwait(false)).ReadChallenge();

    /// <summary>Tells the server that a challenge can be validated now: its answer must be in place. RFC 8555 §7.5.1.</summary>
    /// <param name="account">The account.</param>
    /// <param name="challenge">The challenge's URL.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The challenge, seldom validated yet.</returns>
    /// <exception cref="AcmeException">The server refuses.</exception>
    public async Task<Challenge> RespondAsync(AccountCredentials account, Uri challenge, CancellationToken cancellationToken) =>
        (await PostAsync("challenge", challenge, new WireStatus(), AcmeJsonContext.Default.WireStatus, account, cancellationToken)
            .ConfigureAwait(false)).ReadChallenge();

    /// <summary>
    /// Asks for the certificate of an order that is ready. RFC 8555 §7.4. When it fails with <see cref="AcmeFailure.Network"/> or
    /// <see cref="AcmeFailure.Timeout"/>, <see cref="GetOrderAsync"/> tells whether the server acted.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="order">The order.</param>
    /// <param name="request">The request, for just the order's identifiers; its key stored already.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The order as it is now, <see cref="OrderStatus.Processing"/> mostly.</returns>
    /// <exception cref="AcmeException">The server refuses: orderNotReady, badCSR …</exception>
    public async Task<Order> FinalizeAsync(
        AccountCredentials account, Order order, CertificateSigningRequest request, CancellationToken cancellationToken)
    {
        var payload = new WireFinalize { Csr = Base64Url.EncodeToString(request.Der.Span) };
        var response = await PostAsync(
            "finalize", order.Finalize, payload, AcmeJsonContext.Default.WireFinalize, account, cancellationToken).ConfigureAwait(false);
        return response.ReadOrder(order.Url);
    }
}
