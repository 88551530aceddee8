using Acme.Testing;

namespace Acme.Tests;

/// <summary>Directory and accounts against the fake server, which verifies every signature.</summary>
public abstract class AcmeClientAccountTests(PlayedCa plays) : ClientFixture(plays)
{
    public sealed class ByRfc8555() : AcmeClientAccountTests(PlayedCa.Rfc8555);

    public sealed class AtPebble() : AcmeClientAccountTests(PlayedCa.Pebble);

    public sealed class AtStepCa() : AcmeClientAccountTests(PlayedCa.StepCa);

    public sealed class AtLetsEncrypt() : AcmeClientAccountTests(PlayedCa.LetsEncrypt);

    [Fact]
    public async Task GetDirectory_All_IsRead()
    {
        Server.Profiles["shortlived"] = "Six days";
        Server.ExternalAccounts["kid"] = [1];
        var directory = await Client.GetDirectoryAsync(Token);
        Assert.Equal("https://acme.test/newOrder", directory.NewOrder.AbsoluteUri);
        Assert.Equal(Plays.HasExtensions ? "https://acme.test/renewalInfo" : null, directory.RenewalInfo?.AbsoluteUri);
        Assert.Equal("https://acme.test/terms", directory.TermsOfService);
        Assert.Equal(["ca.example"], directory.CaaIdentities);
        Assert.Equal(Plays.HasExtensions ? "Six days" : null, directory.Profiles.GetValueOrDefault("shortlived"));
        Assert.True(directory.ExternalAccountRequired);
    }

