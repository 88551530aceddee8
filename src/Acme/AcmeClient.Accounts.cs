namespace Acme;

/// <content>Accounts: RFC 8555 §7.3.</content>
public sealed partial class AcmeClient
{
    /// <summary>Creates an account, or finds the one that the key already has. RFC 8555 §7.3. Store the key first: an account whose key
    /// is lost can't be used again.</summary>
    /// <returns>The account; <see cref="Account.Created"/> says whether it is new. An existing account keeps its contacts.</returns>
    /// <exception cref="AcmeException">The server refuses: userActionRequired, externalAccountRequired, invalidContact …</exception>
    public Task<Account> NewAccountAsync(AccountKey key, AccountRequest request, CancellationToken cancellationToken) =>
        NewAccountAsync(
            key,
            url => Changes(request) with
            {
                ExternalAccountBinding = request.ExternalAccountBinding is { } binding
                    ? JsonElement.Parse(Jws.Authenticate(binding, url.AbsoluteUri, Encoding.ASCII.GetBytes(key.Jwk.Json)))
                    : null,
            },
            cancellationToken);

    /// <summary>Finds the account of a key without creating one: <c>onlyReturnExisting</c>. RFC 8555 §7.3.1.</summary>
    /// <returns>The account; null when the server has none for this key.</returns>
    /// <exception cref="AcmeException">The server can't be reached, or refuses for another reason.</exception>
    public async Task<Account?> FindAccountAsync(AccountKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await NewAccountAsync(key, static _ => new WireNewAccount(OnlyReturnExisting: true), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (AcmeException e) when (e.ErrorType == AcmeErrorType.AccountDoesNotExist)
        {
            return null;
        }
    }

    /// <summary>Fetches an account. RFC 8555 §7.3.2 with §6.3.</summary>
    /// <exception cref="AcmeException"><see cref="AcmeErrorType.AccountDoesNotExist"/> when the server no longer has it.</exception>
    public async Task<Account> GetAccountAsync(AccountCredentials account, CancellationToken cancellationToken) =>
        (await PostAsGetAsync("account", account.Url, account, cancellationToken).ConfigureAwait(false)).ReadAccount(account.Url);

    /// <summary>Changes an account's contacts, or agrees to new terms. RFC 8555 §7.3.2, §7.3.3.</summary>
    /// <exception cref="AcmeException">The server refuses: invalidContact, unsupportedContact …</exception>
    public async Task<Account> UpdateAccountAsync(AccountCredentials account, AccountRequest request, CancellationToken cancellationToken)
    {
        var response = await PostAsync(
            "account", account.Url, Changes(request), AcmeJsonContext.Default.WireNewAccount, account, cancellationToken)
            .ConfigureAwait(false);
        return response.ReadAccount(account.Url);
    }

    /// <summary>
    /// Replaces an account's key. RFC 8555 §7.3.5. The new key must be stored already, and have no account yet. When it fails with
    /// <see cref="AcmeFailure.Network"/> or <see cref="AcmeFailure.Timeout"/>, <see cref="FindAccountAsync"/> with the new key shows
    /// which key is active: keep both.
    /// </summary>
    /// <exception cref="AcmeException">The server refuses; the old key remains active.</exception>
    public async Task<AccountCredentials> ChangeKeyAsync(AccountCredentials account, AccountKey newKey, CancellationToken cancellationToken)
    {
        var directory = await GetDirectoryAsync(cancellationToken).ConfigureAwait(false);
        var url = directory.KeyChange ?? throw NotOffered("keyChange");
        var change = new WireKeyChange(account.Url.OriginalString, JsonElement.Parse(account.Key.Jwk.Json));
        // The inner JWS proves possession of the new key. It has no nonce.
        var inner = Jws.Sign(
            newKey, kid: null, nonce: null, url.AbsoluteUri,
            JsonSerializer.SerializeToUtf8Bytes(change, AcmeJsonContext.Default.WireKeyChange));
        await PostAsync("keyChange", url, inner, account.Key, account.Url, cancellationToken).ConfigureAwait(false);
        return account with { Key = newKey };
    }

    /// <summary>Deactivates an account permanently. RFC 8555 §7.3.6. Its certificates stay valid.</summary>
    /// <exception cref="AcmeException">The server refuses.</exception>
    public async Task<Account> DeactivateAccountAsync(AccountCredentials account, CancellationToken cancellationToken)
    {
        var response = await PostAsync(
            "account", account.Url, new WireStatus("deactivated"), AcmeJsonContext.Default.WireStatus, account, cancellationToken)
            .ConfigureAwait(false);
        return response.ReadAccount(account.Url);
    }

    private async Task<Account> NewAccountAsync(AccountKey key, Func<Uri, WireNewAccount> makePayload, CancellationToken cancellationToken)
    {
        var url = (await GetDirectoryAsync(cancellationToken).ConfigureAwait(false)).NewAccount;
        var payload = JsonSerializer.SerializeToUtf8Bytes(makePayload(url), AcmeJsonContext.Default.WireNewAccount);
        return (await PostAsync("newAccount", url, payload, key, kid: null, cancellationToken).ConfigureAwait(false)).ReadAccount();
    }

    private static WireNewAccount Changes(AccountRequest request) =>
        new(TermsOfServiceAgreed: request.TermsOfServiceAgreed ? true : null, Contact: request.Contacts);
}
