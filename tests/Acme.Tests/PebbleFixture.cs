using System.Security.Cryptography.X509Certificates;
using Acme.Testing;

namespace Acme.Tests;

/// <summary>Pebble with a responder that meets its challenges for real.</summary>
internal sealed class PebbleFixture : IAsyncDisposable
{
    // Short, as Pebble validates within milliseconds.
    private static readonly WaitOptions s_wait = new() { FirstInterval = TimeSpan.FromMilliseconds(20), Timeout = TimeSpan.FromMinutes(1) };

    private PebbleFixture(PebbleServer server, ChallengeResponder responder)
    {
        (Server, Responder) = (server, responder);
        Client = new AcmeClient(server.DirectoryUrl,
            new AcmeClientOptions { TrustedRoots = server.TlsRoots, UserAgent = "Acme.Tests/1.0" });
    }

    public PebbleServer Server { get; }

    public ChallengeResponder Responder { get; }

    public AcmeClient Client { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<PebbleFixture> StartAsync(PebbleOptions? options = null)
    {
        if (!PebbleServer.IsInstalled)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", "Debian's package pebble is not installed.");
            Assert.Fail("Debian's package pebble is not installed.");
        }

        var responder = new ChallengeResponder();
        try
        {
            options = (options ?? new PebbleOptions()) with { HttpPort = responder.HttpPort, TlsPort = responder.TlsPort };
            return new PebbleFixture(await PebbleServer.StartAsync(options), responder);
        }
        catch
        {
            await responder.DisposeAsync();
            throw;
        }
    }

    public async Task<AccountCredentials> NewAccountAsync(KeyAlgorithm algorithm = KeyAlgorithm.ES256)
    {
        var key = AccountKey.Create(algorithm);
        var account = await Client.NewAccountAsync(key, new AccountRequest { TermsOfServiceAgreed = true }, Token);
        return new AccountCredentials(key, account.Url);
    }

    public Task<Order> NewOrderAsync(AccountCredentials account, params string[] names) =>
        Client.NewOrderAsync(account, new OrderRequest { Identifiers = [.. names.Select(Identifier.Dns)] }, Token);

    /// <summary>Puts the answer to a challenge in place and lets Pebble look for it.</summary>
    public async Task<Authorization> MeetAsync(AccountCredentials account, Uri url, string type)
    {
        var authorization = await Client.GetAuthorizationAsync(account, url, Token);
        if (authorization.Status == AuthorizationStatus.Valid) return authorization; // Pebble uses them again now and then
        var challenge = authorization.Challenges.Single(one => one.Type == type);
        var keyAuthorization = challenge.KeyAuthorization(account.Key);
        if (type == Challenge.Http01)
            Responder.Http[Challenge.Http01Path + challenge.Token] = keyAuthorization;
        else
            Responder.Tls[authorization.Identifier.Value] =
                TlsAlpn01Certificate.Create(authorization.Identifier, keyAuthorization, TimeProvider.System);
        await Client.RespondAsync(account, challenge.Url, Token);
        return await Client.WaitForAuthorizationAsync(account, url, s_wait, Token);
    }

    public async Task<(CertificateChain Chain, CertificateKey Key, Order Order)> IssueAsync(
        AccountCredentials account, string type = Challenge.Http01, KeyAlgorithm algorithm = KeyAlgorithm.ES256, params string[] names)
    {
        var order = await NewOrderAsync(account, names);
        foreach (var url in order.Authorizations) Assert.Equal(AuthorizationStatus.Valid, (await MeetAsync(account, url, type)).Status);
        order = await Client.WaitUntilReadyAsync(account, order.Url, s_wait, Token);
        var key = CertificateKey.Create(algorithm);
        order = await Client.FinalizeAsync(account, order, CertificateSigningRequest.Create(key, order.Identifiers), Token);
        order = await Client.WaitUntilIssuedAsync(account, order, s_wait, Token);
        Assert.Equal(OrderStatus.Valid, order.Status);
        return (await Client.GetCertificateAsync(account, order.Certificate!, Token), key, order);
    }

    /// <summary>Whether the chain ends at one of Pebble's roots.</summary>
    public async Task<bool> IsTrustedAsync(CertificateChain chain, int root = 0)
    {
        using var trusted = await Server.GetRootAsync(root);
        using var check = new X509Chain();
        check.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        check.ChainPolicy.CustomTrustStore.Add(trusted);
        check.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        check.ChainPolicy.DisableCertificateDownloads = true;
        foreach (var certificate in chain.Certificates.Skip(1)) check.ChainPolicy.ExtraStore.Add(certificate);
        return check.Build(chain.Leaf);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        await Responder.DisposeAsync();
    }
}
