using Acme.Testing;

namespace Acme.Tests;

/// <summary>A server that misbehaves: every failure is one typed exception, and nothing is sent twice but for a nonce.</summary>
public abstract class AcmeClientFaultTests(PlayedCa plays) : ClientFixture(plays)
{
    public sealed class ByRfc8555() : AcmeClientFaultTests(PlayedCa.Rfc8555);

    public sealed class AtPebble() : AcmeClientFaultTests(PlayedCa.Pebble);

    public sealed class AtStepCa() : AcmeClientFaultTests(PlayedCa.StepCa);

    public sealed class AtLetsEncrypt() : AcmeClientFaultTests(PlayedCa.LetsEncrypt);

    [Fact]
    public async Task Post_BadNonce_IsSentAgainWithTheFreshNonce()
    {
        var account = await NewAccountAsync();
        Server.Answer("newOrder", FakeResponse.Problem(400, "badNonce"), FakeResponse.Problem(400, "badNonce"));
        await NewOrderAsync(account, "a.example");
        Assert.Equal(3, Server.Count("newOrder"));
        Assert.Equal(0, Server.Count("newNonce"));
    }

    [Fact]
    public async Task Post_BadNonceWithAMemberOfTheWrongType_IsSentAgain()
    {
        var account = await NewAccountAsync();
        Server.Answer("newOrder", FakeResponse.Problem(400, "badNonce").Set("status", "400"));
        await NewOrderAsync(account, "a.example");
        Assert.Equal(2, Server.Count("newOrder"));
    }

