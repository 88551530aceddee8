using System.Text.Json.Nodes;
using Acme.Testing;

namespace Acme.Tests;

/// <summary>Orders, authorizations and challenges against the fake server.</summary>
public abstract class AcmeClientOrderTests(PlayedCa plays) : ClientFixture(plays)
{
    public sealed class ByRfc8555() : AcmeClientOrderTests(PlayedCa.Rfc8555);

    public sealed class AtPebble() : AcmeClientOrderTests(PlayedCa.Pebble);

    public sealed class AtStepCa() : AcmeClientOrderTests(PlayedCa.StepCa);

    public sealed class AtLetsEncrypt() : AcmeClientOrderTests(PlayedCa.LetsEncrypt);

    [Theory]
    [InlineData(KeyAlgorithm.ES256)]
    [InlineData(KeyAlgorithm.ES384)]
    [InlineData(KeyAlgorithm.RS256)]
    public async Task Order_FromStartToFinish_GivesACertificateForTheKey(KeyAlgorithm algorithm)
    {
        var account = await NewAccountAsync();
        var order = await NewOrderAsync(account, "a.example", "b.example");
        Assert.Equal(OrderStatus.Pending, order.Status);
        Assert.Equal([Identifier.Dns("a.example"), Identifier.Dns("b.example")], order.Identifiers);
        Assert.Equal(Now + Plays.OrderLife, order.Expires);
        Assert.Equal(2, order.Authorizations.Count);

        foreach (var url in order.Authorizations)
        {
            var authorization = await Client.GetAuthorizationAsync(account, url, Token);
            Assert.Equal(AuthorizationStatus.Pending, authorization.Status);
            Assert.Contains(authorization.Identifier, order.Identifiers);
            var challenge = authorization.Challenges.Single(static one => one.Type == Challenge.TlsAlpn01);
            Assert.Equal(Server.Authorizations.Single(one => one.Name == authorization.Identifier.Value).KeyAuthorization,
                challenge.KeyAuthorization(account.Key));
            var responded = await Client.RespondAsync(account, challenge.Url, Token);
            Assert.Equal(ChallengeStatus.Valid, responded.Status);
            Assert.Equal(Now, responded.Validated);
            Assert.Equal(ChallengeStatus.Valid, (await Client.GetChallengeAsync(account, challenge.Url, Token)).Status);
            Assert.Equal(AuthorizationStatus.Valid, (await Client.WaitForAuthorizationAsync(account, url, null, Token)).Status);
        }

        order = await Client.WaitUntilReadyAsync(account, order.Url, null, Token);
        Assert.Equal(OrderStatus.Ready, order.Status);
        using var key = CertificateKey.Create(algorithm);
        order = await Client.FinalizeAsync(account, order, CertificateSigningRequest.Create(key, order.Identifiers), Token);
        order = await Client.WaitUntilIssuedAsync(account, order, null, Token);
        Assert.Equal(OrderStatus.Valid, order.Status);
        using var chain = await Client.GetCertificateAsync(account, order.Certificate!, Token);
        Assert.Equal(CertificateChainFaults.None, chain.Check(key, order.Identifiers, Now));
    }

    [Fact]
    public async Task Requests_All_AreWhatRfc8555Says()
    {
        var account = await NewAccountAsync();
        await IssueAsync(account, KeyAlgorithm.ES256, "a.example");
        Assert.All(Server.Requests.Where(static one => one.Method == "POST"), static request =>
        {
            Assert.Equal("application/jose+json", request.Headers["Content-Type"]);
            Assert.Equal("Acme.Tests/1.0", request.Headers["User-Agent"]);
            Assert.False(request.Headers.ContainsKey("Cookie"));
        });
        // POST-as-GET has an empty payload, a response to a challenge an empty object: RFC 8555 §6.3, §7.5.1.
        Assert.All(Server.Requests.Where(static one => one.Operation is "order" or "authorization" or "certificate"),
            static one => Assert.Empty(one.Jws!.Payload));
        Assert.All(Server.Requests.Where(static one => one.Operation == "challenge"),
            static one => Assert.Equal("{}"u8.ToArray(), one.Jws!.Payload));
        Assert.Equal("application/pem-certificate-chain",
            Server.Requests.Single(static one => one.Operation == "certificate").Headers["Accept"]);
        // The pool of nonces: one was asked for, all others came with answers.
        Assert.Equal(0, Server.Count("newNonce"));
    }

