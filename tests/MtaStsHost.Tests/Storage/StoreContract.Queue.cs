using MtaStsHost.Storage;

namespace MtaStsHost.Tests.Storage;

/// <content>The queue: who is in it, when, and in which order.</content>
public abstract partial class StoreContract
{
    [Fact]
    public async Task EnqueueAsync_NewHosts_AreDueAtOnce()
    {
        Assert.Equal(2, await Store.EnqueueAsync([A, B], Cancel));

        Assert.Equal(Start, await DueAsync(A));
        Assert.Equal([A, B], await ClaimAsync());
    }

    [Fact]
    public async Task EnqueueAsync_KnownHosts_StayAsTheyAre()
    {
        await PutAsync(A, _ => FullRecord(A));
        var before = await Store.FindAsync(A, Cancel);
        Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(1, await Store.EnqueueAsync([A, B], Cancel));
        Assert.Equal(0, await Store.EnqueueAsync([A, B], Cancel));
        Assert.Equal(before, await Store.FindAsync(A, Cancel));
    }

    [Fact]
    public async Task EnqueueAsync_TheSameHostTwice_CountsOnce() => Assert.Equal(1, await Store.EnqueueAsync([A, A], Cancel));

    [Fact]
    public async Task EnqueueAsync_MoreThanAQueryTakes_AreAllThere()
    {
        var hosts = Enumerable.Range(0, 1200).Select(number => $"mta-sts.{number:d4}.example").ToList();

        Assert.Equal(1200, await Store.EnqueueAsync(hosts, Cancel));
        await Store.ParkAsync(hosts, Cancel);
        Assert.Equal(1200, await Store.EnqueueAsync(hosts, Cancel));
        Assert.Equal(1200, (await Store.GetQueueLengthAsync(Cancel)).FirstOrders);
    }

