using MtaStsHost.Storage;

namespace MtaStsHost.Tests.Storage;

/// <content>Leases: of names, and of hosts.</content>
public abstract partial class StoreContract
{
    private const string Name = "account/ca";

    [Fact]
    public async Task TryLeaseAsync_Free_IsTakenOnce()
    {
        Assert.True(await LeaseAsync(Me));
        Assert.False(await LeaseAsync(Other));
        Assert.True(await Store.TryLeaseAsync("another", Other, Lease, Cancel));
    }

    [Fact]
    public async Task TryLeaseAsync_OnesOwn_IsExtended()
    {
        await LeaseAsync(Me);
        Clock.Advance(Lease / 2);
        Assert.True(await LeaseAsync(Me));
        Clock.Advance(Lease * 0.75);

        Assert.False(await LeaseAsync(Other));
    }

    [Fact]
    public async Task TryLeaseAsync_RunOut_IsFree()
    {
        await LeaseAsync(Me);
        Clock.Advance(Lease - TimeSpan.FromMilliseconds(1));
        Assert.False(await LeaseAsync(Other));
        Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True(await LeaseAsync(Other));
        Assert.False(await LeaseAsync(Me));
    }

    [Fact]
    public async Task TryLeaseAsync_EndsLaterThanAnyCan_IsFree()
    {
        Clock.Advance(TimeSpan.FromDays(400));
        await LeaseAsync(Me);
        Clock.AdjustTime(Start);

        Assert.True(await LeaseAsync(Other));
    }

    [Fact]
    public async Task ClaimDueAsync_LeaseEndsLaterThanAnyCan_IsFree()
    {
        await Store.EnqueueAsync([A], Cancel);
        Clock.Advance(TimeSpan.FromDays(400));
        await ClaimAsync();
        Clock.AdjustTime(Start);

        Assert.Equal(Start, await Store.NextDueAsync(Cancel));
        Assert.Equal([A], await ClaimAsync(owner: Other));
    }

    [Fact]
    public async Task ExtendLeasesAsync_Owner_KeepsAllItsLeasesAndNoOthers()
    {
        await Store.TryLeaseAsync("1", Me, Lease, Cancel);
        await Store.TryLeaseAsync("2", Me, Lease, Cancel);
        await Store.TryLeaseAsync("3", Other, Lease, Cancel);
        Clock.Advance(Lease / 2);
        await Store.ExtendLeasesAsync(Me, Lease, Cancel);
        Clock.Advance(Lease * 0.75);

        Assert.False(await Store.TryLeaseAsync("1", "third", Lease, Cancel));
        Assert.False(await Store.TryLeaseAsync("2", "third", Lease, Cancel));
        Assert.True(await Store.TryLeaseAsync("3", "third", Lease, Cancel));
    }

    [Fact]
    public async Task ReleaseLeasesAsync_OneOrAll_AreFreeAndOthersLeasesAreNot()
    {
        foreach (var name in (string[])["1", "2", "3"]) await Store.TryLeaseAsync(name, Me, Lease, Cancel);
        await Store.TryLeaseAsync("4", Other, Lease, Cancel);
        await Store.ReleaseLeasesAsync(Me, "4", Cancel);
        await Store.ReleaseLeasesAsync(Me, "1", Cancel);
        Assert.Equal("1", await FreeAsync());

        await Store.ReleaseLeasesAsync(Me, null, Cancel);
        Assert.Equal("1 2 3", await FreeAsync());
    }

    [Fact]
    public async Task ClaimAsync_NotDue_IsLeasedAllTheSame()
    {
        await PutAsync(A, record => record with { DueAt = Start.AddDays(1) });

        Assert.Equal(A, (await Store.ClaimAsync(A, Me, Lease, Cancel))?.Host);
        Assert.Null(await Store.ClaimAsync(A, Other, Lease, Cancel));
    }