    [Fact]
    public async Task NewOrder_ReplacesAndProfile_AreSentAndRead()
    {
        Server.Profiles["shortlived"] = "Six days";
        var account = await NewAccountAsync();
        var (replaced, _, _) = await IssueAsync(account, KeyAlgorithm.ES256, "a.example");
        var id = CertificateId.From(replaced.Leaf);
        replaced.Dispose();
        var request = new OrderRequest { Identifiers = [Identifier.Dns("a.example")], Replaces = id, Profile = "shortlived" };
        var order = await Client.NewOrderAsync(account, request, Token);
        if (!Plays.HasExtensions)
        {
            Assert.Equal((null, null), (order.Replaces, order.Profile));
            await Client.NewOrderAsync(account, request with { Profile = "none" }, Token); // ignored, not refused
            return;
        }

        Assert.Equal((id, "shortlived"), (order.Replaces, order.Profile));
        var failure = await FailAsync(() => Client.NewOrderAsync(account, request, Token));
        Assert.Equal((AcmeErrorType.AlreadyReplaced, 409), (failure.ErrorType, failure.StatusCode));
        failure = await FailAsync(() => Client.NewOrderAsync(account, request with { Replaces = null, Profile = "none" }, Token));
        Assert.Equal(AcmeErrorType.InvalidProfile, failure.ErrorType);
    }

    [Fact]
    public async Task NewOrder_ReplacesAnUnknownCertificate_IsTheCasOwnAnswer()
    {
        var account = await NewAccountAsync();
        Assert.True(CertificateId.TryParse("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE", out var id));
        var request = new OrderRequest { Identifiers = [Identifier.Dns("a.example")], Replaces = id };
        if (Plays.ChecksReplaces)
            Assert.Equal(404, (await FailAsync(() => Client.NewOrderAsync(account, request, Token))).StatusCode);
        else
            Assert.Equal(Plays.HasExtensions ? id : null, (await Client.NewOrderAsync(account, request, Token)).Replaces);
    }

    [Fact]
    public async Task NewOrder_SameNamesAgain_IsTheSameOrderAtSomeCas()
    {
        var account = await NewAccountAsync();
        var order = await NewOrderAsync(account, "a.example");
        Assert.Equal(Plays.ReusesOrders, order.Url == (await NewOrderAsync(account, "a.example")).Url);
    }

    [Fact]
    public async Task NewOrder_PlainOne_SendsNeitherReplacesNorProfile()
    {
        await NewOrderAsync(await NewAccountAsync(), "a.example");
        Assert.Equal("""{"identifiers":[{"type":"dns","value":"a.example"}]}""", Server.Requests.Last().Payload!.ToJsonString());
    }

    [Fact]
    public async Task NewOrder_RejectedName_SaysWhich()
    {
        Server.IsRejected = static name => name == "bad.example";
        var account = await NewAccountAsync();
        var failure = await FailAsync(() => NewOrderAsync(account, "good.example", "bad.example"));
        Assert.Equal((AcmeErrorType.RejectedIdentifier, 400), (failure.ErrorType, failure.StatusCode));
        Assert.Equal("newOrder at acme.test was refused with status 400: rejectedIdentifier: bad.example is forbidden.", failure.Message);
    }

    [Fact]
    public async Task NewOrder_ValidAuthorization_NeedsNoChallenge()
    {
        var account = await NewAccountAsync();
        await NewReadyOrderAsync(account, "a.example");
        Assert.Equal(OrderStatus.Ready, (await NewOrderAsync(account, "a.example")).Status);
    }

