using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Acme;
using MtaStsHost.Configuration;
using MtaStsHost.Runtime;
using MtaStsHost.Storage;
using MtaStsHost.Text;

namespace MtaStsHost.Certificates.Issuing;

/// <summary>One CA: its client, and the account there. The account is in the store before anything is ordered with it.</summary>
internal sealed class CertificateAuthority : IDisposable
{
    private static readonly TimeSpan s_registration = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly AuthoritySettings _settings;
    private readonly string _contact;
    private readonly IStore _store;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _registering = new(1, 1);
    private AccountCredentials? _account;

    /// <param name="client">Is disposed of with this.</param>
    public CertificateAuthority(AuthoritySettings settings, AcmeClient client, string emailAddress, IStore store, TimeProvider time)
    {
        _settings = settings;
        _contact = emailAddress.Length > 0 ? "mailto:" + emailAddress : "";
        _store = store;
        _time = time;
        Client = client;
    }

    public AcmeClient Client { get; }

    public string DirectoryUrl => _settings.DirectoryUrl.OriginalString;

    /// <summary>For messages.</summary>
    public string Name => _settings.DirectoryUrl.Authority;

    private string EabKeyId => _settings.Binding?.KeyId ?? "";

    /// <exception cref="IssuanceException">The file with the CA's roots can't be used.</exception>
    public static AcmeClient CreateClient(AuthoritySettings settings, TimeProvider time) => new(settings.DirectoryUrl, new AcmeClientOptions
    {
        UserAgent = ServiceVersion.UserAgent,
        TrustedRoots = settings.TrustedRootsFile is { } file ? LoadRoots(file) : null,
        TimeProvider = time,
    });

    /// <summary>The account: from memory, from the store, found at the CA by its key, or made.</summary>
    /// <exception cref="AcmeException">The CA can't be reached, or makes none.</exception>
    /// <exception cref="StoreException">It couldn't be kept, so it wasn't made.</exception>
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

    /// <summary>The CA doesn't know the account any more: the next call asks for it by its key, and makes it again where that finds
    /// none.</summary>
    public async Task ForgetAccountAsync(AccountCredentials account, CancellationToken cancellationToken)
    {
        await _registering.WaitAsync(cancellationToken);
        try
        {
            if (!ReferenceEquals(_account, account)) return;
            _account = null;
            if (await _store.FindAccountAsync(DirectoryUrl, EabKeyId, cancellationToken) is { } stored
                && stored.Url == account.Url.OriginalString)
                await _store.SaveAccountAsync(stored with { Url = null }, cancellationToken);
        }
        finally
        {
            _registering.Release();
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        _registering.Dispose();
        _account?.Key.Dispose();
    }

    private async Task<AccountCredentials> FindOrRegisterAsync(string owner, CancellationToken cancellationToken)
    {
        var lease = $"account/{DirectoryUrl}/{EabKeyId}";
        for (var started = _time.GetTimestamp(); ;)
        {
            if (await _store.FindAccountAsync(DirectoryUrl, EabKeyId, cancellationToken) is { Url: { } url } stored)
                return await UpdateContactAsync(stored, new AccountCredentials(AccountKey.FromPem(stored.KeyPem), new Uri(url)),
                    cancellationToken);
            if (await _store.TryLeaseAsync(lease, owner, s_registration, cancellationToken)) break;
            // Another host that shares the store is making it.
            if (_time.GetElapsedTime(started) > s_registration)
                throw new IssuanceException(FailureKind.Account,
                    $"another host has been making the account at {Name} for over a minute; look at its log");
            await Task.Delay(s_look, _time, cancellationToken);
        }

        try
        {
            return await RegisterAsync(cancellationToken);
        }
        finally
        {
            await _store.ReleaseLeasesAsync(owner, lease, CancellationToken.None);
        }
    }

    /// <summary>Under the lease: looks again, keeps the key, then asks the CA. A CA gives the account that the key has already (RFC 8555
    /// §7.3.1).</summary>
    private async Task<AccountCredentials> RegisterAsync(CancellationToken cancellationToken)
    {
        var stored = await _store.FindAccountAsync(DirectoryUrl, EabKeyId, cancellationToken);
        if (stored is { Url: { } url }) return new AccountCredentials(AccountKey.FromPem(stored.KeyPem), new Uri(url));
#pragma warning disable CA2000 // The credentials have it then.
        var key = KeyOf(stored);
#pragma warning restore CA2000
        try
        {
            // A key that was there may have an account, though the answer that said so was lost.
            var account = stored is null ? null : await FindByKeyAsync(key, cancellationToken);
            stored ??= new StoredAccount(DirectoryUrl, EabKeyId, key.ExportPem(), null, _contact);
            await _store.SaveAccountAsync(stored, cancellationToken);
            account ??= await Client.NewAccountAsync(
                key,
                new AccountRequest { TermsOfServiceAgreed = true, Contacts = Contacts(), ExternalAccountBinding = _settings.Binding },
                cancellationToken);
            if (account.Status != AccountStatus.Valid)
                throw new IssuanceException(FailureKind.Account,
                    $"the account {account.Url.OriginalString} at {Name} is {account.Status.ToString().ToLowerInvariant()}; ask the CA, "
                    + $"or remove the account from the store to make a new one");
            await _store.SaveAccountAsync(stored with { Url = account.Url.OriginalString, Contact = _contact }, cancellationToken);
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
            return await Client.FindAccountAsync(key, cancellationToken);
        }
        catch (AcmeException e) when (e.Failure == AcmeFailure.Problem && e.StatusCode is < 500)
        {
            // Some servers refuse the question itself; making an account finds one just as well.
            return null;
        }
    }

    private async Task<AccountCredentials> UpdateContactAsync(StoredAccount stored,
        AccountCredentials account, CancellationToken cancellationToken)
    {
        if (stored.Contact == _contact) return account;
        try
        {
            await Client.UpdateAccountAsync(account, new AccountRequest { Contacts = Contacts() }, cancellationToken);
        }
        catch (AcmeException e) when (e.ErrorType == AcmeErrorType.AccountDoesNotExist)
        {
            // Found out, and mended, by the first order.
            return account;
        }

        await _store.SaveAccountAsync(stored with { Contact = _contact }, cancellationToken);
        return account;
    }

    private static AccountKey KeyOf(StoredAccount? stored) => stored is null ? AccountKey.Create() : AccountKey.FromPem(stored.KeyPem);

    private IReadOnlyList<string> Contacts() => _contact.Length > 0 ? [_contact] : [];

    private static X509Certificate2Collection LoadRoots(string file)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new IssuanceException(FailureKind.Network,
                $"the CA's roots in {Printable.Text(file, 300)} can't be read: {Printable.Text(e.Message)}", inner: e);
        }

        return roots;
    }
}
