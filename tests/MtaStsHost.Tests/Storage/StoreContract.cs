using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Storage;

namespace MtaStsHost.Tests.Storage;

/// <summary>What <see cref="IStore"/> promises, sentence by sentence. Every engine runs these tests unchanged.</summary>
public abstract partial class StoreContract : IAsyncLifetime
{
    private protected const string A = "mta-sts.a.example";
    private protected const string B = "mta-sts.b.example";
    private protected const string C = "mta-sts.c.example";
    private protected const string Me = "me";
    private protected const string Other = "other";

    private protected static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private protected static readonly DateTimeOffset Start = new(2026, 5, 4, 3, 2, 1, 987, TimeSpan.Zero);

    private protected FakeTimeProvider Clock { get; } = new(Start);

    private protected IStore Store { get; private set; } = null!;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Store = Create(Clock);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await CleanAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A store of its own over the one database of this test, as another process has it.</summary>
    private protected abstract IStore Create(TimeProvider time);

    private protected abstract ValueTask CleanAsync();

    /// <summary>A row with every field set, each to something else.</summary>
    private protected static CertificateRecord FullRecord(string host) => new()
    {
        Host = host,
        Certificate = Certificate() with { RevokedAt = Start.AddHours(7) },
        RenewAt = Start.AddDays(60),
        Window = new StoredRenewalWindow(Start.AddDays(59), Start.AddDays(61)),
        AskWindowAt = Start.AddHours(6),
        Order = new StoredOrder("https://ca.example/directory", "https://ca.example/account/1", "https://ca.example/order/9", "order key"),
        ChallengeType = "http-01",
        Failure = new StoredFailure(5, 3, "network", "Zeitüberschreitung; \"5 s\"", Start.AddMinutes(-2))
        {
            AskedAt = Start.AddMinutes(-3), Basis = "settings",
        },
        RenewalRequested = true,
        DueAt = Start.AddDays(1),
    };

    private protected static StoredCertificate Certificate() => new(
        "-----BEGIN CERTIFICATE-----\nleaf\n", "-----BEGIN PRIVATE KEY-----\nkey\n",
            "Ersatz-CA", Start.AddDays(-1), Start.AddDays(89), Start.AddMinutes(-1),
        "https://ca.example/directory", "https://ca.example/account/1", null);

    private protected static StoredFailure Failure() => new(1, 1, "network", "no answer", Start);

    private protected static StoredChallenge Challenge(string host, string token = "token") =>
        new(host, "http-01", token, token + ".thumb", Start.AddHours(1));

    /// <summary>A host in the queue, with the row as it is changed here.</summary>
    private protected async Task PutAsync(string host, Func<CertificateRecord, CertificateRecord> change)
    {
        await Store.EnqueueAsync([host], Cancel);
        await SaveAsync(host, change);
    }

    private protected async Task SaveAsync(string host, Func<CertificateRecord,
        CertificateRecord> change, params StoredChallenge[] challenges)
    {
        var record = await Store.ClaimAsync(host, "put", Lease, Cancel);
        await Store.SaveAsync(change(record!), challenges, "put", release: true, Cancel);
    }

    private protected async Task<string[]> ClaimAsync(int most = 10, bool firstOrders = true, string owner = Me) =>
        [.. (await Store.ClaimDueAsync(owner, most, firstOrders, Lease, Cancel)).Select(record => record.Host)];

    private protected async Task<DateTimeOffset?> DueAsync(string host) => (await Store.FindAsync(host, Cancel))!.DueAt;
}