    [Fact]
    public async Task Authorization_FailedChallenge_HasTheServersWords()
    {
        Server.Validate = static _ => "connection";
        var account = await NewAccountAsync();
        var order = await NewReadyOrderAsync(account, "a.example");
        Assert.Equal(Plays.KeepsFailedPending ? OrderStatus.Pending : OrderStatus.Invalid, order.Status);
        var authorization = await Client.GetAuthorizationAsync(account, order.Authorizations[0], Token);
        Assert.Equal(Plays.KeepsFailedPending ? AuthorizationStatus.Pending : AuthorizationStatus.Invalid, authorization.Status);
        Assert.Single(authorization.Challenges, static one => one.HasFailed);
        Assert.Equal((Plays.HasProblemStatus ? 403 : null), authorization.Error!.Status);
        Assert.Equal((AcmeErrorType.Connection, "a.example could not be validated."),
            (authorization.Error!.ErrorType, authorization.Error.Detail));
    }

    [Fact]
    public async Task DeactivateAuthorization_Pending_EndsTheOrder()
    {
        var account = await NewAccountAsync();
        var order = await NewOrderAsync(account, "a.example");
        Assert.Equal(AuthorizationStatus.Deactivated,
            (await Client.DeactivateAuthorizationAsync(account, order.Authorizations[0], Token)).Status);
        Assert.Equal(OrderStatus.Invalid, (await Client.WaitUntilReadyAsync(account, order.Url, null, Token)).Status);
    }

    [Fact]
    public async Task Finalize_NotReadyOrWrongNames_IsRefused()
    {
        var account = await NewAccountAsync();
        using var key = CertificateKey.Create();
        var order = await NewOrderAsync(account, "a.example");
        var request = CertificateSigningRequest.Create(key, order.Identifiers);
        Assert.Equal(AcmeErrorType.OrderNotReady, (await FailAsync(() => Client.FinalizeAsync(account, order, request, Token))).ErrorType);
        order = await NewReadyOrderAsync(account, "b.example");
        Assert.Equal(AcmeErrorType.BadCSR, (await FailAsync(() => Client.FinalizeAsync(account, order, request, Token))).ErrorType);
    }

    [Fact]
    public async Task WaitUntilIssued_InvalidAfterFinalize_HasTheError()
    {
        Server.LooksUntilIssued = 1;
        Server.FailIssuance = static _ => "caa";
        var account = await NewAccountAsync();
        var order = await NewReadyOrderAsync(account, "a.example");
        using var key = CertificateKey.Create();
        order = await Client.FinalizeAsync(account, order, CertificateSigningRequest.Create(key, order.Identifiers), Token);
        Assert.Equal(OrderStatus.Processing, order.Status);
        var wait = Client.WaitUntilIssuedAsync(account, order, null, Token);
        await RunAsync(wait);
        Assert.Equal((OrderStatus.Invalid, AcmeErrorType.Caa), ((await wait).Status, (await wait).Error!.ErrorType));
        Assert.Null((await wait).Certificate);
    }

    [Fact]
    public async Task Get_SomebodyElsesOrder_IsNotFound()
    {
        var order = await NewOrderAsync(await NewAccountAsync(), "a.example");
        var other = await NewAccountAsync();
        Assert.Equal(Plays.UnknownResourceStatus, (await FailAsync(() => Client.GetOrderAsync(other, order.Url, Token))).StatusCode);
    }

    [Theory]
    [InlineData("{ \"type\": \"urn:ietf:params:acme:error:dns\", \"detail\": \"No address.\", \"status\": \"400\" }", AcmeErrorType.Dns)]
    [InlineData("\"No address.\"", null)]
    [InlineData("null", null)]
    public async Task GetAuthorization_ErrorOfTheWrongType_IsReadAsFarAsItGoes(string error, AcmeErrorType? expected)
    {
        var account = await NewAccountAsync();
        var order = await NewOrderAsync(account, "a.example");
        Server.Alter = (request, response) =>
        {
            var challenges = response.Read()["challenges"]!.DeepClone().AsArray();
            challenges[0]!["error"] = JsonNode.Parse(error);
            response.Set("challenges", challenges);
        };
        Assert.Equal(expected, (await Client.GetAuthorizationAsync(account, order.Authorizations[0], Token)).Error?.ErrorType);
    }

