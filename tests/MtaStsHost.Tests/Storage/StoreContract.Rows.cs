using MtaStsHost.Storage;

namespace MtaStsHost.Tests.Storage;

/// <content>Accounts, rows, challenges, revisions.</content>
public abstract partial class StoreContract
{
    [Fact]
    public async Task OpenAsync_Twice_KeepsWhatIsThere()
    {
        await Store.OpenAsync(Cancel);
        await Store.EnqueueAsync([A], Cancel);
        await Store.OpenAsync(Cancel);
        await using var again = Create(Clock);
        await again.OpenAsync(Cancel);

        Assert.NotNull(await again.FindAsync(A, Cancel));
    }

    [Fact]
    public async Task FindAccountAsync_AnyField_IsAsItWasSaved()
    {
        var account = new StoredAccount("https://ca.example/directory",
            "binding", "key", "https://CA.example/account/1?x=ä", "mailto:admin@example.com");
        var unanswered = account with { EabKeyId = "", Url = null, Contact = "" };
        await Store.SaveAccountAsync(account, Cancel);
        await Store.SaveAccountAsync(unanswered, Cancel);

        Assert.Equal(account, await Store.FindAccountAsync(account.DirectoryUrl, "binding", Cancel));
        Assert.Equal(unanswered, await Store.FindAccountAsync(account.DirectoryUrl, "", Cancel));
        Assert.Null(await Store.FindAccountAsync(account.DirectoryUrl, "another", Cancel));
        Assert.Null(await Store.FindAccountAsync("https://other.example/directory", "", Cancel));
    }

    [Fact]
    public async Task SaveAccountAsync_SameCaAndBinding_WritesOverIt()
    {
        var account = new StoredAccount("https://ca.example/directory", "", "key", null, "");
        var answered = new StoredAccount("https://ca.example/directory",
            "", "key 2", "https://ca.example/account/1", "mailto:a@example.com");
        await Store.SaveAccountAsync(account, Cancel);
        await Store.SaveAccountAsync(answered, Cancel);

        Assert.Equal(answered, await Store.FindAccountAsync(account.DirectoryUrl, "", Cancel));
    }

    [Fact]
    public async Task SaveAsync_EveryField_IsReadBackEverywhere()
    {
        await PutAsync(A, _ => FullRecord(A));
        await using var other = Create(Clock);
        var found = await other.FindAsync(A, Cancel);

        Assert.Equal(FullRecord(A) with { Revision = found!.Revision }, found);
        Assert.Equal([found], await other.ListAsync(null, Cancel));
        Assert.Equal([found], await other.ListAsync([A, B], Cancel));
        Assert.Equal(found, await other.ClaimAsync(A, Me, Lease, Cancel));
        Assert.Equal(await Store.GetRevisionAsync(Cancel), found.Revision);
    }

    [Fact]
    public async Task SaveAsync_FieldsGone_AreGone()
    {
        await PutAsync(A, _ => FullRecord(A));
        await SaveAsync(A, record => new CertificateRecord { Host = A, DueAt = record.DueAt });

        var found = await Store.FindAsync(A, Cancel);
        Assert.Equal(new CertificateRecord { Host = A, DueAt = Start.AddDays(1), Revision = found!.Revision }, found);
    }

    [Fact]
    public async Task SaveAsync_PartOfAMillisecond_IsCutOff()
    {
        await PutAsync(A, record => record with { DueAt = Start.AddTicks(9_999) });

        Assert.Equal(Start, await DueAsync(A));
    }

    [Fact]
    public async Task SaveAsync_OneHost_LeavesTheOthersAlone()
    {
        await PutAsync(A, _ => FullRecord(A));
        await PutAsync(B, record => record);

        Assert.NotNull((await Store.FindAsync(A, Cancel))!.Certificate);
        Assert.Null((await Store.FindAsync(B, Cancel))!.Certificate);
    }

    [Fact]
    public async Task FindAsync_NoSuchHost_IsNull() => Assert.Null(await Store.FindAsync(A, Cancel));

    [Fact]
    public async Task ListAsync_Hosts_AreThoseByName()
    {
        await Store.EnqueueAsync([C, A, B], Cancel);

        Assert.Equal([A, B, C], (await Store.ListAsync(null, Cancel)).Select(record => record.Host));
        Assert.Equal([A, C], (await Store.ListAsync([C, "mta-sts.unknown.example", A], Cancel)).Select(record => record.Host));
        Assert.Empty(await Store.ListAsync([], Cancel));
    }

