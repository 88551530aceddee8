using System.Text.Json;

namespace Acme;

/// <content>Accounts: RFC 8555 §7.3.</content>
public sealed partial class AcmeClient
{
    /// <summary>Makes an account, or finds the one that the key has already. RFC 8555 §7.3.</summary>
    /// <param name="key">The account's key. Store it before: an account whose key is lost is lost.</param>
    /// <param name="request">What it is to have.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The account; <see cref="Account.Created"/> says whether it is new. One that was there keeps its contacts.</returns>
    /// <exception cref="AcmeException">The server refuses: terms not agreed to, binding required or wrong, contact not taken …</exception>
    public Task<Account> NewAccountAsync(AccountKey key, AccountRequest request, CancellationToken cancellationToken) =>
        NewAccountAsync(
            key,
            url => new WireNewAccount
            {
                TermsOfServiceAgreed = request.TermsOfServiceAgreed ? true : null,
                Contact = request.Contacts,
                ExternalAccountBinding = request.ExternalAccountBinding is { } binding
                    ? Parse(Jws.Authenticate(binding, url.AbsoluteUri, System.Text.Encoding.ASCII.GetBytes(key.Jwk.Json)))
                    : null,
            },
            cancellationToken);

    /// <summary>Finds the account of a key without making one: <c>onlyReturnExisting</c>. RFC 8555 §7.3.1.</summary>
    /// <param name="key">The account's key.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The account; null when the server has none for this key.</returns>
    /// <exception cref="AcmeException">The server could not be asked, or refuses otherwise (a deactivated account, say).</exception>
    public async Task<Account?> FindAccountAsync(AccountKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await NewAccountAsync(key, static _ => new WireNewAccount { OnlyReturnExisting = true }, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (AcmeException e) when (e.ErrorType == AcmeErrorType.AccountDoesNotExist)
        {
            return null;
        }
    }

    /// <summary>Looks at an account. RFC 8555 §7.3.2 with §6.3.</summary>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The account.</returns>
    /// <exception cref="AcmeException">Among others <see cref="AcmeErrorType.AccountDoesNotExist"/>: the server lost it.</exception>
    public async Task<Account> GetAccountAsync(AccountCredentials account, CancellationToken cancellationToken) =>
        (await PostAsGetAsync("account", account.Url, account, cancellationToken).ConfigureAwait(false)).ReadAccount(account.Url);

    /// <summary>Changes an account's contacts, or agrees to new terms. RFC 8555 §7.3.2, §7.3.3.</summary>
    /// <param name="account">The account.</param>
    /// <param name="request">What is to change.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The account as it is now.</returns>
    /// <exception cref="AcmeException">The server refuses: invalidContact, unsupportedContact …</exception>
    public async Task<Account> UpdateAccountAsync(AccountCredentials account, AccountRequest request, CancellationToken cancellationToken)
    {
        var payload = new WireNewAccount
        {
            TermsOfServiceAgreed = request.TermsOfServiceAgreed ? true : null,
            Contact = request.Contacts,
        };
        var response = await PostAsync(
            "account", account.Url, payload, AcmeJsonContext.Default.WireNewAccount, account, cancellationToken).ConfigureAwait(false);
        return response.ReadAccount(account.Url);
    }

    /// <summary>
    /// Gives an account another key. RFC 8555 §7.3.5. When it fails with <see cref="AcmeFailure.Network"/> or
    /// <see cref="AcmeFailure.Timeout"/>, <see cref="FindAccountAsync"/> with the new key tells which one is in force: keep both.
    /// </summary>
    /// <param name="account">The account with its old key.</param>
    /// <param name="newKey">The new key, stored already. It must have no account yet.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The account's credentials from now on.</returns>
    /// <exception cref="AcmeException">The server refuses; the old key stays in force.</exception>
    public async Task<AccountCredentials> ChangeKeyAsync(AccountCredentials account, AccountKey newKey, CancellationToken cancellationToken)
    {
        var directory = await GetDirectoryAsync(cancellationToken).ConfigureAwait(false);
        var url = directory.KeyChange ?? throw NotOffered("keyChange");
        var change = new WireKeyChange
        {
            Account = account.Url.OriginalString,
            OldKey = Parse(account.Key.Jwk.Json),
        };
        // The inner JWS shows that the account's owner has the new key as well. It has no nonce.
        var inner = Jws.Sign(
            newKey, kid: null, nonce: null, url.AbsoluteUri,
            JsonSerializer.SerializeToUtf8Bytes(change, AcmeJsonContext.Default.WireKeyChange));
        await PostAsync("keyChange", url, inner, account.Key, account.Url, cancellationToken).ConfigureAwait(false);
        return account with { Key = newKey };
    }

    /// <summary>Ends an account, for good. RFC 8555 §7.3.6. Its certificates stay valid.</summary>
    /// <param name="account">The account.</param>
    /// <param name="cancellationToken">Ends the operation early.</param>
    /// <returns>The account as it is now.</returns>
    /// <exception cref="AcmeException">The server refuses.</exception>
    public async Task<Account> DeactivateAccountAsync(AccountCredentials account, CancellationToken cancellationToken)
    {
        var response = await PostAsync(
            "account", account.Url, new WireStatus { Status = "deactivated" }, AcmeJsonContext.Default.WireStatus, account,
            cancellationToken)
            .ConfigureAwait(false);
        return response.ReadAccount(account.Url);
    }

    private async Task<Account> NewAccountAsync(AccountKey key, Func<Uri, WireNewAccount> makePayload, CancellationToken cancellationToken)
    {
        var url = (await GetDirectoryAsync(cancellationToken).ConfigureAwait(false)).NewAccount;
        var payload = JsonSerializer.SerializeToUtf8Bytes(makePayload(url), AcmeJsonContext.Default.WireNewAccount);
        return (await PostAsync("newAccount", url, payload, key, kid: null, cancellationToken).ConfigureAwait(false)).ReadAccount();
    }

    private static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        return JsonElement.ParseValue(ref reader);
    }

    private static JsonElement Parse(string json) => JsonElement.Parse(json);
}
