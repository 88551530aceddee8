using MtaStsHost.Storage;

namespace MtaStsHost.Tests.Storage;

/// <content>What an operator asks for, times that no schedule gives, and the limit of orders.</content>
public abstract partial class StoreContract
{
    private const string Ca = "https://ca.example/directory";

    private static readonly TimeSpan s_window = TimeSpan.FromHours(3);

    [Fact]
    public async Task RequestRenewalAsync_Host_IsDueNowBeforeAllFirstOrders()
    {
        await PutAsync(B, record => record with { DueAt = Start.AddDays(-1) });
        await PutAsync(A, record => record with { Failure = Failure(), DueAt = Start.AddDays(30) });

        Assert.True(await Store.RequestRenewalAsync(A, Cancel));
        var asked = await Store.FindAsync(A, Cancel);
        Assert.Equal((true, Start, Failure()), (asked!.RenewalRequested, asked.DueAt, asked.Failure));
        Assert.Equal([A, B], await ClaimAsync());
    }

    [Fact]
    public async Task RequestRenewalAsync_NoSuchHost_IsFalse() => Assert.False(await Store.RequestRenewalAsync(A, Cancel));

    [Fact]
    public async Task SaveAsync_RenewalRequestedMeanwhile_KeepsTheRequest()
    {
        await PutAsync(A, record => record with { Certificate = Certificate(), DueAt = Start });
        var record = await Store.ClaimAsync(A, Me, Lease, Cancel);
        await Store.RequestRenewalAsync(A, Cancel);
        await Store.SaveAsync(record! with { DueAt = Start.AddDays(60) }, [], Me, release: true, Cancel);

        var after = await Store.FindAsync(A, Cancel);
        Assert.Equal((true, Start), (after!.RenewalRequested, after.DueAt));
        Assert.Equal([A], await ClaimAsync(firstOrders: false));
    }

    [Fact]
    public async Task SaveAsync_RenewalRequestedMeanwhileAndNewCertificate_HasMetTheRequest()
    {
        await Store.EnqueueAsync([A], Cancel);
        var record = await Store.ClaimAsync(A, Me, Lease, Cancel);
        await Store.RequestRenewalAsync(A, Cancel);
        await Store.SaveAsync(record! with { Certificate = Certificate(), DueAt = Start.AddDays(60) }, [], Me, release: true, Cancel);

        var after = await Store.FindAsync(A, Cancel);
        Assert.Equal((false, Start.AddDays(60)), (after!.RenewalRequested, after.DueAt));
    }

    [Fact]
    public async Task SaveAsync_RequestThatWasSeen_IsAsTheRowSays()
    {
        await PutAsync(A, record => record with { Certificate = Certificate(), DueAt = Start.AddDays(60) });
        await Store.RequestRenewalAsync(A, Cancel);
        var record = Assert.Single(await Store.ClaimDueAsync(Me, 1, firstOrders: false, Lease, Cancel));
        await Store.SaveAsync(record with { Failure = Failure(), DueAt = Start.AddHours(1) }, [], Me, release: true, Cancel);
        var failed = await Store.ClaimAsync(A, Me, Lease, Cancel);
        Assert.Equal((true, Start.AddHours(1)), (failed!.RenewalRequested, failed.DueAt));

        await Store.SaveAsync(failed with { Certificate = Certificate() with { ChainPem = "another" },
            RenewalRequested = false, DueAt = Start.AddDays(60) }, [], Me, release: true, Cancel);
        var done = await Store.FindAsync(A, Cancel);
        Assert.Equal((false, Start.AddDays(60)), (done!.RenewalRequested, done.DueAt));
    }

    [Fact]
    public async Task PullInAsync_FurtherAheadThanAnySchedule_IsDueNow()
    {
        await PutAsync("first", record => record with { DueAt = Start.AddDays(3) });
        await PutAsync("failed", record => record with { Failure = Failure(), DueAt = Start.AddDays(2).AddMilliseconds(1) });
        await PutAsync("failed renewal", record =>
            record with { Certificate = Certificate(), Failure = Failure(), DueAt = Start.AddDays(400) });
        await PutAsync("sane", record => record with { Failure = Failure(), DueAt = Start.AddDays(2) });
        await PutAsync("good", record => record with { Certificate = Certificate(), DueAt = Start.AddDays(60) });
        await PutAsync("parked", record => record);
        await Store.ParkAsync(["parked"], Cancel);

        Assert.Equal(3, await Store.PullInAsync(TimeSpan.FromDays(2), Cancel));
        DateTimeOffset?[] due = [await DueAsync("first"), await DueAsync("failed"),
            await DueAsync("failed renewal"), await DueAsync("sane"), await DueAsync("good"), await DueAsync("parked")];
        Assert.Equal([Start, Start, Start, Start.AddDays(2), Start.AddDays(60), null], due);
    }

    [Fact]
    public async Task CountOrderAsync_LimitReached_SaysWhenTheNextOneMay()
    {
        Assert.Null(await CountAsync());
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await CountAsync());
        Assert.Equal(Start + s_window, await CountAsync());
        await using var other = Create(Clock);
        Assert.Equal(Start + s_window, await other.CountOrderAsync(Ca, 2, s_window, Cancel));
        Assert.Null(await Store.CountOrderAsync("https://other.example/directory", 2, s_window, Cancel));

        Clock.Advance(TimeSpan.FromHours(2) - TimeSpan.FromMilliseconds(1));
        Assert.NotNull(await CountAsync());
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await CountAsync());
        Assert.Equal(Start.AddHours(1) + s_window, await CountAsync());
    }

    [Fact]
    public async Task CountOrderAsync_LargerLimit_HasRoomStill()
    {
        await CountAsync(limit: 1);
        Assert.NotNull(await CountAsync(limit: 1));

        Assert.Null(await CountAsync(limit: 2)); // as renewals have it
    }

    [Fact]
    public async Task CountOrderAsync_LimitLowered_WaitsUntilEnoughHaveLeft()
    {
        for (var hour = 0; hour < 3; hour++)
        {
            await CountAsync(limit: 3);
            Clock.Advance(TimeSpan.FromMinutes(10));
        }

        Assert.Equal(Start.AddMinutes(20) + s_window, await CountAsync(limit: 1));
    }

    [Fact]
    public async Task CountOrderAsync_CountedByAClockThatWasAhead_CountNoMore()
    {
        Clock.Advance(TimeSpan.FromDays(400));
        Assert.Null(await CountAsync(limit: 1));
        Clock.AdjustTime(Start);

        Assert.Null(await CountAsync(limit: 1));
        Assert.Equal(Start + s_window, await CountAsync(limit: 1));
    }

    [Fact]
    public async Task CountOrderAsync_ManyAtOnce_NeverExceedTheLimit()
    {
        await using var second = Create(Clock);
        IStore[] stores = [Store, second];
        var answers = await Task.WhenAll(Enumerable.Range(0, 40)
            .Select(number => Task.Run(() => stores[number % 2].CountOrderAsync(Ca, 7, s_window, Cancel), Cancel)));

        Assert.Equal(7, answers.Count(answer => answer is null));
    }

    private Task<DateTimeOffset?> CountAsync(int limit = 2) => Store.CountOrderAsync(Ca, limit, s_window, Cancel);
}
