using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>The way to a first certificate, and what is in the store at each step of it.</summary>
public sealed class FirstCertificateTests : IAsyncDisposable
{
    private readonly IssuingFixture _issuing = new();

    public ValueTask DisposeAsync() => _issuing.DisposeAsync();

    [Fact]
    public async Task WorkOn_NewName_CertificateIsInForceAndKept()
    {
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunAsync(TimeSpan.FromMinutes(1));

        var row = await _issuing.RowAsync();
        Assert.NotNull(row.Certificate);
        Assert.Equal((null, null), (row.Order, row.Failure));
        Assert.Equal(row.Certificate.NotAfter, _issuing.Host.Serves(IssuingFixture.Name));
        Assert.False(_issuing.Host.Challenges.Any);
        Assert.Empty(await _issuing.Host.Store.Inner.ListChallengesAsync(TestContext.Current.CancellationToken));
        Assert.True(await _issuing.Host.Store.Inner.TryLeaseAsync("certificate/"
            + IssuingFixture.Name, "another replica", TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken));
        Assert.Equal((1, 1, 0), (_issuing.Host.Counters.Orders, _issuing.Host.Counters.Obtained, _issuing.Host.Counters.UnderWay));
        Assert.Equal(1, _issuing.Host.Log.Count(1420));
    }

    [Fact]
    public async Task WorkOn_NewName_WhatACrashMustNotLoseIsInTheStoreFirst()
    {
        var seen = new List<string>();
        _issuing.Hosts.Add(IssuingFixture.Name);
        var host = _issuing.Make();
        _issuing.Ca.Intercept = request =>
        {
            var row = host.Store.Inner.FindAsync(IssuingFixture.Name, default).GetAwaiter().GetResult();
            var account = host.Store.Inner.FindAccountAsync(_issuing.Ca.DirectoryUrl.OriginalString, "", default).GetAwaiter().GetResult();
            if (request.Operation == "newAccount") seen.Add($"account: key {account?.KeyPem is not null}");
            if (request.Operation == "newOrder") seen.Add($"order: account {account?.Url is not null}");
            if (request.Operation == "finalize") seen.Add(
                $"finalize: key {row?.Order?.KeyPem.Length > 0} order {row?.Order?.Url.Length > 0}");
            return null;
        };
        _issuing.Ca.Validate = one =>
        {
            var stored = host.Store.Inner.ListChallengesAsync(default).GetAwaiter().GetResult();
            seen.Add(
                $"validation: open {host.Challenges.FindHttp01(one.Name, one.Token) == one.KeyAuthorization} stored "
                + $"{stored.Any(challenge => challenge.Token == one.Token)}");
            return null;
        };

        await _issuing.StartAsync(host);
        await _issuing.RunAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(["account: key True", "order: account True", "validation: open True stored True", "finalize: key True order True"],
            seen);
    }

    [Fact]
    public async Task WorkOn_ManyNames_OneAccountAndOneOrderEach()
    {
        var names = Enumerable.Range(0, 30).Select(number => $"mta-sts.n{number:00}.example").ToList();

        await _issuing.StartAsync(names);
        await _issuing.RunAsync(TimeSpan.FromMinutes(1));

        Assert.All(names, name => Assert.NotNull(_issuing.Host.Serves(name)));
        Assert.Single(_issuing.Ca.Accounts);
        Assert.Equal(names, _issuing.Ca.Authorizations.Select(one => one.Name).Order());
        Assert.Equal(30, _issuing.Ca.Count("newOrder"));
    }
}