    [Fact]
    public async Task EnqueueAsync_ParkedWithoutACertificate_IsDueAtOnce()
    {
        await PutAsync(A, record => record with { DueAt = Start.AddDays(1), Failure = Failure() });
        await Store.ParkAsync([A], Cancel);
        Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1, await Store.EnqueueAsync([A], Cancel));
        Assert.Equal(Start.AddHours(1), await DueAsync(A));
    }

    [Theory]
    [InlineData(60, null, 60)]
    [InlineData(60, 1, 1)]
    [InlineData(60, 61, 60)]
    [InlineData(null, null, 0)]
    public async Task EnqueueAsync_ParkedWithACertificate_IsDueWhenThatIsToBeLookedAt(int? renew, int? ask, int due)
    {
        await PutAsync(A, record => record with
        {
            Certificate = Certificate(), RenewAt = renew is { } day ? Start.AddDays(day)
                : null, AskWindowAt = ask is { } then ? Start.AddDays(then) : null, DueAt = Start.AddDays(5),
        });
        await Store.ParkAsync([A], Cancel);

        Assert.Equal(1, await Store.EnqueueAsync([A], Cancel));
        Assert.Equal(Start.AddDays(due), await DueAsync(A));
    }

    [Fact]
    public async Task EnqueueAsync_RenewalRequestedWhileParked_IsDueAtOnce()
    {
        await PutAsync(A, record => record with { Certificate = Certificate(), RenewAt = Start.AddDays(60), DueAt = Start.AddDays(60) });
        await Store.ParkAsync([A], Cancel);

        Assert.True(await Store.RequestRenewalAsync(A, Cancel));
        Assert.Null(await DueAsync(A)); // only configured names are ordered
        await Store.EnqueueAsync([A], Cancel);
        Assert.Equal(Start, await DueAsync(A));
    }

    [Fact]
    public async Task ParkAsync_Hosts_KeepTheirCertificatesAndAreNeverDue()
    {
        await PutAsync(A, _ => FullRecord(A));
        await Store.EnqueueAsync([B], Cancel);
        await Store.ParkAsync([A, "mta-sts.unknown.example"], Cancel);
        Clock.Advance(TimeSpan.FromDays(1000));

        var parked = await Store.FindAsync(A, Cancel);
        Assert.Equal(FullRecord(A) with { DueAt = null, Revision = parked!.Revision }, parked);
        Assert.Equal([B], await ClaimAsync());
        Assert.Null(await Store.NextDueAsync(Cancel));
    }

    [Fact]
    public async Task SaveAsync_ParkedMeanwhile_StaysParked()
    {
        await Store.EnqueueAsync([A], Cancel);
        var record = await Store.ClaimAsync(A, Me, Lease, Cancel);
        await Store.ParkAsync([A], Cancel);
        await Store.SaveAsync(record! with { Certificate = Certificate(), RenewAt = Start.AddDays(60), DueAt = Start.AddDays(60) },
            [], Me, release: true, Cancel);

        var parked = await Store.FindAsync(A, Cancel);
        Assert.Equal((Certificate(), null), (parked!.Certificate, parked.DueAt));
        await Store.EnqueueAsync([A], Cancel);
        Assert.Equal(Start.AddDays(60), await DueAsync(A));
    }

    [Fact]
    public async Task ClaimDueAsync_AllKinds_RenewalsThenFirstOrdersThenFailedOnesLongestDueFirst()
    {
        await PutAsync("failed-2", record => record with { Failure = Failure(), DueAt = Start.AddHours(-3) });
        await PutAsync("failed-1", record => record with { Failure = Failure(), DueAt = Start.AddHours(-4) });
        await PutAsync("first-2", record => record with { DueAt = Start.AddHours(-1) });
        await PutAsync("first-1", record => record with { DueAt = Start.AddHours(-2) });
        await PutAsync("renewal-2", record => record with { Certificate = Certificate(), DueAt = Start });
        await PutAsync("renewal-1", record => record
            with { Certificate = Certificate(), Failure = Failure(), DueAt = Start.AddMinutes(-1) });
        await PutAsync("later", record => record with { Certificate = Certificate(), DueAt = Start.AddMilliseconds(1) });
        string[] expected = ["renewal-1", "renewal-2", "first-1", "first-2", "failed-1", "failed-2"];

        Assert.Equal(expected[..3], await ClaimAsync(most: 3));
        Assert.Equal(expected[3..], await ClaimAsync(most: 10));
    }

    [Fact]
    public async Task ClaimDueAsync_FirstOrdersUnwanted_AreLeftOut()
    {
        await PutAsync(A, record => record with { DueAt = Start.AddHours(-1) });
        await PutAsync(B, record => record with { Failure = Failure(), DueAt = Start.AddHours(-2) });
        await PutAsync(C, record => record with { Certificate = Certificate(), DueAt = Start });

        Assert.Equal([C], await ClaimAsync(firstOrders: false));
        Assert.Equal([A, B], await ClaimAsync(firstOrders: true));
    }

    [Fact]
    public async Task ClaimDueAsync_Rows_AreWholeAndLeased()
    {
        await PutAsync(A, _ => FullRecord(A) with { DueAt = Start });
        var claimed = Assert.Single(await Store.ClaimDueAsync(Me, 1, firstOrders: false, Lease, Cancel));

        Assert.Equal(FullRecord(A) with { DueAt = Start, Revision = claimed.Revision }, claimed);
        Assert.Empty(await ClaimAsync(owner: Other));
        Assert.Null(await Store.ClaimAsync(A, Other, Lease, Cancel));
    }

    [Fact]
    public async Task ClaimDueAsync_LeaseRunOut_GivesTheHostToAnother()
    {
        await Store.EnqueueAsync([A], Cancel);
        await ClaimAsync();
        Clock.Advance(Lease - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await ClaimAsync(owner: Other));

        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([A], await ClaimAsync(owner: Other));
    }

    [Fact]
    public async Task ClaimDueAsync_ManyAtOnce_NeverGetTheSameHost()
    {
        var hosts = Enumerable.Range(0, 200).Select(number => $"mta-sts.{number}.example").ToList();
        await Store.EnqueueAsync(hosts, Cancel);
        await using var second = Create(Clock);
        IStore[] stores = [Store, second];
        var claims = await Task.WhenAll(Enumerable.Range(0, 40)
            .Select(number => Task.Run(() => stores[number % 2].ClaimDueAsync($"owner {number}", 7, true, Lease, Cancel), Cancel)));

        var claimed = claims.SelectMany(claim => claim).Select(record => record.Host).ToList();
        Assert.Equal(hosts.Order(), claimed.Order());
    }

    [Fact]
    public async Task NextDueAsync_Queue_IsTheFirstThatNobodyHasLeased()
    {
        Assert.Null(await Store.NextDueAsync(Cancel));
        await PutAsync(A, record => record with { Certificate = Certificate(), DueAt = Start.AddHours(3) });
        await PutAsync(B, record => record with { DueAt = Start.AddHours(1) });
        await PutAsync(C, record => record with { Failure = Failure(), DueAt = Start.AddHours(2) });
        Assert.Equal(Start.AddHours(1), await Store.NextDueAsync(Cancel));

        await Store.ClaimAsync(B, Me, Lease, Cancel);
        Assert.Equal(Start.AddHours(2), await Store.NextDueAsync(Cancel));
        Clock.Advance(Lease);
        Assert.Equal(Start.AddHours(1), await Store.NextDueAsync(Cancel));
    }

    [Fact]
    public async Task GetQueueLengthAsync_Rows_AreCountedByWhatTheyWaitFor()
    {
        await PutAsync("renewal", record => record with { Certificate = Certificate() });
        await PutAsync("renewed", record => record with { Certificate = Certificate(), DueAt = Start.AddDays(1) });
        await PutAsync("first", record => record);
        await PutAsync("failed", record => record with { Failure = Failure() });
        await PutAsync("failed, later", record => record with { Failure = Failure(), DueAt = Start.AddDays(1) });
        await PutAsync("asked for", record => record);
        await Store.RequestRenewalAsync("asked for", Cancel);
        await PutAsync("parked", record => record);
        await Store.ParkAsync(["parked"], Cancel);
        await SaveAsync("first", record => record, Challenge("first", "1"), Challenge("first", "2"));

        Assert.Equal(new QueueLength(Renewals: 1, FirstOrders: 3, Missing: 4, OpenChallenges: 2), await Store.GetQueueLengthAsync(Cancel));
    }
}
