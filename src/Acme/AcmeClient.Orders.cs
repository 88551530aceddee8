using System.Buffers.Text;

namespace Acme;

/// <content>Orders, authorizations, challenges: RFC 8555 §7.4, §7.5.</content>
public sealed partial class AcmeClient
{
    /// <summary>
    /// Orders a certificate. RFC 8555 §7.4. When it fails with <see cref="AcmeFailure.Network"/> or <see cref="AcmeFailure.Timeout"/>, the
    /// server may have created the order; most servers return the same one to the next request.
    /// </summary>
    /// <returns>The order, which may be an existing one for the same identifiers.</returns>
    /// <exception cref="AcmeException">The server refuses: rejectedIdentifier, rateLimited, alreadyReplaced, invalidProfile …</exception>
    public async Task<Order> NewOrderAsync(AccountCredentials account, OrderRequest request, CancellationToken cancellationToken)
    {
        var directory = await GetDirectoryAsync(cancellationToken).ConfigureAwait(false);
        var payload = new WireNewOrder(
            [.. request.Identifiers.Select(static one => new WireIdentifier(one.Type, one.Value))],
            request.Replaces?.Value, request.Profile);
        var response = await PostAsync(
            "newOrder", directory.NewOrder, payload, AcmeJsonContext.Default.WireNewOrder, account, cancellationToken)
            .ConfigureAwait(false);
        return response.ReadOrder();
    }

    /// <summary>Fetches an order. RFC 8555 §7.4.</summary>
    /// <exception cref="AcmeException">The server refuses, or no longer has it (status 404).</exception>
    public async Task<Order> GetOrderAsync(AccountCredentials account, Uri order, CancellationToken cancellationToken) =>
        (await PostAsGetAsync("order", order, account, cancellationToken).ConfigureAwait(false)).ReadOrder(order);

    /// <summary>Fetches one of <see cref="Order.Authorizations"/>. RFC 8555 §7.5.</summary>
    /// <exception cref="AcmeException">The server refuses.</exception>
    public async Task<Authorization> GetAuthorizationAsync(
        AccountCredentials account, Uri authorization, CancellationToken cancellationToken) =>
        (await PostAsGetAsync("authorization", authorization, account, cancellationToken).ConfigureAwait(false))
            .ReadAuthorization(authorization);

    /// <summary>Deactivates one of <see cref="Order.Authorizations"/>, valid or pending. RFC 8555 §7.5.2.</summary>
    /// <exception cref="AcmeException">The server refuses.</exception>
    public async Task<Authorization> DeactivateAuthorizationAsync(
        AccountCredentials account, Uri authorization, CancellationToken cancellationToken)
    {
        var response = await PostAsync(
            "authorization", authorization, new WireStatus("deactivated"), AcmeJsonContext.Default.WireStatus, account,
            cancellationToken).ConfigureAwait(false);
        return response.ReadAuthorization(authorization);
    }

    /// <summary>Fetches a challenge. RFC 8555 §7.5.</summary>
    /// <exception cref="AcmeException">The server refuses.</exception>
    public async Task<Challenge> GetChallengeAsync(AccountCredentials account, Uri challenge, CancellationToken cancellationToken) =>
        (await PostAsGetAsync("challenge", challenge, account, cancellationToken).ConfigureAwait(false)).ReadChallenge();

    /// <summary>Starts the validation of a challenge, whose response must be in place. RFC 8555 §7.5.1.</summary>
    /// <returns>The challenge, usually not validated yet.</returns>
    /// <exception cref="AcmeException">The server refuses.</exception>
    public async Task<Challenge> RespondAsync(AccountCredentials account, Uri challenge, CancellationToken cancellationToken) =>
        (await PostAsync("challenge", challenge, new WireStatus(), AcmeJsonContext.Default.WireStatus, account, cancellationToken)
            .ConfigureAwait(false)).ReadChallenge();

    /// <summary>
    /// Requests the certificate of an order that is ready. RFC 8555 §7.4. The signing request is for exactly the order's identifiers, with
    /// a key that is already stored. When it fails with <see cref="AcmeFailure.Network"/> or <see cref="AcmeFailure.Timeout"/>,
    /// <see cref="GetOrderAsync"/> shows whether the server acted.
    /// </summary>
    /// <returns>The updated order, usually <see cref="OrderStatus.Processing"/>.</returns>
    /// <exception cref="AcmeException">The server refuses: orderNotReady, badCSR …</exception>
    public async Task<Order> FinalizeAsync(
        AccountCredentials account, Order order, CertificateSigningRequest request, CancellationToken cancellationToken)
    {
        var payload = new WireFinalize(Base64Url.EncodeToString(request.Der.Span));
        var response = await PostAsync(
            "finalize", order.Finalize, payload, AcmeJsonContext.Default.WireFinalize, account, cancellationToken).ConfigureAwait(false);
        return response.ReadOrder(order.Url);
    }
}
