using Acme.Testing;

namespace Acme.Tests;

/// <summary>A client, the fake server, no network, and a clock that stands still.</summary>
public abstract class ClientFixture : IDisposable
{
    protected static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    protected ClientFixture(PlayedCa plays)
    {
        Server = new FakeAcmeServer(Time, plays);
        Handler = new FakeAcmeHandler(Server);
        Client = NewClient(static options => options);
    }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected PausingTime Time { get; } = new(Now);

    protected FakeAcmeServer Server { get; }

    /// <summary>The CA that the server plays.</summary>
    protected PlayedCa Plays => Server.Plays;

    protected FakeAcmeHandler Handler { get; }

    protected AcmeClient Client { get; }

    protected AcmeClient NewClient(Func<AcmeClientOptions, AcmeClientOptions> change) =>
        new(Server.DirectoryUrl, change(new AcmeClientOptions { Handler = Handler, TimeProvider = Time, UserAgent = "Acme.Tests/1.0" }));

    protected async Task<AccountCredentials> NewAccountAsync(KeyAlgorithm algorithm = KeyAlgorithm.ES256)
    {
        var key = AccountKey.Create(algorithm);
        var account = await Client.NewAccountAsync(key, new AccountRequest { TermsOfServiceAgreed = true }, Token);
        return new AccountCredentials(key, account.Url);
    }

    protected Task<Order> NewOrderAsync(AccountCredentials account, params string[] names) =>
        Client.NewOrderAsync(account, new OrderRequest { Identifiers = [.. names.Select(Identifier.Dns)] }, Token);

    /// <summary>An order whose authorizations are valid.</summary>
    protected async Task<Order> NewReadyOrderAsync(AccountCredentials account, params string[] names)
    {
        var order = await NewOrderAsync(account, names);
        foreach (var url in order.Authorizations)
        {
            var authorization = await Client.GetAuthorizationAsync(account, url, Token);
            await Client.RespondAsync(account, authorization.Challenges.Single(static one => one.Type == Challenge.Http01).Url, Token);
        }

        return await Client.GetOrderAsync(account, order.Url, Token);
    }

    /// <summary>A certificate, from the order to the download.</summary>
    protected async Task<(CertificateChain Chain, CertificateKey Key, Order Order)> IssueAsync(
        AccountCredentials account, KeyAlgorithm algorithm, params string[] names)
    {
        var key = CertificateKey.Create(algorithm);
        var order = await NewReadyOrderAsync(account, names);
        order = await Client.FinalizeAsync(account, order, CertificateSigningRequest.Create(key, order.Identifiers), Token);
        return (await Client.GetCertificateAsync(account, order.Certificate!, Token), key, order);
    }

    protected static async Task<AcmeException> FailAsync(Func<Task> operation) => await Assert.ThrowsAsync<AcmeException>(operation);

    /// <summary>Turns the clock to the end of each pause until the task ends, and says how far.</summary>
    protected async Task<TimeSpan> RunAsync(Task task)
    {
        var start = Time.GetTimestamp();
        while (await Time.WaitForPauseAsync(task)) Assert.True(Time.GetElapsedTime(start) < TimeSpan.FromDays(1), "It never ends.");
        return Time.GetElapsedTime(start);
    }

    protected virtual void Dispose(bool disposing)
    {
        Client.Dispose();
        Handler.Dispose();
        Server.Dispose();
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }
}
