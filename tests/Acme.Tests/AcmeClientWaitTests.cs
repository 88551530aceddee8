using Acme.Testing;

namespace Acme.Tests;

/// <summary>Waiting by a clock that the tests turn.</summary>
public abstract class AcmeClientWaitTests(PlayedCa plays) : ClientFixture(plays)
{
    public sealed class ByRfc8555() : AcmeClientWaitTests(PlayedCa.Rfc8555);

    public sealed class AtPebble() : AcmeClientWaitTests(PlayedCa.Pebble);

    public sealed class AtStepCa() : AcmeClientWaitTests(PlayedCa.StepCa);

    public sealed class AtLetsEncrypt() : AcmeClientWaitTests(PlayedCa.LetsEncrypt);

    [Fact]
    public async Task WaitForAuthorization_NoRetryAfter_LooksAtGrowingIntervals()
    {
        var (account, url) = await RespondAsync(looks: 6);
        RetryAfter(null);
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
        RetryAfter("45");
        var times = Watch("authorization");
        var wait = Client.WaitForAuthorizationAsync(account, url, null, Token);
        await RunAsync(wait);
        Assert.Equal([0.0, 45, 90], times.Select(time => (time - Now).TotalSeconds));
        Assert.Equal(TimeSpan.FromSeconds(45), (await wait).RetryAfter);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT")]
    public async Task WaitForAuthorization_RetryAfterZeroOrPast_IntervalsGrowAsWithoutIt(string retryAfter)
    {
        var (account, url) = await RespondAsync(looks: 4);
        RetryAfter(retryAfter);
        var times = Watch("authorization");
        await RunAsync(Client.WaitForAuthorizationAsync(account, url, null, Token));
        Assert.Equal([0, 0.25, 0.75, 1.75, 3.75], times.Select(time => (time - Now).TotalSeconds));
    }

    [Fact]
    public async Task WaitForAuthorization_OwnClockIsAhead_RetryAfterCountsFromTheServersDate()
    {
        var (account, url) = await RespondAsync(looks: 2);
        var server = Now.AddHours(-1);
        Server.Alter = (request, response) => response.Without("Retry-After")
            .With("Date", server.ToString("r")).With("Retry-After", server.AddSeconds(40).ToString("r"));
        var times = Watch("authorization");
        await RunAsync(Client.WaitForAuthorizationAsync(account, url, null, Token));
        Assert.Equal([0.0, 40, 80], times.Select(time => (time - Now).TotalSeconds));
    }

    [Fact]
    public async Task WaitForAuthorization_ChallengeFails_EndsAtOnceWithTheReason()
    {
        Server.Validate = static _ => "connection";
        var (account, url) = await RespondAsync(looks: 1);
        var pending = await Client.GetAuthorizationAsync(account, url, Token);
        var challenge = pending.Challenges.Single(static one => one.Type == Challenge.Http01);
        var wait = Client.WaitForAuthorizationAsync(account, url, challenge.Url, null, Token);
        Assert.True(await RunAsync(wait) < TimeSpan.FromSeconds(10));
        var seen = (await wait).Challenges.Single(one => one.Url == challenge.Url);
        Assert.True(seen.HasFailed);
        Assert.Equal(AcmeErrorType.Connection, seen.Error!.ErrorType);
        Assert.DoesNotContain(Server.Requests, static one => one.Operation == "challenge" && one.Payload is null);
    }

    [Fact]
    public async Task WaitForAuthorization_ServerRetriesWithAnError_IsWaitedOut()
    {
        // RFC 8555 §8.2: processing, with the error of the last attempt.
        var (account, url) = await RespondAsync(looks: 3);
        Server.Alter = static (request, response) =>
        {
            if (request.Operation != "authorization" || response.Read()["status"]!.GetValue<string>() != "pending") return;
            var challenges = response.Read()["challenges"]!.DeepClone().AsArray();
            challenges[0]!["status"] = "processing";
            challenges[0]!["error"] = new System.Text.Json.Nodes.JsonObject { ["type"] = "urn:ietf:params:acme:error:connection" };
            response.Set("challenges", challenges);
        };
        var challenge = (await Client.GetAuthorizationAsync(account, url, Token)).Challenges[0];
        var wait = Client.WaitForAuthorizationAsync(account, url, challenge.Url, null, Token);
        await RunAsync(wait);
        Assert.Equal(AuthorizationStatus.Valid, (await wait).Status);
    }

    [Fact]
    public async Task WaitForAuthorization_RetryAfterBeyondTheTime_ReturnsAtOnceWithIt()
    {
        var (account, url) = await RespondAsync(looks: 2);
        RetryAfter("3600");
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
    public async Task WaitUntilIssued_ValidWithoutACertificate_EndsAfterAFewRequests()
    {
        Server.Alter = static (request, response) =>
        {
            if (request.Operation is "finalize" or "order") response.Set("certificate", null);
        };
        var account = await NewAccountAsync();
        var order = await FinalizeAsync(account);
        var before = Server.Count("order");
        var wait = Client.WaitUntilIssuedAsync(account, order, null, Token);
        await RunAsync(wait);
        Assert.Equal((OrderStatus.Valid, null), ((await wait).Status, (await wait).Certificate));
        Assert.InRange(Server.Count("order") - before, 3, 10);
    }

    [Fact]
    public async Task WaitUntilIssued_CertificateShownLate_IsWaitedFor()
    {
        var looks = 0;
        Server.Alter = (request, response) =>
        {
            if (request.Operation == "finalize" || (request.Operation == "order" && looks++ < 3)) response.Set("certificate", null);
        };
        var account = await NewAccountAsync();
        var wait = Client.WaitUntilIssuedAsync(account, await FinalizeAsync(account), null, Token);
        await RunAsync(wait);
        Assert.NotNull((await wait).Certificate);
    }

    [Fact]
    public async Task WaitUntilIssued_RetryAfterOfFinalize_IsHonoured()
    {
        Server.LooksUntilIssued = 1;
        RetryAfter("15");
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

    /// <summary>Of every answer, in place of the CA's own; null for none.</summary>
    private void RetryAfter(string? value) => Server.Alter = (request, response) =>
    {
        response.Without("Retry-After");
        if (value is not null) response.With("Retry-After", value);
    };

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