    public static TheoryData<string, string, string?> Broken => new()
    {
        { "newOrder", "finalize", null },
        { "newOrder", "finalize", "\"http://acme.test/finalize/1\"" },
        { "newOrder", "authorizations", "[ \"https://acme.test/a\", null ]" },
        { "newOrder", "authorizations", "[ \"http://acme.test/a\" ]" },
        { "newOrder", "authorizations", "\"https://acme.test/a\"" },
        { "newOrder", "identifiers", "[ { \"type\": \"dns\" } ]" },
        { "newOrder", "identifiers", "[ null ]" },
        { "newOrder", "status", "5" },
        { "newOrder", "certificate", "\"http://acme.test/certificate/1\"" },
        { "authorization", "identifier", null },
        { "authorization", "challenges", "[ { \"type\": \"http-01\", \"url\": \"https://acme.test/c\" } ]" },
        { "authorization", "challenges", "[ { \"type\": \"http-01\", \"url\": \"https://acme.test/c\", \"token\": \"../../x\" } ]" },
        { "authorization", "challenges", "[ { \"type\": \"tls-alpn-01\", \"url\": \"https://acme.test/c\", \"token\": \"\" } ]" },
        { "authorization", "challenges", "[ { \"type\": \"new-01\", \"token\": \"t\" } ]" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task Get_BrokenResource_IsAnInvalidResponse(string operation, string member, string? json)
    {
        Server.Alter = (request, response) =>
        {
            if (request.Operation == operation) response.Set(member, json is null ? null : JsonNode.Parse(json));
        };
        var account = await NewAccountAsync();
        var failure = await FailAsync(async () =>
        {
            var order = await NewOrderAsync(account, "a.example");
            await Client.GetAuthorizationAsync(account, order.Authorizations[0], Token);
        });
        Assert.Equal(AcmeFailure.InvalidResponse, failure.Failure);
    }

    [Fact]
    public async Task Get_UnknownStatusesTypesAndMembers_AreTolerated()
    {
        Server.Alter = static (request, response) =>
        {
            if (request.Operation is "newOrder" or "authorization") response.Set("status", "paused")
                .Set("new", "member").Set("expires", "some day");
            if (request.Operation == "authorization")
                response.Set("challenges",
                    JsonNode.Parse("""[ null, { "type": "new-01", "url": "https://acme.test/c", "status": "odd", "token": "../x" } ]"""));
        };
        var account = await NewAccountAsync();
        var order = await NewOrderAsync(account, "a.example");
        Assert.Equal((OrderStatus.Unknown, null), (order.Status, order.Expires));
        var authorization = await Client.GetAuthorizationAsync(account, order.Authorizations[0], Token);
        Assert.Equal(AuthorizationStatus.Unknown, authorization.Status);
        var challenge = Assert.Single(authorization.Challenges);
        Assert.Equal(("new-01", ChallengeStatus.Unknown, null), (challenge.Type, challenge.Status, challenge.Token));
    }

    [Fact]
    public async Task NewOrder_NoLocation_IsAnInvalidResponse()
    {
        Server.Alter = static (request, response) =>
        {
            if (request.Operation == "newOrder") response.Without("Location");
        };
        var account = await NewAccountAsync();
        Assert.Equal(AcmeFailure.InvalidResponse, (await FailAsync(() => NewOrderAsync(account, "a.example"))).Failure);
    }

    [Fact]
    public async Task Finalize_NoLocation_KeepsTheOrdersUrl()
    {
        Server.Alter = static (request, response) =>
        {
            if (request.Operation == "finalize") response.Without("Location");
        };
        var (chain, _, order) = await IssueAsync(await NewAccountAsync(), KeyAlgorithm.ES256, "a.example");
        chain.Dispose();
        Assert.Equal("order", order.Url.Segments[1].TrimEnd('/'));
    }
}
