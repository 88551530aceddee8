using Acme.Testing;

namespace Acme.Tests;

/// <summary>The client's own handler against a real TLS listener.</summary>
public sealed class AcmeTransportTests : IDisposable
{
    private readonly FakeAcmeServer _server = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Order_OverTls_GivesACertificate()
    {
        await using var listener = new FakeAcmeListener(_server);
        using var client = NewClient(listener);
        using var key = AccountKey.Create();
        var account = new AccountCredentials(key,
            (await client.NewAccountAsync(key, new AccountRequest { TermsOfServiceAgreed = true }, Token)).Url);
        var order = await client.NewOrderAsync(account, new OrderRequest { Identifiers = [Identifier.Dns("a.example")] }, Token);
        var authorization = await client.GetAuthorizationAsync(account, order.Authorizations[0], Token);
        await client.RespondAsync(account, authorization.Challenges[0].Url, Token);
        using var certificateKey = CertificateKey.Create();
        order = await client.FinalizeAsync(account, order, CertificateSigningRequest.Create(certificateKey, order.Identifiers), Token);
        using var chain = await client.GetCertificateAsync(account, order.Certificate!, Token);
        Assert.Equal(CertificateChainFaults.None, chain.Check(certificateKey, order.Identifiers, TimeProvider.System.GetUtcNow()));
    }

    [Fact]
    public async Task GetDirectory_UntrustedCertificate_IsATlsFailure()
    {
        await using var listener = new FakeAcmeListener(_server, trusted: false);
        using var client = NewClient(listener);
        var failure = await Fail(() => client.GetDirectoryAsync(Token));
        Assert.Equal(AcmeFailure.Tls, failure.Failure);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task GetDirectory_SystemsRootsOnly_IsATlsFailure()
    {
        await using var listener = new FakeAcmeListener(_server);
        using var client = new AcmeClient(_server.DirectoryUrl);
        Assert.Equal(AcmeFailure.Tls, (await Fail(() => client.GetDirectoryAsync(Token))).Failure);
    }

    [Fact]
    public async Task GetDirectory_WrongName_IsATlsFailure()
    {
        await using var listener = new FakeAcmeListener(_server);
        var url = new UriBuilder(_server.DirectoryUrl) { Host = "127.0.0.1" }.Uri;
        using var client = new AcmeClient(url, new AcmeClientOptions { TrustedRoots = listener.Roots });
        Assert.Equal(AcmeFailure.Tls, (await Fail(() => client.GetDirectoryAsync(Token))).Failure);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task GetDirectory_NobodyListens_IsANetworkFailure()
    {
        var listener = new FakeAcmeListener(_server);
        using var client = NewClient(listener);
        await listener.DisposeAsync();
        var failure = await Fail(() => client.GetDirectoryAsync(Token));
        Assert.Equal((AcmeFailure.Network, null), (failure.Failure, failure.StatusCode));
    }

    [Fact]
    public async Task GetDirectory_NoSuchName_IsANetworkFailureThatSaysSo()
    {
        using var client = new AcmeClient(new Uri("https://acme.invalid/directory"));
        var failure = await Fail(() => client.GetDirectoryAsync(Token));
        Assert.Equal(AcmeFailure.Network, failure.Failure);
        Assert.StartsWith("directory at acme.invalid failed: ", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(WireFault.Reset)]
    [InlineData(WireFault.Truncated)]
    public async Task GetDirectory_BrokenOnTheWire_IsANetworkFailureAndTheNextWorks(WireFault fault)
    {
        await using var listener = new FakeAcmeListener(_server);
        using var client = NewClient(listener);
        _server.Answer("directory", FakeResponse.Broken(fault));
        Assert.Equal(AcmeFailure.Network, (await Fail(() => client.GetDirectoryAsync(Token))).Failure);
        Assert.NotNull(await client.GetDirectoryAsync(Token));
    }

    [Fact]
    public async Task GetDirectory_Redirect_IsNotFollowed()
    {
        await using var listener = new FakeAcmeListener(_server);
        using var client = NewClient(listener);
        _server.Answer("directory", FakeResponse.Text("", "text/html", 302).With("Location", _server.DirectoryUrl.AbsoluteUri));
        Assert.Equal((AcmeFailure.Status, 302),
            ((await Fail(() => client.GetDirectoryAsync(Token))) is var e ? (e.Failure, e.StatusCode) : default));
        Assert.Equal(1, _server.Count("directory"));
    }

    [Fact]
    public async Task GetDirectory_NoAnswer_IsATimeout()
    {
        await using var listener = new FakeAcmeListener(_server);
        using var client = new AcmeClient(
            _server.DirectoryUrl, new AcmeClientOptions { TrustedRoots = listener.Roots, Timeout = TimeSpan.FromMilliseconds(300) });
        _server.Intercept = static _ => FakeResponse.Broken(WireFault.Hang);
        Assert.Equal(AcmeFailure.Timeout, (await Fail(() => client.GetDirectoryAsync(Token))).Failure);
    }

    public void Dispose() => _server.Dispose();

    private AcmeClient NewClient(FakeAcmeListener listener) =>
        new(_server.DirectoryUrl, new AcmeClientOptions { TrustedRoots = listener.Roots });

    private static Task<AcmeException> Fail(Func<Task> operation) => Assert.ThrowsAsync<AcmeException>(operation);
}