    [Fact]
    public async Task ListAsync_MoreHostsThanAQueryTakes_AreAllByName()
    {
        var hosts = Enumerable.Range(0, 1200).Select(number => $"mta-sts.{number:d4}.example").ToList();
        await Store.EnqueueAsync(hosts, Cancel);

        Assert.Equal(hosts, (await Store.ListAsync([.. hosts.AsEnumerable().Reverse()], Cancel)).Select(record => record.Host));
    }

    [Fact]
    public async Task SaveAsync_Challenges_AreThoseOfThatHostFromNowOn()
    {
        await Store.EnqueueAsync([A, B], Cancel);
        await SaveAsync(A, record => record, Challenge(A, "1"), Challenge(A, "2") with { Type = "tls-alpn-01" });
        await SaveAsync(B, record => record, Challenge(B));
        await SaveAsync(A, record => record, Challenge(A, "3"));

        Assert.Equal([Challenge(A, "3"), Challenge(B)], (await Store.ListChallengesAsync(Cancel)).OrderBy(challenge => challenge.Host));
        await SaveAsync(A, record => record);
        Assert.Equal([Challenge(B)], await Store.ListChallengesAsync(Cancel));
    }

    [Fact]
    public async Task ListChallengesAsync_PastItsEnd_IsLeftOut()
    {
        await Store.EnqueueAsync([A], Cancel);
        await SaveAsync(A, record => record, Challenge(A));
        Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(1));
        Assert.Single(await Store.ListChallengesAsync(Cancel));

        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Empty(await Store.ListChallengesAsync(Cancel));
        Assert.Equal(0, (await Store.GetQueueLengthAsync(Cancel)).OpenChallenges);
    }

    [Fact]
    public async Task GetRevisionAsync_EveryChangeOfRowsOrChallenges_Grows()
    {
        Assert.Equal(0, await Store.GetRevisionAsync(Cancel));
        var revisions = new List<long> { 0 };
        foreach (var change in new Func<Task>[]
        {
            () => Store.EnqueueAsync([A], Cancel),
            () => SaveAsync(A, record => record with { DueAt = Start.AddDays(30) }),
            () => SaveAsync(A, record => record, Challenge(A)),
            () => Store.RequestRenewalAsync(A, Cancel),
            () => SaveAsync(A, record => record with { Certificate = Certificate(),
                Failure = Failure(), RenewalRequested = false, DueAt = Start.AddDays(30) }),
            () => Store.PullInAsync(TimeSpan.FromDays(1), Cancel),
            () => Store.ParkAsync([A], Cancel),
            () => Store.EnqueueAsync([A], Cancel),
        })
        {
            await change();
            revisions.Add(await Store.GetRevisionAsync(Cancel));
        }

        Assert.Equal(revisions.Distinct().Order(), revisions);
    }

    [Fact]
    public async Task GetRevisionAsync_NothingChanged_Stays()
    {
        await Store.EnqueueAsync([A], Cancel);
        var before = await Store.GetRevisionAsync(Cancel);
        await Store.EnqueueAsync([A], Cancel);
        await Store.EnqueueAsync([], Cancel);
        await Store.ParkAsync([B], Cancel);
        await Store.PullInAsync(TimeSpan.FromDays(1), Cancel);
        await Store.RequestRenewalAsync(B, Cancel);
        await Store.ClaimAsync(A, Me, Lease, Cancel);

        Assert.Equal(before, await Store.GetRevisionAsync(Cancel));
    }

    [Fact]
    public async Task ListChangesAsync_AfterARevision_AreTheLaterOnesInOrder()
    {
        await Store.EnqueueAsync([A, B, C], Cancel);
        var start = await Store.GetRevisionAsync(Cancel);
        await SaveAsync(C, _ => FullRecord(C));
        await SaveAsync(A, record => record with { DueAt = Start.AddDays(2) });
        var changes = await Store.ListChangesAsync(start, Cancel);

        Assert.Equal(
            [
                new CertificateSummary(C, Start.AddDays(-1), Start.AddDays(89), "network", Start.AddDays(1), start + 1)
                {
                    RenewAt = Start.AddDays(60), DirectoryUrl = "https://ca.example/directory",
                },
                new CertificateSummary(A, null, null, null, Start.AddDays(2), start + 2),
            ],
            changes);
        Assert.Equal([B, C, A], (await Store.ListChangesAsync(-1, Cancel)).Select(change => change.Host));
        Assert.Empty(await Store.ListChangesAsync(start + 2, Cancel));
    }
}
