using Acme.Testing;

namespace Acme.Tests;

/// <summary>Chains, revocation and renewal information against the fake server.</summary>
public abstract class AcmeClientCertificateTests(PlayedCa plays) : ClientFixture(plays)
{
    public sealed class ByRfc8555() : AcmeClientCertificateTests(PlayedCa.Rfc8555);

    public sealed class AtPebble() : AcmeClientCertificateTests(PlayedCa.Pebble);

    public sealed class AtStepCa() : AcmeClientCertificateTests(PlayedCa.StepCa);

    public sealed class AtLetsEncrypt() : AcmeClientCertificateTests(PlayedCa.LetsEncrypt);

    [Fact]
    public async Task GetCertificate_Alternates_AreListedAbsolute()
    {
        var account = await NewAccountAsync();
        var (chain, _, order) = await IssueAsync(account, KeyAlgorithm.ES256, "a.example");
        Assert.Equal([$"{order.Certificate!.AbsoluteUri}/1"], chain.Alternates.Select(static one => one.AbsoluteUri));
        using var other = await Client.GetCertificateAsync(account, chain.Alternates[0], Token);
        Assert.Equal("Fake Other Root", other.RootCommonName);
        Assert.Equal(chain.Leaf.RawData, other.Leaf.RawData);
        chain.Dispose();
    }

    [Theory]
    [InlineData("Fake Root", "Fake Root", 1)]
    [InlineData("fake other ROOT", "Fake Other Root", 2)]
    [InlineData("No Such Root", "Fake Root", 2)]
    public async Task GetCertificate_PreferredRoot_IsLookedForInTheAlternates(string wanted, string expected, int requests)
    {
        var account = await NewAccountAsync();
        var (first, _, order) = await IssueAsync(account, KeyAlgorithm.ES256, "a.example");
        first.Dispose();
        var before = Server.Count("certificate");
        using var chain = await Client.GetCertificateAsync(account, order.Certificate!, wanted, Token);
        Assert.Equal(expected, chain.RootCommonName);
        Assert.NotEmpty(chain.Leaf.RawData); // it has not been disposed of
        Assert.Equal(requests, Server.Count("certificate") - before);
    }

    [Fact]
    public async Task GetCertificate_AlternateFails_TheServersChoiceIsKept()
    {
        var account = await NewAccountAsync();
        var (first, _, order) = await IssueAsync(account, KeyAlgorithm.ES256, "a.example");
        first.Dispose();
        Server.Intercept = static request => request.Url.AbsolutePath.EndsWith("/1", StringComparison.Ordinal)
            ? FakeResponse.Problem(500, "serverInternal") : null;
        using var chain = await Client.GetCertificateAsync(account, order.Certificate!, "Fake Other Root", Token);
        Assert.Equal("Fake Root", chain.RootCommonName);
    }

    [Theory]
    [InlineData("application/json", null)]
    [InlineData("application/pkix-cert", null)]
    [InlineData("application/pem-certificate-chain", "no certificate")]
    [InlineData("application/pem-certificate-chain", "")]
    public async Task GetCertificate_SomethingElse_IsAnInvalidResponse(string type, string? body)
    {
        Server.Alter = (request, response) =>
        {
            if (request.Operation != "certificate") return;
            response.ContentType = type;
            if (body is not null) response.Body = System.Text.Encoding.ASCII.GetBytes(body);
        };
        var account = await NewAccountAsync();
        Assert.Equal(AcmeFailure.InvalidResponse, (await FailAsync(() => IssueAsync(account, KeyAlgorithm.ES256, "a.example"))).Failure);
    }

