using Acme.Testing;

namespace Acme.Tests;

/// <summary>Waiting by a clock that the tests turn.</summary>
public sealed class AcmeClientWaitTests : ClientFixture
{
    [Fact]
    public async Task WaitForAuthorization_NoRetryAfter_LooksAtGrowingIntervals()
    {
        var (account, url) = await RespondAsync(looks: 6);
        var times = Watch("authorization");
        var wait = Client.WaitForAuthorizationAsync(account, url, new WaitOptions { LongestInterval = TimeSpan.FromSeconds(2) }, Token);
        await RunAsync(wait);
        Assert.Equal(AuthorizationStatus.Valid, (await wait).Status);
        Assert.Equal([0, 0.25, 0.75, 1.75, 3.75, 5.75, 7.75], times.Select(time => (time - Now).TotalSeconds));
    }

    [Fact]
    public async Task WaitForAuthorization_RetryAfter_IsHonoured()
    {
        var (account, url) = await RespondAsync(looks: 2);
        Server.Alter = static (request, response) => response.With("Retry-After", "45");
        var times = Watch("authorization");
        var wait = Client.WaitForAuthorizationAsync(account, url, null, Token);
        await RunAsync(wait);
        Assert.Equal([0.0, 45, 90], times.Select(time => (time - Now).TotalSeconds));
        Assert.Equal(TimeSpan.FromSeconds(45), (await wait).RetryAfter);
    }

    [Fact]
    public async Task WaitForAuthorization_RetryAfterZero_DoesNotHammer()
    {
        var (account, url) = await RespondAsync(looks: 4);
        Server.Alter = static (request, response) => response.With("Retry-After", "0");
        var times = Watch("authorization");
        await RunAsync(Client.WaitForAuthorizationAsync(account, url, null, Token));
        Assert.Equal([0, 0.25, 0.5, 0.75, 1.0], times.Select(time => (time - Now).TotalSeconds));
    }

    [Fact]
    public async Task WaitForAuthorization_RetryAfterBeyondTheTime_ReturnsAtOnceWithIt()
    {
        var (account, url) = await RespondAsync(looks: 2);
        Server.Alter = static (request, response) => response.With("Retry-After", "3600");
        var wait = Client.WaitForAuthorizationAsync(account, url, null, Token);
        Assert.Equal(TimeSpan.Zero, await RunAsync(wait));
        Assert.Equal((AuthorizationStatus.Pending, TimeSpan.FromHours(1)), ((await wait).Status, (await wait).RetryAfter));
    }

    [Fact]
    public async Task WaitUntilIssued_ProcessingForLong_EndsWithTheTimeAndGoesOnLater()
    {
        Server.LooksUntilIssued = 60;
        var account = await NewAccountAsync();
        var order = await FinalizeAsync(account);
        var wait = Client.WaitUntilIssuedAsync(account, order, null, Token);
        var took = await RunAsync(wait);
        Assert.Equal(OrderStatus.Processing, (await wait).Status);
        Assert.InRange(took, TimeSpan.FromMinutes(4.5), TimeSpan.FromMinutes(5));
        wait = Client.WaitUntilIssuedAsync(account, order, null, Token);
        await RunAsync(wait);
        Assert.Equal(OrderStatus.Valid, (await wait).Status);
        Assert.NotNull((await wait).Certificate);
    }

    [Fact]
    public async Task WaitUntilIssued_IssuedAlready_SendsNothing()
    {
        var account = await NewAccountAsync();
        var order = await FinalizeAsync(account);
        var before = Server.Requests.Count;
        Assert.Same(order, await Client.WaitUntilIssuedAsync(account, order, null, Token));
        Assert.Equal(before, Server.Requests.Count);
    }