    [Fact]
    public async Task Post_BadNonceWithoutAFreshOne_AsksForOne()
    {
        var account = await NewAccountAsync();
        var bad = FakeResponse.Problem(400, "badNonce");
        bad.WithNonce = false;
        Server.Answer("newOrder", bad);
        await NewOrderAsync(account, "a.example");
        Assert.Equal((2, 1), (Server.Count("newOrder"), Server.Count("newNonce")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Post_BadNonceStorm_EndsAfterSoManyRetries(int retries)
    {
        using var client = NewClient(options => options with { MaxBadNonceRetries = retries });
        Server.RefuseNonce = static () => true;
        using var key = AccountKey.Create();
        var failure = await FailAsync(() => client.NewAccountAsync(key, new AccountRequest { TermsOfServiceAgreed = true }, Token));
        Assert.Equal((AcmeErrorType.BadNonce, 400), (failure.ErrorType, failure.StatusCode));
        Assert.Equal(1 + retries, Server.Count("newAccount"));
    }

    [Fact]
    public async Task Post_HalfOfNoncesRefusedFiftyOrders_AllSucceed()
    {
        var random = new Random(8555);
        Server.RefuseNonce = () => random.Next(2) == 0;
        var account = await NewAccountAsync();
        await Task.WhenAll(Enumerable.Range(0, 50)
            .Select(async i => (await IssueAsync(account, KeyAlgorithm.ES256, $"n{i}.example")).Chain.Dispose()));
        Assert.Equal(50, Server.Certificates.Count);
    }

    [Fact]
    public async Task Post_StalePool_CostsOneRefusal()
    {
        var account = await NewAccountAsync();
        Time.Advance(TimeSpan.FromMinutes(5));
        var refuse = true;
        Server.RefuseNonce = () => refuse && !(refuse = false);
        await NewOrderAsync(account, "a.example");
        await NewOrderAsync(account, "b.example");
        Assert.Equal(3, Server.Count("newOrder"));
    }

    [Fact]
    public async Task NewNonce_WithoutANonce_IsAnInvalidResponse()
    {
        Server.Intercept = static request =>
        {
            var response = request.Operation == "newNonce" ? new FakeResponse() : null;
            if (response is not null) response.WithNonce = false;
            return response;
        };
        Server.Alter = static (_, response) => response.WithNonce = false;
        using var key = AccountKey.Create();
        var failure = await FailAsync(() => Client.FindAccountAsync(key, Token));
        Assert.Equal(AcmeFailure.InvalidResponse, failure.Failure);
        Assert.Contains("no Replay-Nonce", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429, "rateLimited", AcmeErrorType.RateLimited)]
    [InlineData(500, "serverInternal", AcmeErrorType.ServerInternal)]
    [InlineData(403, "somethingNew", AcmeErrorType.Unknown)]
    public async Task Post_Problem_IsTypedWithRetryAfterAndNotSentAgain(int status, string type, AcmeErrorType expected)
    {
        var account = await NewAccountAsync();
        Server.Answer("newOrder", FakeResponse.Problem(status, type, "Too many.\nTry later.")
            .With("Retry-After", Now.AddMinutes(90).ToString("r")));
        var failure = await FailAsync(() => NewOrderAsync(account, "a.example"));
        Assert.Equal((AcmeFailure.Problem, expected, status), (failure.Failure, failure.ErrorType, failure.StatusCode));
        Assert.Equal($"urn:ietf:params:acme:error:{type}", failure.Problem!.Type);
        Assert.Equal(TimeSpan.FromMinutes(90), failure.RetryAfter);
        Assert.Equal($"newOrder at acme.test was refused with status {status}: {type}: Too many. Try later.", failure.Message);
        Assert.Equal(1, Server.Count("newOrder"));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(404)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task Post_StatusWithoutProblem_IsAStatus(int status)
    {
        var account = await NewAccountAsync();
        Server.Answer("newOrder", FakeResponse.Text("<html>", "text/html", status)
            .With("Retry-After", "5").With("Location", "https://elsewhere.test/"));
        var failure = await FailAsync(() => NewOrderAsync(account, "a.example"));
        Assert.Equal((AcmeFailure.Status, status, TimeSpan.FromSeconds(5)), (failure.Failure, failure.StatusCode, failure.RetryAfter));
        Assert.Null(failure.Problem);
        Assert.DoesNotContain(Server.Requests, static one => one.Url.Host == "elsewhere.test");
    }

    [Theory]
    [InlineData("directory")]
    [InlineData("newNonce")]
    [InlineData("newAccount")]
    public async Task AnyStep_Reset_IsANetworkFailure(string operation)
    {
        Server.Alter = static (request, response) => response.WithNonce = request.Operation != "directory";
        Server.Answer(operation, FakeResponse.Broken(WireFault.Reset));
        using var key = AccountKey.Create();
        var failure = await FailAsync(() => Client.FindAccountAsync(key, Token));
        Assert.Equal((AcmeFailure.Network, null, null), (failure.Failure, failure.StatusCode, failure.Problem));
        Assert.Equal($"{operation} at acme.test failed: Connection reset by peer", failure.Message);
        Assert.Equal(1, Server.Count(operation));
        Assert.Null(await Client.FindAccountAsync(key, Token)); // nothing is broken for the next one
    }

    [Fact]
    public async Task Post_Truncated_IsANetworkFailure()
    {
        var account = await NewAccountAsync();
        Server.Answer("newOrder", FakeResponse.Broken(WireFault.Truncated));
        Assert.Equal(AcmeFailure.Network, (await FailAsync(() => NewOrderAsync(account, "a.example"))).Failure);
    }

    [Theory]
    [InlineData(WireFault.Hang)]
    [InlineData(WireFault.HangInBody)]
    public async Task Post_Slow_IsATimeoutAfterTheWholeTime(WireFault fault)
    {
        var account = await NewAccountAsync();
        Server.Answer("newOrder", FakeResponse.Broken(fault));
        var order = NewOrderAsync(account, "a.example");
        await Handler.Hanging;
        Time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.False(order.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(0.2));
        var failure = await FailAsync(() => order);
        Assert.Equal(AcmeFailure.Timeout, failure.Failure);
        Assert.Equal("newOrder at acme.test was not answered within 30 s.", failure.Message);
    }

    [Theory]
    [InlineData(WireFault.Hang)]
    [InlineData(WireFault.HangInBody)]
    public async Task Post_CallerCancels_IsCanceledWithItsToken(WireFault fault)
    {
        var account = await NewAccountAsync();
        Server.Answer("newOrder", FakeResponse.Broken(fault));
        using var caller = new CancellationTokenSource();
        var order = Client.NewOrderAsync(account, new OrderRequest { Identifiers = [Identifier.Dns("a.example")] }, caller.Token);
        await Handler.Hanging;
        await caller.CancelAsync();
        Assert.Equal(caller.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => order)).CancellationToken);
    }

    [Theory]
    [InlineData("text/html", "{}")]
    [InlineData("text/json", "{}")]
    [InlineData("application/problem+json", "{}")]
    [InlineData(null, "{}")]
    [InlineData("application/json", "")]
    [InlineData("application/json", "null")]
    [InlineData("application/json", "[]")]
    [InlineData("application/json", "{")]
    [InlineData("application/json", "{} {}")]
    [InlineData("application/json", "\u00FF")]
    [InlineData("application/json", "{ \"a\": [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]] }")]
    public async Task Post_SomethingElseThanJson_IsAnInvalidResponse(string? type, string body)
    {
        var account = await NewAccountAsync();
        Server.Alter = (_, response) => (response.ContentType, response.Body) = (type, System.Text.Encoding.UTF8.GetBytes(body));
        Assert.Equal(AcmeFailure.InvalidResponse, (await FailAsync(() => NewOrderAsync(account, "a.example"))).Failure);
    }

    [Theory]
    [InlineData(256 * 1024, true)]
    [InlineData((256 * 1024) + 1, false)]
    public async Task Post_Oversize_IsAnInvalidResponse(int length, bool taken)
    {
        var account = await NewAccountAsync();
        Server.Alter = (_, response) => response.Body = [.. response.Body, .. Enumerable.Repeat((byte)' ', length - response.Body.Length)];
        if (taken)
        {
            await NewOrderAsync(account, "a.example");
            return;
        }

        var failure = await FailAsync(() => NewOrderAsync(account, "a.example"));
        Assert.Equal(AcmeFailure.InvalidResponse, failure.Failure);
        Assert.Contains("more than 262144 bytes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetDirectory_AfterAFailure_IsAskedForAgain()
    {
        Server.Answer("directory", FakeResponse.Text("", "text/html", 503));
        Assert.Equal(503, (await FailAsync(() => Client.GetDirectoryAsync(Token))).StatusCode);
        Assert.NotNull(await Client.GetDirectoryAsync(Token));
    }

    [Fact]
    public async Task GetDirectory_ServerHangs_AllWhoWaitLearnItTogether()
    {
        Server.Answer("directory", FakeResponse.Broken(WireFault.Hang));
        using var caller = new CancellationTokenSource();
        var cancelled = Client.GetDirectoryAsync(caller.Token);
        var others = Enumerable.Range(0, 5).Select(_ => Client.GetDirectoryAsync(Token)).ToList();
        await Handler.Hanging;
        await caller.CancelAsync();
        Assert.Equal(caller.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled)).CancellationToken);
        Assert.All(others, static one => Assert.False(one.IsCompleted));
        Time.Advance(TimeSpan.FromSeconds(30));
        foreach (var one in others) Assert.Equal(AcmeFailure.Timeout, (await FailAsync(() => one)).Failure);
        Assert.Equal(1, Server.Count("directory"));
        Assert.NotNull(await Client.GetDirectoryAsync(Token));
    }

    [Theory]
    [InlineData("directory")]
    [InlineData("newAccount")]
    [InlineData("newOrder")]
    [InlineData("authorization")]
    [InlineData("challenge")]
    [InlineData("finalize")]
    [InlineData("certificate")]
    public async Task AnyStep_DamagedAnswer_IsTakenOrAnAcmeException(string operation)
    {
        var random = new Random(8555);
        var damage = "{}[]\",:0-nx\n\u00e9";
        Server.Alter = (request, response) =>
        {
            if (request.Operation != operation || response.Body.Length == 0) return;
            var start = random.Next(response.Body.Length);
            var length = random.Next(1, 10);
            response.Body =
                [.. response.Body[..start], (byte)damage[random.Next(damage.Length)],
                    .. response.Body[Math.Min(start + length, response.Body.Length)..]];
        };
        var failures = 0;
        for (var i = 0; i < 150; i++)
        {
            using var client = NewClient(static options => options);
            try
            {
                using var key = AccountKey.Create();
                var account = new AccountCredentials(
                    key, (await client.NewAccountAsync(key, new AccountRequest { TermsOfServiceAgreed = true }, Token)).Url);
                var order = await client.NewOrderAsync(account, new OrderRequest { Identifiers = [Identifier.Dns($"n{i}.example")] },
                    Token);
                if (order.Authorizations.Count == 0) continue;
                var authorization = await client.GetAuthorizationAsync(account, order.Authorizations[0], Token);
                if (authorization.Challenges.Count == 0) continue;
                await client.RespondAsync(account, authorization.Challenges[0].Url, Token);
                var request = CertificateSigningRequest.Create(CertificateKey.Create(), [Identifier.Dns($"n{i}.example")]);
                order = await client.FinalizeAsync(account, order, request, Token);
                if (order.Certificate is not null) (await client.GetCertificateAsync(account, order.Certificate, Token)).Dispose();
            }
            catch (AcmeException)
            {
                failures++;
            }
        }

        Assert.InRange(failures, 10, 150);
    }

    [Fact]
    public async Task Failures_AnyKind_ShowNoKeyTokenOrBody()
    {
        var account = await NewAccountAsync();
        var order = await NewOrderAsync(account, "a.example");
        var authorization = await Client.GetAuthorizationAsync(account, order.Authorizations[0], Token);
        var challenge = authorization.Challenges[0];
        FakeResponse[] answers =
        [
            FakeResponse.Problem(403, "unauthorized"), FakeResponse.Broken(WireFault.Reset), FakeResponse.Broken(WireFault.Truncated),
            FakeResponse.Text("{", "application/json"),
        ];
        Server.Answer("challenge", answers);
        var shown = $"{account} {order} {authorization} {challenge}";
        foreach (var _ in answers) shown += await FailAsync(() => Client.RespondAsync(account, challenge.Url, Token));
        Assert.DoesNotContain(challenge.Token!, shown, StringComparison.Ordinal);
        Assert.DoesNotContain(account.Key.ExportPem().Split('\n')[1], shown, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", shown, StringComparison.Ordinal);
    }
}