    [Fact]
    public async Task GetCertificate_ChainWithAPrivateKey_IsRefusedWithoutShowingIt()
    {
        using var key = CertificateKey.Create();
        var pem = key.ExportPem();
        Server.Alter = (request, response) =>
        {
            if (request.Operation == "certificate") response.Body = [.. response.Body, .. System.Text.Encoding.ASCII.GetBytes(pem)];
        };
        var account = await NewAccountAsync();
        var failure = await FailAsync(() => IssueAsync(account, KeyAlgorithm.ES256, "a.example"));
        Assert.Equal(AcmeFailure.InvalidResponse, failure.Failure);
        Assert.DoesNotContain(pem.Split('\n')[1], failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetCertificate_PemWithCharset_IsTaken()
    {
        Server.Alter = static (request, response) =>
        {
            if (request.Operation == "certificate") response.ContentType = "Application/PEM-certificate-chain; charset=utf-8";
        };
        var (chain, _, _) = await IssueAsync(await NewAccountAsync(), KeyAlgorithm.ES256, "a.example");
        chain.Dispose();
    }

    [Fact]
    public async Task Check_AnotherKeysCertificate_IsFound()
    {
        Server.IssueForAnotherKey = true;
        var (chain, key, order) = await IssueAsync(await NewAccountAsync(), KeyAlgorithm.ES256, "a.example");
        Assert.Equal(CertificateChainFaults.WrongKey, chain.Check(key, order.Identifiers, Now));
        chain.Dispose();
    }

    [Fact]
    public async Task Check_ExpiredCertificate_IsFound()
    {
        Server.CertificateAge = TimeSpan.FromDays(91);
        var (chain, key, order) = await IssueAsync(await NewAccountAsync(), KeyAlgorithm.ES256, "a.example");
        Assert.Equal(CertificateChainFaults.Expired, chain.Check(key, order.Identifiers, Now));
        chain.Dispose();
    }

    [Fact]
    public async Task Revoke_ByAccountWithReason_IsRevokedOnce()
    {
        var account = await NewAccountAsync();
        var (chain, _, _) = await IssueAsync(account, KeyAlgorithm.ES256, "a.example");
        await Client.RevokeCertificateAsync(account, chain.Leaf, RevocationReason.Superseded, Token);
        Assert.Equal(4, Assert.Single(Server.Certificates).Revoked);
        var failure = await FailAsync(() => Client.RevokeCertificateAsync(account, chain.Leaf, null, Token));
        Assert.Equal(AcmeErrorType.AlreadyRevoked, failure.ErrorType);
        chain.Dispose();
    }

    [Theory]
    [InlineData(KeyAlgorithm.ES256)]
    [InlineData(KeyAlgorithm.ES384)]
    [InlineData(KeyAlgorithm.RS256)]
    public async Task Revoke_ByCertificateKey_NeedsNoAccount(KeyAlgorithm algorithm)
    {
        var (chain, key, _) = await IssueAsync(await NewAccountAsync(), algorithm, "a.example");
        await Client.RevokeCertificateAsync(key, chain.Leaf, null, Token);
        Assert.Equal(-1, Assert.Single(Server.Certificates).Revoked);
        Assert.Null(Server.Requests.Last().Jws!.Kid);
        chain.Dispose();
    }

    [Fact]
    public async Task Revoke_ByStrangers_IsUnauthorized()
    {
        var (chain, _, _) = await IssueAsync(await NewAccountAsync(), KeyAlgorithm.ES256, "a.example");
        var other = await NewAccountAsync();
        using var key = CertificateKey.Create();
        Assert.Equal(AcmeErrorType.Unauthorized,
            (await FailAsync(() => Client.RevokeCertificateAsync(other, chain.Leaf, null, Token))).ErrorType);
        Assert.Equal(AcmeErrorType.Unauthorized,
            (await FailAsync(() => Client.RevokeCertificateAsync(key, chain.Leaf, null, Token))).ErrorType);
        chain.Dispose();
    }

    [Fact]
    public async Task GetRenewalInfo_KnownCertificate_HasWindowAndRetryAfter()
    {
        var (chain, _, _) = await IssueAsync(await NewAccountAsync(), KeyAlgorithm.ES256, "a.example");
        var id = CertificateId.From(chain.Leaf)!;
        if (!Plays.HasExtensions)
        {
            Assert.Equal(AcmeFailure.NotOffered, (await FailAsync(() => Client.GetRenewalInfoAsync(id, Token))).Failure);
            return;
        }

        Assert.Equal(0, System.Buffers.Text.Base64Url.DecodeFromChars(id.Value.Split('.')[1])[0]);
        Server.RenewalWindows![id.Value] = (Now.AddDays(60), Now.AddDays(62));
        var info = await Client.GetRenewalInfoAsync(id, Token);
        Assert.Equal((Now.AddDays(60), Now.AddDays(62)), (info.Start, info.End));
        Assert.Equal(TimeSpan.FromHours(6), info.RetryAfter);
        Assert.Equal("https://example.org/why", info.ExplanationUrl);
        Assert.Equal((Now.AddDays(60), Now.AddDays(61), Now.AddDays(62)), (info.TimeAt(0), info.TimeAt(0.5), info.TimeAt(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => info.TimeAt(1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => info.TimeAt(double.NaN));
        var request = Server.Requests.Last();
        Assert.Equal(("GET", $"https://acme.test/renewalInfo/{id.Value}"), (request.Method, request.Url.AbsoluteUri));
        chain.Dispose();
    }

    [Fact]
    public async Task GetRenewalInfo_UnknownCertificate_IsNotFound()
    {
        Assert.True(CertificateId.TryParse("a.b", out var id));
        Assert.Equal(Plays.HasExtensions ? 404 : null, (await FailAsync(() => Client.GetRenewalInfoAsync(id, Token))).StatusCode);
    }

    [Fact]
    public async Task GetRenewalInfo_NoWindowSet_IsTheCasOwn()
    {
        var (chain, _, _) = await IssueAsync(await NewAccountAsync(), KeyAlgorithm.ES256, "a.example");
        var id = CertificateId.From(chain.Leaf)!;
        chain.Dispose();
        if (!Plays.HasWindows)
        {
            await FailAsync(() => Client.GetRenewalInfoAsync(id, Token));
            return;
        }

        var info = await Client.GetRenewalInfoAsync(id, Token);
        Assert.Equal(TimeSpan.FromDays(2), info.End - info.Start);
        Assert.InRange(info.Start, Now.AddDays(58), Now.AddDays(60));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{ \"suggestedWindow\": {} }")]
    [InlineData("{ \"suggestedWindow\": { \"start\": \"2026-06-01T00:00:00Z\" } }")]
    [InlineData("{ \"suggestedWindow\": { \"start\": \"soon\", \"end\": \"later\" } }")]
    [InlineData("{ \"suggestedWindow\": { \"start\": \"2026-06-01T00:00:00Z\", \"end\": \"2026-06-01T00:00:00Z\" } }")]
    [InlineData("{ \"suggestedWindow\": { \"start\": \"2026-06-02T00:00:00Z\", \"end\": \"2026-06-01T00:00:00Z\" } }")]
    public async Task GetRenewalInfo_NoWindow_IsAnInvalidResponseWithItsRetryAfter(string json)
    {
        Server.Answer("renewalInfo", FakeResponse.Text(json, "application/json").With("Retry-After", "60"));
        Assert.True(CertificateId.TryParse("a.b", out var id));
        var failure = await FailAsync(() => Client.GetRenewalInfoAsync(id, Token));
        if (!Plays.HasExtensions) return; // not offered
        Assert.Equal((AcmeFailure.InvalidResponse, TimeSpan.FromMinutes(1)), (failure.Failure, failure.RetryAfter));
    }
}
