using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Storage;

/// <summary>A row that can't be read or written is a matter of its own: the others are read and written as if it weren't there.</summary>
public sealed class DamagedRowTests : IDisposable
{
    private const string Bad = "mta-sts.bad.example";
    private const string Good = "mta-sts.good.example";

    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(1);

    private readonly TempFolder _folder = new();
    private readonly DamagedRows _damaged = new();
    private readonly string _path;

    public DamagedRowTests() => _path = _folder["data/store.db"];

    /// <summary>What was done to the row.</summary>
    public static TheoryData<string> Damages => ["key_pem = NULL", "not_after = 9223372036854775807", "due_at = -9223372036854775807",
        "failure_attempts = 1, failure_kind = NULL", "failure_attempts = 4294967296", "a page"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task ListAsync_OneRowDamaged_HasTheOthersAndSaysWhichOneIsNot(string damage)
    {
        await using var store = await MakeAsync(damage);

        foreach (var rows in (IReadOnlyList<CertificateRecord>[])
            [await store.ListAsync(null, Cancel), await store.ListAsync([Good, Bad], Cancel)])
        {
            Assert.Equal([Bad, Good], rows.Select(row => row.Host));
            Assert.NotNull(rows[0].Damage);
            Assert.Null(rows[1].Damage);
            Assert.NotNull(rows[1].Certificate);
        }

        Assert.NotNull((await store.FindAsync(Bad, Cancel))!.Damage);
        Assert.NotNull((await store.FindAsync(Good, Cancel))!.Certificate);
        Assert.Equal(1, _damaged.Count);
        Assert.StartsWith($"the certificate of {Bad}: its row can't be read", _damaged.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task ClaimDueAsync_OneRowDamaged_ClaimsItToo(string damage)
    {
        await using var store = await MakeAsync(damage);

        var claimed = await store.ClaimDueAsync("me", 10, firstOrders: true, s_lease, Cancel);
        Assert.Equal([Bad, Good], claimed.Select(row => row.Host).Order(StringComparer.Ordinal));
        var bad = Assert.Single(claimed, row => row.Host == Bad);
        Assert.True(bad.RenewalRequested); // whatever happened to it, it needs a certificate
        Assert.NotNull(bad.Damage);
        Assert.Null(await store.NextDueAsync(Cancel)); // both are leased
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task ListChangesAsync_OneRowDamaged_HasAllOthers(string damage)
    {
        await using var store = await MakeAsync(damage);

        var changes = await store.ListChangesAsync(-1, Cancel);
        Assert.Equal([Bad, Good], changes.Select(change => change.Host).Order(StringComparer.Ordinal));
        Assert.NotNull(Assert.Single(changes, change => change.Host == Good).NotAfter);
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task SaveAsync_DamagedRow_IsGoodAgainOrFailsAlone(string damage)
    {
        await using var store = await MakeAsync(damage);
        var bad = (await store.ClaimAsync(Bad, "me", s_lease, Cancel))!;
        var good = (await store.ClaimAsync(Good, "me", s_lease, Cancel))!;
        var saving = store.SaveAsync(new CertificateRecord { Host = Bad, DueAt = Now }, [], "me", release: true, Cancel);
        await store.SaveAsync(good with { ChallengeType = "http-01" }, [], "me", release: true, Cancel);

        Assert.Equal("http-01", (await store.FindAsync(Good, Cancel))!.ChallengeType);
        if (damage == "a page")
        {
            await Assert.ThrowsAsync<RowDamagedException>(() => saving);
            await Assert.ThrowsAsync<RowDamagedException>(() => store.RequestRenewalAsync(Bad, Cancel));
            Assert.Equal(1, _damaged.Count);
            return;
        }

        await saving;
        Assert.NotNull(bad.Damage);
        Assert.Null((await store.FindAsync(Bad, Cancel))!.Damage);
        Assert.Equal((0, null), (_damaged.Count, _damaged.Error));
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Queue_OneRowDamaged_GoesOnWithTheOthers(string damage)
    {
        await using var store = await MakeAsync(damage);
        await store.ParkAsync([Bad, Good], Cancel);
        Assert.Null((await store.FindAsync(Good, Cancel))!.DueAt);

        await store.EnqueueAsync([Bad, Good, "mta-sts.new.example"], Cancel);
        Assert.NotNull((await store.FindAsync(Good, Cancel))!.DueAt);
        Assert.NotNull(await store.FindAsync("mta-sts.new.example", Cancel));
        await store.PullInAsync(TimeSpan.Zero, Cancel);
        await store.GetQueueLengthAsync(Cancel);
    }

    [Fact]
    public async Task ListChallengesAsync_OneRowDamaged_HasTheOthers()
    {
        await using var store = await MakeAsync("key_pem = NULL");
        var record = (await store.ClaimAsync(Good, "me", s_lease, Cancel))!;
        StoredChallenge[] challenges =
            [new(Good, "http-01", "1", "1.x", Now.AddHours(1)), new(Good, "http-01", "2", "2.x", Now.AddHours(1))];
        await store.SaveAsync(record, challenges, "me", release: true, Cancel);
        DamagedStore.Execute(_path, "UPDATE challenges SET expires_at = 9223372036854775807 WHERE token = '1'");

        Assert.Contains(await store.ListChallengesAsync(Cancel), challenge => challenge.Token == "2");
    }

    [Fact]
    public async Task FindAccountAsync_Damaged_IsReportedAndNone()
    {
        await using var store = DamagedStore.Open(_path, TimeProvider.System, _damaged);
        await store.SaveAccountAsync(new StoredAccount("https://ca.example/", "", "key", "https://ca.example/1", ""), Cancel);
        DamagedStore.Execute(_path, "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = replace(sql, 'key_pem TEXT NOT NULL', "
            + "'key_pem TEXT') WHERE name = 'accounts'");
        DamagedStore.Execute(_path, "UPDATE accounts SET key_pem = NULL");

        await using var again = DamagedStore.Open(_path, TimeProvider.System, _damaged);
        Assert.Null(await again.FindAccountAsync("https://ca.example/", "", Cancel));
        Assert.StartsWith("the account at https://ca.example/: ", _damaged.Error, StringComparison.Ordinal);
        await again.SaveAccountAsync(new StoredAccount("https://ca.example/", "", "new key", null, ""), Cancel);
        Assert.Equal("new key", (await again.FindAccountAsync("https://ca.example/", "", Cancel))!.KeyPem);
        Assert.Null(_damaged.Error);
    }

    [Theory]
    [InlineData("since = 9223372036854775807")]
    [InlineData("max_age = 4294967296")]
    [InlineData("a page")]
    public async Task History_OneDomainDamaged_HasTheOthersAndGoesOn(string damage)
    {
        var (bad, good) = (Policy("bad.example", DamagedStore.Marked('P')), Policy("good.example", "text"));
        await using (var making = DamagedStore.Open(_path, TimeProvider.System))
            await making.RecordAsync([bad, good], [], Now.AddDays(-1), Cancel);
        if (damage == "a page") DamagedStore.OverwritePage(_path, 'P');
        else DamagedStore.Execute(_path, $"UPDATE policies SET {damage} WHERE domain = 'bad.example'");
        await using var store = DamagedStore.Open(_path, TimeProvider.System, _damaged);

        Assert.Equal(2, (await store.ReadInForceAsync(Cancel)).InForce.Count);
        Assert.Equal(good.Key, Assert.Single(await store.ListPoliciesAsync(["bad.example", "good.example"], Cancel)).Key);
        Assert.Equal(1, _damaged.Count);
        Assert.StartsWith("the history of bad.example: ", _damaged.Error, StringComparison.Ordinal);
        await store.NoteServedAsync(Now, [new LastFetch(bad.Key, Now), new LastFetch(good.Key, Now)], Cancel);
        Assert.NotNull((await store.ListPoliciesAsync(["good.example"], Cancel))[0].LastFetched);
        await store.RecordAsync([], [bad.Key, good.Key], Now.AddDays(-1), Cancel);
        Assert.False((await store.ListPoliciesAsync(["good.example"], Cancel))[0].IsInForce);
        Assert.Contains("good.example", (await store.ListCachedAsync(Now, Cancel)).Select(cached => cached.Domain));
        await store.PullInPoliciesAsync(Now.AddDays(-2), Cancel);
        await store.NoteLeftDnsAsync([new(bad.Key.Domain, bad.Key.Id, Now.AddDays(-2)), new(good.Key.Domain, good.Key.Id, Now.AddDays(-2))],
            Cancel);
        await store.ForgetPoliciesAsync(Now.AddDays(8), Cancel);
        Assert.Empty(await store.ListPoliciesAsync(["good.example"], Cancel));
    }

    [Fact]
    public async Task ReadInForceAsync_TimeThatNoClockShows_IsRead()
    {
        await using var store = DamagedStore.Open(_path, TimeProvider.System);
        await store.NoteServedAsync(Now, [], Cancel);
        DamagedStore.Execute(_path, "UPDATE serving SET until = 9223372036854775807");

        Assert.NotNull((await store.ReadInForceAsync(Cancel)).ServedUntil);
    }

    private static StoredPolicy Policy(string domain, string body) => new(new PolicyKey(domain, "1", "1"), body, "enforce", 604_800,
        Now.AddDays(-2), Now.AddDays(-2), Now.AddDays(-1), true, null);

    /// <summary>A store with a good row and a damaged one, both overdue.</summary>
    private async Task<SqlStore> MakeAsync(string damage)
    {
        await using (var making = DamagedStore.Open(_path, TimeProvider.System))
        {
            await making.EnqueueAsync([Bad, Good], Cancel);
            foreach (var (host, mark, due) in ((string, char, int)[])[(Bad, 'B', -10), (Good, 'G', -5)])
            {
                var certificate = new StoredCertificate(DamagedStore.Marked(mark), "key", "CA", Now.AddDays(-80), Now.AddDays(10),
                    Now.AddDays(-80), "https://ca.example/", "https://ca.example/1", null);
                await making.ClaimAsync(host, "make", s_lease, Cancel);
                var record = new CertificateRecord { Host = host, Certificate = certificate, RenewAt = Now, DueAt = Now.AddDays(due) };
                await making.SaveAsync(record, [], "make", release: true, Cancel);
            }
        }

        if (damage == "a page") DamagedStore.OverwritePage(_path, 'B');
        else DamagedStore.Execute(_path, $"UPDATE certificates SET {damage} WHERE host = '{Bad}'");
        return DamagedStore.Open(_path, TimeProvider.System, _damaged);
    }
}