    [Fact]
    public async Task WaitUntilIssued_RetryAfterOfFinalize_IsHonoured()
    {
        Server.LooksUntilIssued = 1;
        Server.Alter = static (request, response) => response.With("Retry-After", "15");
        var account = await NewAccountAsync();
        var order = await FinalizeAsync(account);
        var times = Watch("order");
        await RunAsync(Client.WaitUntilIssuedAsync(account, order, null, Token));
        Assert.Equal([15.0, 30], times.Select(time => (time - Now).TotalSeconds));
    }

    [Fact]
    public async Task WaitUntilReady_UnknownStatus_IsWaitedOut()
    {
        var account = await NewAccountAsync();
        var order = await NewReadyOrderAsync(account, "a.example");
        var looks = 0;
        Server.Alter = (request, response) =>
        {
            if (looks++ < 2) response.Set("status", "queued");
        };
        var wait = Client.WaitUntilReadyAsync(account, order.Url, null, Token);
        await RunAsync(wait);
        Assert.Equal(OrderStatus.Ready, (await wait).Status);
    }

    [Fact]
    public async Task WaitForAuthorization_PassingFaults_AreWaitedOut()
    {
        var (account, url) = await RespondAsync(looks: 0);
        Server.Answer(
            "authorization",
            FakeResponse.Broken(WireFault.Reset),
            FakeResponse.Broken(WireFault.Truncated),
            FakeResponse.Problem(500, "serverInternal"),
            FakeResponse.Text("", "text/html", 503).With("Retry-After", "20"),
            FakeResponse.Problem(429, "rateLimited"));
        var wait = Client.WaitForAuthorizationAsync(account, url, null, Token);
        var took = await RunAsync(wait);
        Assert.Equal(AuthorizationStatus.Valid, (await wait).Status);
        Assert.True(took >= TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task WaitForAuthorization_ServerStaysDown_EndsWithItsLastFailure()
    {
        var (account, url) = await RespondAsync(looks: 0);
        Server.Intercept = static _ => FakeResponse.Text("", "text/html", 503);
        var wait = Client.WaitForAuthorizationAsync(account, url, new WaitOptions { Timeout = TimeSpan.FromMinutes(1) }, Token);
        Assert.True(await RunAsync(wait) <= TimeSpan.FromMinutes(1));
        Assert.Equal(503, (await FailAsync(() => wait)).StatusCode);
    }

    [Fact]
    public async Task WaitForAuthorization_Refusal_EndsIt()
    {
        var (account, url) = await RespondAsync(looks: 5);
        Server.Answer("authorization", FakeResponse.Problem(404, "malformed"));
        Assert.Equal(404, (await FailAsync(() => Client.WaitForAuthorizationAsync(account, url, null, Token))).StatusCode);
    }

    [Fact]
    public async Task WaitForAuthorization_Cancelled_EndsAtOnce()
    {
        var (account, url) = await RespondAsync(looks: 5);
        using var caller = new CancellationTokenSource();
        var wait = Client.WaitForAuthorizationAsync(account, url, null, caller.Token);
        await caller.CancelAsync();
        Assert.Equal(caller.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait)).CancellationToken);
    }

    private async Task<(AccountCredentials Account, Uri Authorization)> RespondAsync(int looks)
    {
        Server.LooksUntilValidated = looks;
        var account = await NewAccountAsync();
        var order = await NewReadyOrderAsync(account, "a.example");
        return (account, order.Authorizations[0]);
    }

    private async Task<Order> FinalizeAsync(AccountCredentials account)
    {
        var order = await NewReadyOrderAsync(account, "a.example");
        using var key = CertificateKey.Create();
        return await Client.FinalizeAsync(account, order, CertificateSigningRequest.Create(key, order.Identifiers), Token);
    }

    /// <summary>When the operation is asked for from now on.</summary>
    private List<DateTimeOffset> Watch(string operation)
    {
        var times = new List<DateTimeOffset>();
        Server.Intercept = request =>
        {
            if (request.Operation == operation) times.Add(Time.GetUtcNow());
            return null;
        };
        return times;
    }
}