    [Fact]
    public async Task ClaimAsync_NoSuchHost_IsNullAndLeasesNothing()
    {
        Assert.Null(await Store.ClaimAsync(A, Me, Lease, Cancel));
        await Store.EnqueueAsync([A], Cancel);

        Assert.Equal([A], await ClaimAsync(owner: Other));
    }

    [Fact]
    public async Task SaveAsync_Release_GivesTheLeaseUp()
    {
        await Store.EnqueueAsync([A], Cancel);
        var record = await Store.ClaimAsync(A, Me, Lease, Cancel);
        await Store.SaveAsync(record!, [], Me, release: false, Cancel);
        Assert.Empty(await ClaimAsync(owner: Other));

        await Store.SaveAsync(record!, [], Me, release: true, Cancel);
        Assert.Equal([A], await ClaimAsync(owner: Other));
    }

    [Fact]
    public async Task SaveAsync_LeaseRunOutButNotTaken_IsWritten()
    {
        await Store.EnqueueAsync([A], Cancel);
        var record = await Store.ClaimAsync(A, Me, Lease, Cancel);
        Clock.Advance(Lease * 10);
        await Store.SaveAsync(record! with { ChallengeType = "http-01" }, [], Me, release: true, Cancel);

        Assert.Equal("http-01", (await Store.FindAsync(A, Cancel))!.ChallengeType);
    }

    [Fact]
    public async Task SaveAsync_Saved_MakesTheLeaseNoShorter()
    {
        await Store.EnqueueAsync([A], Cancel);
        var record = await Store.ClaimAsync(A, Me, TimeSpan.FromMinutes(10), Cancel);
        await Store.SaveAsync(record!, [], Me, release: false, Cancel);
        Clock.Advance(TimeSpan.FromMinutes(9));

        Assert.Empty(await ClaimAsync(owner: Other));
    }

    [Theory]
    [InlineData(false)] // the other one is at it still
    [InlineData(true)] // the other one is done, and what it wrote must not be written over
    public async Task SaveAsync_AnotherHasTakenTheLease_IsLostAndNothingIsWritten(bool isDone)
    {
        await Store.EnqueueAsync([A], Cancel);
        var mine = await Store.ClaimAsync(A, Me, Lease, Cancel);
        Clock.Advance(Lease);
        var theirs = await Store.ClaimAsync(A, Other, Lease, Cancel);
        await Store.SaveAsync(theirs! with { Certificate = Certificate() }, [Challenge(A)], Other, release: isDone, Cancel);
        var before = await Store.FindAsync(A, Cancel);

        await Assert.ThrowsAsync<LeaseLostException>(() =>
            Store.SaveAsync(mine! with { Failure = Failure() }, [], Me, release: true, Cancel));
        Assert.Equal(before, await Store.FindAsync(A, Cancel));
        Assert.Single(await Store.ListChallengesAsync(Cancel));
        Assert.Equal(isDone, (await ClaimAsync(owner: "third")).Length == 1);
    }

    [Fact]
    public async Task SaveAsync_NoSuchRow_IsMade()
    {
        var record = new CertificateRecord { Host = A, Certificate = Certificate(), DueAt = Start.AddDays(60) };
        await Store.SaveAsync(record, [Challenge(A)], Me, release: false, Cancel);

        var found = await Store.FindAsync(A, Cancel);
        Assert.Equal(record with { Revision = found!.Revision }, found);
        Assert.Null(await Store.ClaimAsync(A, Other, Lease, Cancel));
        await Store.SaveAsync(record, [], Me, release: true, Cancel);
        Assert.NotNull(await Store.ClaimAsync(A, Other, Lease, Cancel));
    }

    private Task<bool> LeaseAsync(string owner) => Store.TryLeaseAsync(Name, owner, Lease, Cancel);

    private async Task<string> FreeAsync()
    {
        var free = new List<string>();
        foreach (var name in (string[])["1", "2", "3", "4"])
        {
            if (!await Store.TryLeaseAsync(name, "third", Lease, Cancel)) continue;
            free.Add(name);
            await Store.ReleaseLeasesAsync("third", name, Cancel);
        }

        return string.Join(' ', free);
    }
}
