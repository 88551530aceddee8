using Acme;
using MtaStsHost.Configuration;
using MtaStsHost.Runtime;
using MtaStsHost.Storage;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>One CA: its client and its account, which is in the store before anything is ordered with it.</summary>
/// <param name="client">Disposed of with this object.</param>
internal sealed class CertificateAuthority(
    AuthoritySettings settings, AcmeClient client, string emailAddress, IStore store, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_registration = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(1);

    private readonly string _contact = emailAddress.Length > 0 ? "mailto:" + emailAddress : "";
    private readonly SemaphoreSlim _registering = new(1, 1);
    private AccountCredentials? _account;

    public AcmeClient Client => client;

    public string DirectoryUrl => settings.DirectoryUrl.OriginalString;

    /// <summary>For messages.</summary>
    public string Name => settings.DirectoryUrl.Authority;

    /// <summary>Where the last chain ended, if not at <c>Acme:PreferredChain</c>.</summary>
    public LastValue<string?> OtherRoot { get; } = new(null);

    private string EabKeyId => settings.Binding?.KeyId ?? "";

    /// <exception cref="IssuanceException">The CA's roots file can't be read.</exception>
    public static AcmeClient CreateClient(AuthoritySettings settings, TimeProvider time)
    {
        if (!PemRoots.TryLoad(settings.TrustedRootsFile, out var roots, out var fault))
            throw new IssuanceException(FailureKind.Tls, $"the CA's roots can't be loaded: {fault.What}; {fault.Remedy}");
        return new(settings.DirectoryUrl, new AcmeClientOptions
        {
            UserAgent = ServiceVersion.UserAgent,
            TrustedRoots = roots,
            TimeProvider = time,
        });
    }

    /// <exception cref="AcmeException">The CA is unreachable, or fails.</exception>
    /// <exception cref="IssuanceException">There is no directory at the URL.</exception>
    public async Task<Acme.Directory> GetDirectoryAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetDirectoryAsync(cancellationToken);
        }
        catch (AcmeException e) when (IssuanceException.From(e).Kind == FailureKind.InvalidAnswer)
        {
            throw new IssuanceException(FailureKind.Directory,
                $"there is no ACME directory at {DirectoryUrl}: {e.Message}", e.RetryAfter, e) { OrderLives = true };
        }
    }

    /// <summary>The account: from memory, from the store, found at the CA by its key, or new.</summary>
    /// <exception cref="AcmeException">The CA is unreachable, or refuses.</exception>
    /// <exception cref="StoreException">It couldn't be saved, so it wasn't created.</exception>
    public async Task<AccountCredentials> GetAccountAsync(string owner, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _account) is { } known) return known;
        await _registering.WaitAsync(cancellationToken);
        try
        {
            if (_account is { } account) return account;
            account = await FindOrRegisterAsync(owner, cancellationToken);
            Volatile.Write(ref _account, account);
            return account;
        }
        finally
        {
            _registering.Release();
        }
    }

    /// <summary>The CA no longer knows the account: the next call finds it by its key, or creates a new one.</summary>
    public async Task ForgetAccountAsync(AccountCredentials account, CancellationToken cancellationToken)
    {
        await _registering.WaitAsync(cancellationToken);
        try
        {
            if (!ReferenceEquals(_account, account)) return;
            _account = null;
            if (await store.FindAccountAsync(DirectoryUrl, EabKeyId, cancellationToken) is { } stored
                && stored.Url == account.Url.OriginalString)
                await store.SaveAccountAsync(stored with { Url = null }, cancellationToken);
        }
        finally
        {
            _registering.Release();
        }
    }

    public void Dispose()
    {
        client.Dispose();
        _registering.Dispose();
        _account?.Key.Dispose();
    }

    private async Task<AccountCredentials> FindOrRegisterAsync(string owner, CancellationToken cancellationToken)
    {
        var lease = $"account/{DirectoryUrl}/{EabKeyId}";
        for (var started = time.GetTimestamp(); ;)
        {
            if (await store.FindAccountAsync(DirectoryUrl, EabKeyId, cancellationToken) is { Url: { } url } stored)
                return await UpdateContactAsync(stored, new AccountCredentials(AccountKey.FromPem(stored.KeyPem), new Uri(url)),
                    cancellationToken);
            if (await store.TryLeaseAsync(lease, owner, s_registration, cancellationToken)) break;
            // Another replica is creating it.
            if (time.GetElapsedTime(started) > s_registration)
                throw new IssuanceException(FailureKind.Account,
                    $"another replica has been registering at {Name} for over a minute; check its log");
            await Task.Delay(s_poll, time, cancellationToken);
        }

        try
        {
            return await RegisterAsync(cancellationToken);
        }
        finally
        {
            await store.ReleaseLeasesAsync(owner, lease, CancellationToken.None);
        }
    }

    /// <summary>Under the lease: reads the store again, saves the key, then registers. For a known key, a CA returns its account (RFC
    /// 8555 §7.3.1).</summary>
    private async Task<AccountCredentials> RegisterAsync(CancellationToken cancellationToken)
    {
        var stored = await store.FindAccountAsync(DirectoryUrl, EabKeyId, cancellationToken);
        if (stored is { Url: { } url }) return new AccountCredentials(AccountKey.FromPem(stored.KeyPem), new Uri(url));
#pragma warning disable CA2000 // The credentials own it.
        var key = stored is null ? AccountKey.Create() : AccountKey.FromPem(stored.KeyPem);
#pragma warning restore CA2000
        try
        {
            // A stored key may have an account whose response was lost.
            var account = stored is null ? null : await FindByKeyAsync(key, cancellationToken);
            stored ??= new StoredAccount(DirectoryUrl, EabKeyId, key.ExportPem(), null, _contact);
            await store.SaveAccountAsync(stored, cancellationToken);
            account ??= await client.NewAccountAsync(
                key,
                new AccountRequest { TermsOfServiceAgreed = true, Contacts = Contacts(), ExternalAccountBinding = settings.Binding },
                cancellationToken);
            if (account.Status != AccountStatus.Valid)
                throw new IssuanceException(FailureKind.Account,
                    $"the account {account.Url.OriginalString} at {Name} is {account.Status.ToString().ToLowerInvariant()}; "
                    + "contact the CA, or remove the account from the store to register a new one");
            await store.SaveAccountAsync(stored with { Url = account.Url.OriginalString, Contact = _contact }, cancellationToken);
            return new AccountCredentials(key, account.Url);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private async Task<Account?> FindByKeyAsync(AccountKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await client.FindAccountAsync(key, cancellationToken);
        }
        catch (AcmeException e) when (e.Failure == AcmeFailure.Problem && e.StatusCode is < 500)
        {
            // Some servers refuse this lookup; registering finds the account just as well.
            return null;
        }
    }

    private async Task<AccountCredentials> UpdateContactAsync(StoredAccount stored,
        AccountCredentials account, CancellationToken cancellationToken)
    {
        if (stored.Contact == _contact) return account;
        try
        {
            await client.UpdateAccountAsync(account, new AccountRequest { Contacts = Contacts() }, cancellationToken);
        }
        catch (AcmeException e) when (e.ErrorType == AcmeErrorType.AccountDoesNotExist)
        {
            // The first order detects and fixes that.
            return account;
        }

        await store.SaveAccountAsync(stored with { Contact = _contact }, cancellationToken);
        return account;
    }

    private IReadOnlyList<string> Contacts() => _contact.Length > 0 ? [_contact] : [];
}

/// <summary>The CAs of the current settings, each with its client and account.</summary>
internal sealed class CertificateAuthorities(IssuingContext context) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<AuthoritySettings, (CertificateAuthority Authority, string Roots)> _known = [];
    private AcmeSettings? _settings;

    public CertificateAuthority For(AuthoritySettings authority, AcmeSettings settings)
    {
        lock (_gate)
        {
            if (!Equals(_settings, settings))
            {
                // The old ones are not disposed of: orders in progress still use them.
                _known.Clear();
                _settings = settings;
            }

            var roots = context.Basis.Roots.HashOf(authority.TrustedRootsFile);
            if (_known.TryGetValue(authority, out var known) && known.Roots == roots) return known.Authority;
            var made = new CertificateAuthority(authority,
                context.Connect(authority, context.Time), settings.EmailAddress, context.Store, context.Time);
            _known[authority] = (made, roots);
            return made;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var (authority, _) in _known.Values) authority.Dispose();
            _known.Clear();
        }
    }
}
