using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Storage;

namespace MtaStsHost.Tests.Storage;

/// <summary>What <see cref="IStore"/> promises. Every engine runs these as they are.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    private protected static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private IStore _store = null!;

    private protected IStore Store => _store;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private protected DateTimeOffset Now => Time.GetUtcNow();

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _store = Open();
        return ValueTask.CompletedTask;
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Another host's view of the same store.</summary>
    private protected abstract IStore Open();

    [Fact]
    public async Task Account_SavedTwice_IsTheLast()
    {
        Assert.Null(await Store.FindAccountAsync("https://ca.example/dir", "", Token));
        var account = new StoredAccount("https://ca.example/dir", "", "key", null, "mailto:a@example.com");
        await Store.SaveAccountAsync(account, Token);
        await Store.SaveAccountAsync(account with { Url = "https://ca.example/acct/1" }, Token);

        Assert.Equal(account with { Url = "https://ca.example/acct/1" }, await Store.FindAccountAsync("https://ca.example/dir", "", Token));
        Assert.Null(await Store.FindAccountAsync("https://ca.example/dir", "kid", Token));
        Assert.Null(await Store.FindAccountAsync("https://other.example/dir", "", Token));
    }

    [Fact]
    public async Task Save_EveryField_ComesBack()
    {
        await Store.EnqueueAsync(["a.example"], Token);
        var record = (await Store.ClaimAsync("a.example", "me", Lease, Token))! with
        {
            Certificate = new StoredCertificate("chain", "key", "issuer", Now, Now.AddDays(90), Now.AddMilliseconds(1), "dir", "acct", Now.AddDays(1)),
            RenewAt = Now.AddDays(60),
            Window = new StoredRenewalWindow(Now.AddDays(50), Now.AddDays(55)),
            AskWindowAt = Now.AddHours(6),
            Order = new StoredOrder("dir", "acct", "order", "orderkey"),
            ChallengeType = "http-01",
            Failure = new StoredFailure(3, 2, "network", "it's \"down\"; ü", Now),
            RenewalRequested = true,
            DueAt = Now.AddMinutes(5),
        };
        await Store.SaveAsync(record, [], "me", release: true, Token);

        var found = await Store.FindAsync("a.example", Token);
        Assert.Equal(record with { Revision = found!.Revision }, found);
        Assert.Equal(found, Assert.Single(await Store.ListAsync(null, Token)));
        await using var other = Open();
        Assert.Equal(found, await other.FindAsync("a.example", Token));
    }

    [Fact]
    public async Task Save_NullsAgain_ComeBack()
    {
        await Store.EnqueueAsync(["a.example"], Token);
        var bare = (await Store.ClaimAsync("a.example", "me", Lease, Token))!;
        await Store.SaveAsync(bare with { Order = new StoredOrder("d", "a", "o", "k"), Failure = new StoredFailure(1, 1, "k", "m", Now) }, [], "me", release: false, Token);
        await Store.SaveAsync(bare, [], "me", release: true, Token);

        var found = await Store.FindAsync("a.example", Token);
        Assert.Equal(bare with { Revision = found!.Revision }, found);
    }

    [Fact]
    public async Task Enqueue_NewKnownAndParked_CountsThoseThatWereNotThere()
    {
        Assert.Equal(2, await Store.EnqueueAsync(["a.example", "b.example"], Token));
        Assert.Equal(0, await Store.EnqueueAsync(["a.example", "b.example"], Token));
        await Store.ParkAsync(["a.example"], Token);
        Assert.Null((await Store.FindAsync("a.example", Token))!.DueAt);
        Assert.Equal(2, await Store.EnqueueAsync(["a.example", "c.example"], Token));
        Assert.Equal(Now, (await Store.FindAsync("a.example", Token))!.DueAt);
    }

    [Fact]
    public async Task Enqueue_ParkedWithCertificate_IsDueWhenThatWantsIt()
    {
        await SaveAsync("a.example", record => record with { Certificate = Certificate(), RenewAt = Now.AddDays(60), AskWindowAt = Now.AddDays(1) });
        await SaveAsync("b.example", record => record with { Certificate = Certificate(), RenewAt = Now.AddDays(60) });
        await Store.ParkAsync(["a.example", "b.example"], Token);
        await Store.EnqueueAsync(["a.example", "b.example"], Token);

        Assert.Equal(Now.AddDays(1), (await Store.FindAsync("a.example", Token))!.DueAt);
        Assert.Equal(Now.AddDays(60), (await Store.FindAsync("b.example", Token))!.DueAt);
    }

    [Fact]
    public async Task ClaimDue_RenewalsThenFirstOrdersThenFailedOnes_LongestDueFirst()
    {
        await SaveAsync("failed.example", record => record with { Failure = new StoredFailure(1, 1, "network", "…", Now), DueAt = Now.AddDays(-9) });
        await SaveAsync("first-late.example", record => record with { DueAt = Now.AddDays(-1) });
        await SaveAsync("first-early.example", record => record with { DueAt = Now.AddDays(-2) });
        await SaveAsync("renewal.example", record => record with { Certificate = Certificate(), DueAt = Now });
        await SaveAsync("not-due.example", record => record with { Certificate = Certificate(), DueAt = Now.AddMilliseconds(1) });

        Assert.Equal(["renewal.example", "first-early.example"], (await Store.ClaimDueAsync("me", 2, true, Lease, Token)).Select(record => record.Host));
        Assert.Equal(["first-late.example", "failed.example"], (await Store.ClaimDueAsync("me", 9, true, Lease, Token)).Select(record => record.Host));
        Assert.Empty(await Store.ClaimDueAsync("other", 9, true, Lease, Token));
    }

    [Fact]
    public async Task ClaimDue_WithoutFirstOrders_TakesRenewalsAlone()
    {
        await Store.EnqueueAsync(["first.example"], Token);
        await SaveAsync("renewal.example", record => record with { Certificate = Certificate(), DueAt = Now });

        Assert.Equal(["renewal.example"], (await Store.ClaimDueAsync("me", 9, false, Lease, Token)).Select(record => record.Host));
    }

    [Fact]
    public async Task ClaimDue_ManyAtOnce_NoHostTwice()
    {
        await Store.EnqueueAsync([.. Enumerable.Range(0, 100).Select(number => $"d{number}.example")], Token);
        await using var other = Open();
        var claims = await Task.WhenAll(Enumerable.Range(0, 40).Select(number => (number % 2 == 0 ? Store : other).ClaimDueAsync($"owner{number}", 5, true, Lease, Token)));

        var hosts = claims.SelectMany(claim => claim).Select(record => record.Host).ToList();
        Assert.Equal(100, hosts.Count);
        Assert.Equal(100, hosts.Distinct().Count());
    }

    [Fact]
    public async Task ClaimDue_LeaseRunOut_IsFreeAgain()
    {
        await Store.EnqueueAsync(["a.example"], Token);
        Assert.Single(await Store.ClaimDueAsync("dead", 1, true, Lease, Token));
        Time.Advance(Lease - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await Store.ClaimDueAsync("me", 1, true, Lease, Token));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Single(await Store.ClaimDueAsync("me", 1, true, Lease, Token));
    }

    [Fact]
    public async Task ClaimDue_LeaseFromTheFuture_IsFree()
    {
        await Store.EnqueueAsync(["a.example"], Token);
        Time.Advance(TimeSpan.FromDays(3650));
        Assert.NotNull(await Store.ClaimAsync("a.example", "ahead", Lease, Token));
        Time.AdjustTime(Now.AddDays(-3650));

        Assert.Single(await Store.ClaimDueAsync("me", 1, true, Lease, Token));
    }

    [Fact]
    public async Task Lease_ExtendAndRelease_KeepAndFree()
    {
        Assert.True(await Store.TryLeaseAsync("account/x", "me", Lease, Token));
        Assert.True(await Store.TryLeaseAsync("account/x", "me", Lease, Token));
        Assert.False(await Store.TryLeaseAsync("account/x", "other", Lease, Token));
        Time.Advance(Lease / 2);
        await Store.ExtendLeasesAsync("me", Lease, Token);
        Time.Advance(Lease * 0.75);
        Assert.False(await Store.TryLeaseAsync("account/x", "other", Lease, Token));
        await Store.ReleaseLeasesAsync("other", "account/x", Token); // not theirs to give up
        Assert.False(await Store.TryLeaseAsync("account/x", "other", Lease, Token));
        await Store.ReleaseLeasesAsync("me", null, Token);
        Assert.True(await Store.TryLeaseAsync("account/x", "other", Lease, Token));
    }

    [Fact]
    public async Task Save_LeaseTakenByAnother_WritesNothing()
    {
        await Store.EnqueueAsync(["a.example"], Token);
        var record = (await Store.ClaimAsync("a.example", "slow", Lease, Token))!;
        Time.Advance(Lease);
        Assert.NotNull(await Store.ClaimAsync("a.example", "me", Lease, Token));

        await Assert.ThrowsAsync<LeaseLostException>(() => Store.SaveAsync(record with { ChallengeType = "http-01" }, [Challenge("a.example")], "slow", release: true, Token));

        Assert.Null((await Store.FindAsync("a.example", Token))!.ChallengeType);
        Assert.Empty(await Store.ListChallengesAsync(Token));
        Assert.Null(await Store.ClaimAsync("a.example", "third", Lease, Token)); // still leased by "me"
    }

    [Fact]
    public async Task Save_OwnLeaseRunOutButNotTaken_Writes()
    {
        await Store.EnqueueAsync(["a.example"], Token);
        var record = (await Store.ClaimAsync("a.example", "me", Lease, Token))!;
        Time.Advance(Lease * 3);
        await Store.SaveAsync(record with { ChallengeType = "http-01" }, [], "me", release: true, Token);

        Assert.Equal("http-01", (await Store.FindAsync("a.example", Token))!.ChallengeType);
    }

    [Fact]
    public async Task Save_RowThatIsNotThere_IsMade()
    {
        var record = new CertificateRecord { Host = "a.example", Certificate = Certificate(), DueAt = Now.AddDays(60) };
        await Store.SaveAsync(record, [], "me", release: true, Token);

        var found = await Store.FindAsync("a.example", Token);
        Assert.Equal(record with { Revision = found!.Revision }, found);
    }

    [Fact]
    public async Task Save_ParkedMeanwhile_StaysParked()
    {
        await Store.EnqueueAsync(["a.example"], Token);
        var record = (await Store.ClaimAsync("a.example", "me", Lease, Token))!;
        await Store.ParkAsync(["a.example"], Token);
        await Store.SaveAsync(record with { DueAt = Now.AddDays(60) }, [], "me", release: true, Token);

        Assert.Null((await Store.FindAsync("a.example", Token))!.DueAt);
    }

    [Fact]
    public async Task Challenges_AreThoseOfTheLastSave_UntilTheirEnd()
    {
        await Store.EnqueueAsync(["a.example"], Token);
        var record = (await Store.ClaimAsync("a.example", "me", Lease, Token))!;
        await Store.SaveAsync(record, [Challenge("a.example") with { Token = "old" }], "me", release: false, Token);
        await Store.SaveAsync(record, [Challenge("a.example")], "me", release: false, Token);
        Assert.Equal(Challenge("a.example"), Assert.Single(await Store.ListChallengesAsync(Token)));
        Assert.Equal(1, (await Store.GetQueueLengthAsync(Token)).OpenChallenges);
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(await Store.ListChallengesAsync(Token));
        await Store.SaveAsync(record, [], "me", release: true, Token);
        Assert.Equal(0, (await Store.GetQueueLengthAsync(Token)).OpenChallenges);
    }

    [Fact]
    public async Task RequestRenewal_IsDueAtOnceAsARenewal()
    {
        Assert.False(await Store.RequestRenewalAsync("a.example", Token));
        await SaveAsync("a.example", record => record with { Failure = new StoredFailure(9, 9, "refused", "…", Now), DueAt = Now.AddDays(1) });
        var before = await Store.GetRevisionAsync(Token);

        Assert.True(await Store.RequestRenewalAsync("a.example", Token));

        Assert.True(await Store.GetRevisionAsync(Token) > before);
        Assert.True(Assert.Single(await Store.ClaimDueAsync("me", 1, false, Lease, Token)).RenewalRequested);
    }

    [Fact]
    public async Task RequestRenewal_WhileTheHostIsWorkedOn_StaysUntilThereIsAnotherCertificate()
    {
        await SaveAsync("a.example", record => record with { Certificate = Certificate(), DueAt = Now });
        var claimed = await Store.ClaimAsync("a.example", "me", Lease, Token);

        Assert.True(await Store.RequestRenewalAsync("a.example", Token));
        await Store.SaveAsync(claimed! with { DueAt = Now.AddDays(1) }, [], "me", release: true, Token);
        var again = Assert.Single(await Store.ClaimDueAsync("me", 1, false, Lease, Token));
        Assert.True(again.RenewalRequested);

        await Store.SaveAsync(again with { Certificate = again.Certificate! with { ChainPem = "another" }, RenewalRequested = false, DueAt = Now.AddDays(1) }, [], "me", release: true, Token);
        Assert.Empty(await Store.ClaimDueAsync("me", 1, true, Lease, Token));
        Assert.False((await Store.FindAsync("a.example", Token))!.RenewalRequested);
    }

    [Fact]
    public async Task PullIn_TimesThatNoScheduleGives_AreNow()
    {
        var far = Now.AddYears(10);
        await SaveAsync("first.example", record => record with { DueAt = far });
        await SaveAsync("failing.example", record => record with { Certificate = Certificate(), Failure = new StoredFailure(1, 1, "network", "…", Now), DueAt = far });
        await SaveAsync("well.example", record => record with { Certificate = Certificate(), DueAt = far });
        await SaveAsync("soon.example", record => record with { DueAt = Now.AddDays(8) });

        Assert.Equal(2, await Store.PullInAsync(TimeSpan.FromDays(8), Token));

        var due = (await Store.ListAsync(null, Token)).ToDictionary(record => record.Host, record => record.DueAt);
        Assert.Equal((Now, Now, far, Now.AddDays(8)), (due["first.example"], due["failing.example"], due["well.example"], due["soon.example"]));
        Assert.Equal(0, await Store.PullInAsync(TimeSpan.FromDays(8), Token));
    }

    [Fact]
    public async Task NextDue_NotLeasedAndNotParked_IsTheEarliest()
    {
        Assert.Null(await Store.NextDueAsync(Token));
        await SaveAsync("renewal.example", record => record with { Certificate = Certificate(), DueAt = Now.AddDays(2) });
        await SaveAsync("first.example", record => record with { DueAt = Now.AddDays(1) });
        Assert.Equal(Now.AddDays(1), await Store.NextDueAsync(Token));
        Assert.NotNull(await Store.ClaimAsync("first.example", "me", Lease, Token));
        Assert.Equal(Now.AddDays(2), await Store.NextDueAsync(Token));
        await Store.ParkAsync(["renewal.example"], Token);
        Assert.Null(await Store.NextDueAsync(Token));
    }

    [Fact]
    public async Task CountOrder_LimitReached_TellsWhenTheNextMayBe()
    {
        var window = TimeSpan.FromHours(3);
        Assert.Null(await Store.CountOrderAsync("dir", 2, window, Token));
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Null(await Store.CountOrderAsync("dir", 2, window, Token));
        Assert.Equal(Now.AddHours(2), await Store.CountOrderAsync("dir", 2, window, Token));
        Assert.Null(await Store.CountOrderAsync("other", 2, window, Token));
        Assert.Null(await Store.CountOrderAsync("dir", 3, window, Token)); // a larger limit: a renewal
        Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(Now.AddHours(1), await Store.CountOrderAsync("dir", 2, window, Token));
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Null(await Store.CountOrderAsync("dir", 2, window, Token));
    }

    [Fact]
    public async Task CountOrder_CountedByAClockThatWasAhead_DontCount()
    {
        Time.Advance(TimeSpan.FromDays(3650));
        Assert.Null(await Store.CountOrderAsync("dir", 1, TimeSpan.FromHours(3), Token));
        Time.AdjustTime(Now.AddDays(-3650));

        Assert.Null(await Store.CountOrderAsync("dir", 1, TimeSpan.FromHours(3), Token));
    }

    [Fact]
    public async Task ListChanges_AfterARevision_AreThoseSince()
    {
        await Store.EnqueueAsync(["a.example", "b.example"], Token);
        var revision = await Store.GetRevisionAsync(Token);
        Assert.Empty(await Store.ListChangesAsync(revision, Token));
        await SaveAsync("b.example", record => record with { Certificate = Certificate(), Failure = new StoredFailure(1, 1, "network", "…", Now), DueAt = Now.AddDays(1) });

        var change = Assert.Single(await Store.ListChangesAsync(revision, Token));
        Assert.Equal(new CertificateSummary("b.example", Certificate().NotBefore, Certificate().NotAfter, "network", Now.AddDays(1), await Store.GetRevisionAsync(Token)), change);
        Assert.Equal(["a.example", "b.example"], (await Store.ListChangesAsync(-1, Token)).Select(summary => summary.Host));
    }

    [Fact]
    public async Task QueueLength_CountsWhatWaits()
    {
        await Store.EnqueueAsync(["a.example", "b.example"], Token);
        await SaveAsync("later.example", record => record with { DueAt = Now.AddDays(1) });
        await SaveAsync("renewal.example", record => record with { Certificate = Certificate(), DueAt = Now });
        await Store.EnqueueAsync(["parked.example"], Token);
        await Store.ParkAsync(["parked.example"], Token);

        Assert.Equal(new QueueLength(Renewals: 1, FirstOrders: 2, Missing: 3, OpenChallenges: 0), await Store.GetQueueLengthAsync(Token));
    }

    [Fact]
    public async Task List_SomeHosts_AreThoseAlone()
    {
        await Store.EnqueueAsync([.. Enumerable.Range(0, 1200).Select(number => $"d{number}.example")], Token);

        Assert.Equal(1000, (await Store.ListAsync([.. Enumerable.Range(100, 1000).Select(number => $"d{number}.example")], Token)).Count);
        Assert.Empty(await Store.ListAsync(["other.example"], Token));
    }

    private protected async Task SaveAsync(string host, Func<CertificateRecord, CertificateRecord> change)
    {
        await Store.EnqueueAsync([host], Token);
        await Store.SaveAsync(change((await Store.ClaimAsync(host, "setup", Lease, Token))!), [], "setup", release: true, Token);
    }

    private static StoredCertificate Certificate() => new("chain", "key", "issuer", new(2025, 12, 1, 0, 0, 0, TimeSpan.Zero), new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), new(2025, 12, 1, 0, 0, 0, TimeSpan.Zero), "dir", "acct", null);

    private static StoredChallenge Challenge(string host) => new(host, "http-01", "token", "token.thumbprint", new(2026, 1, 1, 0, 10, 0, TimeSpan.Zero));
}
