using Acme.Testing;

namespace Acme.Tests;

/// <summary>The client against a server that its own authors did not write.</summary>
public sealed class PebbleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(KeyAlgorithm.ES256, KeyAlgorithm.ES256)]
    [InlineData(KeyAlgorithm.ES384, KeyAlgorithm.RS256)]
    [InlineData(KeyAlgorithm.RS256, KeyAlgorithm.ES384)]
    public async Task Account_FromStartToEnd(KeyAlgorithm algorithm, KeyAlgorithm next)
    {
        await using var pebble = await PebbleFixture.StartAsync();
        var directory = await pebble.Client.GetDirectoryAsync(Token);
        Assert.NotNull(directory.TermsOfService);
        Assert.False(directory.ExternalAccountRequired);

        using var key = AccountKey.Create(algorithm);
        Assert.Null(await pebble.Client.FindAccountAsync(key, Token));
        var request = new AccountRequest { TermsOfServiceAgreed = true, Contacts = ["mailto:one@example.org"] };
        var account = await pebble.Client.NewAccountAsync(key, request, Token);
        Assert.Equal((true, AccountStatus.Valid), (account.Created, account.Status));
        Assert.Equal(["mailto:one@example.org"], account.Contacts);
        var again = await pebble.Client.NewAccountAsync(key, request, Token);
        Assert.Equal((false, account.Url), (again.Created, again.Url));
        using var copy = AccountKey.FromPem(key.ExportPem());
        Assert.Equal(account.Url, (await pebble.Client.FindAccountAsync(copy, Token))!.Url);

        var credentials = new AccountCredentials(key, new Uri(account.Url.OriginalString));
        var updated = await pebble.Client.UpdateAccountAsync(credentials,
            new AccountRequest { Contacts = ["mailto:two@example.org"] }, Token);
        Assert.Equal(["mailto:two@example.org"], updated.Contacts);

        Assert.Equal(["mailto:two@example.org"], (await pebble.Client.GetAccountAsync(credentials, Token)).Contacts);

        using var newKey = AccountKey.Create(next);
        var changed = await pebble.Client.ChangeKeyAsync(credentials, newKey, Token);
        Assert.Equal(OrderStatus.Pending, (await pebble.NewOrderAsync(changed, "a.example")).Status);
        Assert.Null(await pebble.Client.FindAccountAsync(key, Token));
        await Assert.ThrowsAsync<AcmeException>(() => pebble.NewOrderAsync(credentials, "b.example"));

        Assert.Equal(AccountStatus.Deactivated, (await pebble.Client.DeactivateAccountAsync(changed, Token)).Status);
        var failure = await Assert.ThrowsAsync<AcmeException>(() => pebble.NewOrderAsync(changed, "c.example"));
        Assert.Equal(AcmeErrorType.Unauthorized, failure.ErrorType);
    }

    [Fact]
    public async Task Account_ExternalBinding_IsNeededAndChecked()
    {
        const string macKey = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
        await using var pebble = await PebbleFixture.StartAsync(
            new PebbleOptions { ExternalAccounts = new Dictionary<string, string> { ["kid-1"] = macKey } });
        Assert.True((await pebble.Client.GetDirectoryAsync(Token)).ExternalAccountRequired);
        using var key = AccountKey.Create();
        var request = new AccountRequest { TermsOfServiceAgreed = true };
        var failure = await Assert.ThrowsAsync<AcmeException>(() => pebble.Client.NewAccountAsync(key, request, Token));
        Assert.Equal(AcmeErrorType.ExternalAccountRequired, failure.ErrorType);

        Assert.True(ExternalAccountBinding.TryCreate("kid-1", "c2VjcmV0", MacAlgorithm.HS256, out var wrong, out _));
        await Assert.ThrowsAsync<AcmeException>(
            () => pebble.Client.NewAccountAsync(key, request with { ExternalAccountBinding = wrong }, Token));

        Assert.True(ExternalAccountBinding.TryCreate("kid-1", macKey, MacAlgorithm.HS256, out var binding, out _));
        Assert.True((await pebble.Client.NewAccountAsync(key, request with { ExternalAccountBinding = binding }, Token)).Created);
    }

    [Fact]
    public async Task Account_LostInARestart_DoesNotExist()
    {
        await using var pebble = await PebbleFixture.StartAsync();
        var account = await pebble.NewAccountAsync();
        await pebble.Server.RestartAsync();
        var failure = await Assert.ThrowsAsync<AcmeException>(() => pebble.NewOrderAsync(account, "a.example"));
        Assert.Equal(AcmeErrorType.AccountDoesNotExist, failure.ErrorType);
        Assert.Null(await pebble.Client.FindAccountAsync(account.Key, Token));
        Assert.True((await pebble.Client.NewAccountAsync(account.Key, new AccountRequest { TermsOfServiceAgreed = true }, Token)).Created);
    }

    [Theory]
    [InlineData(Challenge.Http01, KeyAlgorithm.ES256)]
    [InlineData(Challenge.TlsAlpn01, KeyAlgorithm.ES256)]
    [InlineData(Challenge.Http01, KeyAlgorithm.ES384)]
    [InlineData(Challenge.TlsAlpn01, KeyAlgorithm.RS256)]
    public async Task Order_ChallengeMetForReal_GivesATrustedCertificate(string type, KeyAlgorithm algorithm)
    {
        await using var pebble = await PebbleFixture.StartAsync(new PebbleOptions { ChainLength = 2 });
        var account = await pebble.NewAccountAsync();
        var (chain, key, order) = await pebble.IssueAsync(account, type, algorithm, "mta-sts.a.example", "mta-sts.b.example");
        Assert.Equal(CertificateChainFaults.None, chain.Check(key, order.Identifiers, TimeProvider.System.GetUtcNow()));
        Assert.Equal(3, chain.Certificates.Count);
        Assert.True(await pebble.IsTrustedAsync(chain));
        Assert.NotNull(CertificateId.From(chain.Leaf));
        chain.Dispose();
    }

    [Theory]
    [InlineData(Challenge.Http01)]
    [InlineData(Challenge.TlsAlpn01)]
    public async Task Authorization_ChallengeNotMet_IsInvalidWithPebblesWords(string type)
    {
        await using var pebble = await PebbleFixture.StartAsync();
        var account = await pebble.NewAccountAsync();
        var order = await pebble.NewOrderAsync(account, "a.example");
        var pending = await pebble.Client.GetAuthorizationAsync(account, order.Authorizations[0], Token);
        await pebble.Client.RespondAsync(account, pending.Challenges.Single(one => one.Type == type).Url, Token);
        var authorization = await pebble.Client.WaitForAuthorizationAsync(account, order.Authorizations[0], null, Token);
        Assert.Equal(AuthorizationStatus.Invalid, authorization.Status);
        Assert.NotEqual(AcmeErrorType.Unknown, authorization.Error!.ErrorType);
        Assert.False(string.IsNullOrEmpty(authorization.Error.Detail));
        Assert.Equal(OrderStatus.Invalid, (await pebble.Client.WaitUntilReadyAsync(account, order.Url, null, Token)).Status);
    }

    [Fact]
    public async Task Authorization_GivenUp_IsDeactivated()
    {
        await using var pebble = await PebbleFixture.StartAsync();
        var account = await pebble.NewAccountAsync();
        var order = await pebble.NewOrderAsync(account, "a.example");
        var authorization = await pebble.Client.DeactivateAuthorizationAsync(account, order.Authorizations[0], Token);
        Assert.Equal(AuthorizationStatus.Deactivated, authorization.Status);
    }

    [Fact]
    public async Task Order_BlockedName_IsRejectedIdentifier()
    {
        await using var pebble = await PebbleFixture.StartAsync();
        var account = await pebble.NewAccountAsync();
        var failure = await Assert.ThrowsAsync<AcmeException>(() => pebble.NewOrderAsync(account, "mta-sts.blocked.example"));
        Assert.Equal((AcmeFailure.Problem, AcmeErrorType.RejectedIdentifier), (failure.Failure, failure.ErrorType));
    }

    [Fact]
    public async Task Certificate_AlternateRoots_AreFoundByName()
    {
        await using var pebble = await PebbleFixture.StartAsync(new PebbleOptions { AlternateRoots = 2 });
        var account = await pebble.NewAccountAsync();
        var (first, _, order) = await pebble.IssueAsync(account, names: "a.example");
        Assert.Equal(2, first.Alternates.Count);
        Assert.True(await pebble.IsTrustedAsync(first));
        first.Dispose();
        for (var i = 0; i < 3; i++)
        {
            using var root = await pebble.Server.GetRootAsync(i);
            var name = root.GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.SimpleName, forIssuer: false);
            using var chain = await pebble.Client.GetCertificateAsync(account, order.Certificate!, name, Token);
            Assert.Equal(name, chain.RootCommonName);
            Assert.True(await pebble.IsTrustedAsync(chain, i));
        }
    }

    [Theory]
    [InlineData(false, RevocationReason.Superseded)]
    [InlineData(false, null)]
    [InlineData(true, RevocationReason.KeyCompromise)]
    public async Task Certificate_Revoked_IsRevokedAtPebble(bool byItsKey, RevocationReason? reason)
    {
        await using var pebble = await PebbleFixture.StartAsync();
        var account = await pebble.NewAccountAsync();
        var (chain, key, _) = await pebble.IssueAsync(account, names: "a.example");
        Assert.Equal("Valid", (await pebble.Server.GetStatusAsync(chain.Leaf)).Status);
        await Revoke();
        var (status, seen) = await pebble.Server.GetStatusAsync(chain.Leaf);
        Assert.Equal(("Revoked", (int?)reason ?? 0), (status, seen ?? 0));
        Assert.Equal(AcmeErrorType.AlreadyRevoked, (await Assert.ThrowsAsync<AcmeException>(Revoke)).ErrorType);
        chain.Dispose();

        async Task Revoke()
        {
            if (byItsKey) await pebble.Client.RevokeCertificateAsync(key, chain.Leaf, reason, Token);
            else await pebble.Client.RevokeCertificateAsync(account, chain.Leaf, reason, Token);
        }
    }

    [Theory]
    [InlineData(20, Challenge.Http01)]
    [InlineData(50, Challenge.TlsAlpn01)]
    public async Task Orders_FiftyAtOnceWithNoncesRefused_AllSucceed(int refused, string type)
    {
        // Pebble 2.4 now and then stands still for good under so many at once: FindValidAuthorization waits for an authorization's lock
        // with the
        // store locked, and its holder waits for the store. That says nothing about the client, so another one is used; not forever,
        // though.
        for (var pebbles = 1; ; pebbles++)
        {
            try
            {
                await OrderFiftyAsync(refused, type);
                return;
            }
            catch (AcmeException e) when (pebbles < 3 && e.Failure == AcmeFailure.Timeout)
            {
                TestContext.Current.TestOutputHelper!.WriteLine($"Pebble {pebbles} stands still: {e.Message}");
            }
        }
    }

    private static async Task OrderFiftyAsync(int refused, string type)
    {
        await using var pebble = await PebbleFixture.StartAsync(new PebbleOptions { RefusedNonces = refused });
        var account = await pebble.NewAccountAsync();
        var started = TimeProvider.System.GetTimestamp();
        await Parallel.ForEachAsync(Enumerable.Range(0, 50), new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (i, _) =>
        {
            var (chain, key, order) = await pebble.IssueAsync(account, type, names: $"mta-sts.n{i}.example");
            Assert.Equal(CertificateChainFaults.None, chain.Check(key, order.Identifiers, TimeProvider.System.GetUtcNow()));
            chain.Dispose();
        });
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{50 / TimeProvider.System.GetElapsedTime(started).TotalSeconds:0} certificates a second");
    }

    [Fact]
    public async Task Client_WithoutThePrivateRoot_SendsNothing()
    {
        await using var pebble = await PebbleFixture.StartAsync();
        using var client = new AcmeClient(pebble.Server.DirectoryUrl);
        Assert.Equal(AcmeFailure.Tls, (await Assert.ThrowsAsync<AcmeException>(() => client.GetDirectoryAsync(Token))).Failure);
    }
}