    [Fact]
    public async Task GetDirectory_Again_AsksOnceAnHour()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Client.GetDirectoryAsync(Token)));
        Assert.Equal(1, Server.Count("directory"));
        Time.Advance(TimeSpan.FromMinutes(61));
        await Client.GetDirectoryAsync(Token);
        Assert.Equal(2, Server.Count("directory"));
    }

    [Fact]
    public async Task GetDirectory_MinimalOne_HasTheRestEmpty()
    {
        Server.RenewalWindows = null;
        Server.Alter = static (request, response) =>
        {
            if (request.Operation == "directory") response.Set("meta", null).Set("revokeCert", null).Set("keyChange", null);
        };
        var directory = await Client.GetDirectoryAsync(Token);
        Assert.Null(directory.RenewalInfo);
        Assert.Null(directory.TermsOfService);
        Assert.Empty(directory.Profiles);
        Assert.Empty(directory.CaaIdentities);
        Assert.False(directory.ExternalAccountRequired);

        var account = await NewAccountAsync();
        using var key = AccountKey.Create();
        Assert.Equal(AcmeFailure.NotOffered, (await FailAsync(() => Client.ChangeKeyAsync(account, key, Token))).Failure);
        Assert.True(CertificateId.TryParse("a.b", out var id));
        Assert.Equal(AcmeFailure.NotOffered, (await FailAsync(() => Client.GetRenewalInfoAsync(id, Token))).Failure);
    }

    [Theory]
    [InlineData("newNonce", null)]
    [InlineData("newAccount", null)]
    [InlineData("newOrder", null)]
    [InlineData("newOrder", "")]
    [InlineData("newOrder", "/newOrder")]
    [InlineData("newOrder", "newOrder")]
    [InlineData("newOrder", "http://acme.test/newOrder")]
    [InlineData("newOrder", "ftp://acme.test/newOrder")]
    [InlineData("newOrder", "https://user:secret@acme.test/newOrder")]
    [InlineData("revokeCert", "https://")]
    [InlineData("renewalInfo", "javascript:alert(1)")]
    public async Task GetDirectory_MissingOrBadUrl_IsAnInvalidResponse(string member, string? value)
    {
        Server.Alter = (_, response) => response.Set(member, value);
        var failure = await FailAsync(() => Client.GetDirectoryAsync(Token));
        Assert.Equal(AcmeFailure.InvalidResponse, failure.Failure);
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://acme.test/directory")]
    [InlineData("https://user@acme.test/directory")]
    public void Constructor_UnsafeUrl_Throws(string url) => Assert.Throws<ArgumentException>(() => new AcmeClient(new Uri(url)));

    [Theory]
    [InlineData(KeyAlgorithm.ES256)]
    [InlineData(KeyAlgorithm.ES384)]
    [InlineData(KeyAlgorithm.RS256)]
    public async Task NewAccount_Key_MakesThenFindsIt(KeyAlgorithm algorithm)
    {
        using var key = AccountKey.Create(algorithm);
        var request = new AccountRequest { TermsOfServiceAgreed = true, Contacts = ["mailto:a+b@example.org"] };
        var made = await Client.NewAccountAsync(key, request, Token);
        Assert.True(made.Created);
        Assert.Equal(AccountStatus.Valid, made.Status);
        Assert.Equal(["mailto:a+b@example.org"], made.Contacts);
        Assert.Equal(["mailto:a+b@example.org"], Assert.Single(Server.Accounts).Contacts);

        var again = await Client.NewAccountAsync(key, request, Token);
        Assert.False(again.Created);
        Assert.Equal(made.Url, again.Url);
        Assert.Equal(made.Url, (await Client.FindAccountAsync(key, Token))!.Url);
        Assert.Equal(AccountStatus.Valid, (await Client.GetAccountAsync(new(key, made.Url), Token)).Status);
    }

    [Fact]
    public async Task FindAccount_UnknownKey_IsNullAndMakesNone()
    {
        using var key = AccountKey.Create();
        Assert.Null(await Client.FindAccountAsync(key, Token));
        Assert.Empty(Server.Accounts);
    }

    [Fact]
    public async Task NewAccount_TermsNotAgreed_IsUserActionRequired()
    {
        using var key = AccountKey.Create();
        var failure = await FailAsync(() => Client.NewAccountAsync(key, new AccountRequest(), Token));
        Assert.Equal((AcmeFailure.Problem, AcmeErrorType.UserActionRequired, 403),
            (failure.Failure, failure.ErrorType, failure.StatusCode));
    }

    [Theory]
    [InlineData(MacAlgorithm.HS256)]
    [InlineData(MacAlgorithm.HS384)]
    [InlineData(MacAlgorithm.HS512)]
    public async Task NewAccount_ExternalAccount_IsBound(MacAlgorithm algorithm)
    {
        Server.ExternalAccounts["kid-1"] = "secret"u8.ToArray();
        Assert.True(ExternalAccountBinding.TryCreate("kid-1", "c2VjcmV0", algorithm, out var binding, out _));
        using var key = AccountKey.Create();
        var request = new AccountRequest { TermsOfServiceAgreed = true, ExternalAccountBinding = binding };
        await Client.NewAccountAsync(key, request, Token);
        Assert.Equal("kid-1", Assert.Single(Server.Accounts).BoundTo);
    }

    [Fact]
    public async Task NewAccount_ExternalAccountMissingOrWrong_IsRefusedWithoutTheKey()
    {
        Server.ExternalAccounts["kid-1"] = "secret"u8.ToArray();
        using var key = AccountKey.Create();
        var failure = await FailAsync(() => Client.NewAccountAsync(key, new AccountRequest { TermsOfServiceAgreed = true }, Token));
        Assert.Equal(AcmeErrorType.ExternalAccountRequired, failure.ErrorType);

        Assert.True(ExternalAccountBinding.TryCreate("kid-1", "V1JPTkdLRVk", MacAlgorithm.HS256, out var binding, out _));
        var request = new AccountRequest { TermsOfServiceAgreed = true, ExternalAccountBinding = binding };
        failure = await FailAsync(() => Client.NewAccountAsync(key, request, Token));
        Assert.Equal(AcmeErrorType.Unauthorized, failure.ErrorType);
        Assert.DoesNotContain("V1JPTkdLRVk", failure.ToString() + request + binding, StringComparison.Ordinal);
        Assert.DoesNotContain("WRONGKEY", failure.ToString() + request + binding, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NewAccount_UnknownExternalAccount_IsTheCasOwnRefusal()
    {
        Server.ExternalAccounts["kid-1"] = "secret"u8.ToArray();
        Assert.True(ExternalAccountBinding.TryCreate("kid-2", "c2VjcmV0", MacAlgorithm.HS256, out var binding, out _));
        using var key = AccountKey.Create();
        var request = new AccountRequest { TermsOfServiceAgreed = true, ExternalAccountBinding = binding };
        var failure = await FailAsync(() => Client.NewAccountAsync(key, request, Token));
        Assert.Equal((AcmeFailure.Problem, Plays.UnknownExternalAccount.Status), (failure.Failure, failure.StatusCode));
    }

    [Fact]
    public async Task UpdateAccount_Contacts_AreReplacedOrLeft()
    {
        var account = await NewAccountAsync();
        var updated = await Client.UpdateAccountAsync(account, new AccountRequest { Contacts = ["mailto:x@example.org"] }, Token);
        Assert.Equal(["mailto:x@example.org"], updated.Contacts);
        Assert.Equal(account.Url, updated.Url);
        updated = await Client.UpdateAccountAsync(account, new AccountRequest { TermsOfServiceAgreed = true }, Token);
        Assert.Equal(["mailto:x@example.org"], updated.Contacts);
        updated = await Client.UpdateAccountAsync(account, new AccountRequest { Contacts = [] }, Token);
        Assert.Empty(updated.Contacts);
        var failure = await FailAsync(() => Client.UpdateAccountAsync(account, new AccountRequest { Contacts = ["tel:1"] }, Token));
        Assert.Equal(AcmeErrorType.UnsupportedContact, failure.ErrorType);
    }

    [Theory]
    [InlineData(KeyAlgorithm.ES256)]
    [InlineData(KeyAlgorithm.RS256)]
    public async Task ChangeKey_NewKey_IsInForceAndTheOldOneIsNot(KeyAlgorithm algorithm)
    {
        var account = await NewAccountAsync();
        using var key = AccountKey.Create(algorithm);
        var changed = await Client.ChangeKeyAsync(account, key, Token);
        Assert.Equal((account.Url, key), (changed.Url, changed.Key));
        Assert.Equal(AccountStatus.Valid, (await Client.GetAccountAsync(changed, Token)).Status);
        Assert.Equal(account.Url, (await Client.FindAccountAsync(key, Token))!.Url);
        Assert.Null(await Client.FindAccountAsync(account.Key, Token));
        Assert.Equal(400, (await FailAsync(() => Client.GetAccountAsync(account, Token))).StatusCode);
    }

    [Fact]
    public async Task ChangeKey_KeyOfAnotherAccount_IsRefusedAndTheOldStays()
    {
        var (one, other) = (await NewAccountAsync(), await NewAccountAsync());
        Assert.Equal(409, (await FailAsync(() => Client.ChangeKeyAsync(one, other.Key, Token))).StatusCode);
        Assert.Equal(AccountStatus.Valid, (await Client.GetAccountAsync(one, Token)).Status);
    }

    [Fact]
    public async Task DeactivateAccount_Afterwards_EverythingIsUnauthorized()
    {
        var account = await NewAccountAsync();
        Assert.Equal(AccountStatus.Deactivated, (await Client.DeactivateAccountAsync(account, Token)).Status);
        var failure = await FailAsync(() => NewOrderAsync(account, "a.example"));
        Assert.Equal((AcmeErrorType.Unauthorized, Plays.EndedAccountStatus), (failure.ErrorType, failure.StatusCode));
        Assert.Equal(AcmeErrorType.Unauthorized, (await FailAsync(() => Client.FindAccountAsync(account.Key, Token))).ErrorType);
    }

    [Fact]
    public async Task NewOrder_AccountLostByTheServer_IsAccountDoesNotExist()
    {
        var account = await NewAccountAsync();
        Server.Accounts.Clear();
        Assert.Equal(AcmeErrorType.AccountDoesNotExist, (await FailAsync(() => NewOrderAsync(account, "a.example"))).ErrorType);
    }

    [Fact]
    public async Task NewAccount_UnknownStatus_IsTolerated()
    {
        Server.Alter = static (request, response) =>
        {
            if (request.Operation == "newAccount") response.Set("status", "dormant");
        };
        using var key = AccountKey.Create();
        Assert.Equal(AccountStatus.Unknown,
            (await Client.NewAccountAsync(key, new AccountRequest { TermsOfServiceAgreed = true }, Token)).Status);
    }

    [Fact]
    public async Task NewAccount_NoLocation_IsAnInvalidResponse()
    {
        Server.Alter = static (_, response) => response.Without("Location");
        using var key = AccountKey.Create();
        var failure = await FailAsync(() => Client.NewAccountAsync(key, new AccountRequest { TermsOfServiceAgreed = true }, Token));
        Assert.Equal((AcmeFailure.InvalidResponse, 201), (failure.Failure, failure.StatusCode));
        Assert.Contains("no Location", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NewAccount_RelativeLocation_IsResolved()
    {
        Server.Alter = static (request, response) =>
        {
            if (request.Operation == "newAccount") response.Without("Location").With("Location", "/account/42");
        };
        using var key = AccountKey.Create();
        var account = await Client.NewAccountAsync(key, new AccountRequest { TermsOfServiceAgreed = true }, Token);
        Assert.Equal("https://acme.test/account/42", account.Url.OriginalString);
    }

    [Fact]
    public async Task GetAccount_Kid_IsTheServersOwnTextToTheLetter()
    {
        var account = await NewAccountAsync();
        // What Uri would make of it otherwise: no port, no percent sign.
        var odd = new AccountCredentials(account.Key, new Uri("https://ACME.test:443/account/%7E1"));
        await FailAsync(() => Client.GetOrderAsync(odd, new Uri("https://acme.test/order/1"), Token));
        var body = System.Text.Json.Nodes.JsonNode.Parse(Server.Requests.Last().Body)!;
        Assert.Equal("https://ACME.test:443/account/%7E1", FakeJws.Parse(body).Kid);
    }
}
