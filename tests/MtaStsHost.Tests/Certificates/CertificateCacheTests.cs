using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Certificates;
using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Certificates;

public sealed class CertificateCacheTests : IAsyncDisposable
{
    private const string Host = "mta-sts.example.com";

    private readonly TestCa _ca = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly ScriptedStore _store = new();
    private readonly CertificateIndex _index = new();
    private readonly LogLines _log = new();
    private readonly CertificateCache _cache;
    private long _revision;

    public CertificateCacheTests() => _cache = new CertificateCache(_index, _store, _time, _log);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _ca.Dispose();
    }

    [Theory]
    [InlineData(Host)]
    [InlineData("MTA-STS.Example.COM")]
    public async Task FindAsync_FirstUse_LoadsFromTheStoreAndThenNoMore(string asked)
    {
        Save(Host);
        Assert.False(_cache.TryGet(asked, out _));

        var certificate = await GetAsync(asked);

        Assert.Equal([Host], certificate!.DnsNames);
        Assert.Same(certificate, await GetAsync(Host));
        Assert.True(_cache.TryGet(asked, out var again));
        Assert.Same(certificate, again);
        Assert.Equal(1, _store.Finds);
    }

    [Fact]
    public async Task FindAsync_Hit_AllocatesNothing()
    {
        Save(Host);
        await GetAsync(Host);
        Hits(1000); // compiled

        var before = GC.GetAllocatedBytesForCurrentThread();
        var hits = Hits(1000);

        Assert.Equal((0, 1000), (GC.GetAllocatedBytesForCurrentThread() - before, hits));

        int Hits(int count)
        {
            var found = 0;
            for (var i = 0; i < count; i++)
            {
                var lookup = _cache.FindAsync("MTA-STS.example.com");
                if (lookup.IsCompletedSuccessfully && lookup.Result.Certificate is not null) found++;
            }

            return found;
        }
    }

    [Fact]
    public async Task FindAsync_TenTimesTheCapacity_KeepsTheBoundAndWhoIsAskedForAllTheTime()
    {
        const int Capacity = 20;
        var cache = new CertificateCache(_index, _store, _time, _log, Capacity);
        var template = Record(Host);
        for (var i = 0; i < 10 * Capacity; i++) Save(template with { Host = $"mta-sts.{i}.example" });

        for (var i = 0; i < 10 * Capacity; i++)
        {
            Assert.NotNull(await GetAsync(cache, $"mta-sts.{i}.example"));
            Assert.NotNull(await GetAsync(cache, "mta-sts.0.example"));
        }

        Assert.Equal(10 * Capacity, _store.Finds); // the first one was loaded once only
        Assert.InRange(Enumerable.Range(0, 10 * Capacity).Count(i => cache.TryGet($"mta-sts.{i}.example", out _)), 1, Capacity);
    }

    [Fact]
    public async Task FindAsync_ManyWaitForOne_LoadsItOnce()
    {
        Save(Host);
        var gate = new TaskCompletionSource();
        _store.Gate = gate.Task;

        var waiting = Enumerable.Range(0, 100).Select(i => GetAsync(i % 2 == 0 ? Host : "MTA-STS.example.com")).ToList();
        gate.SetResult();
        var certificates = await Task.WhenAll(waiting);

        Assert.NotNull(Assert.Single(certificates.Distinct()));
        Assert.Equal(1, _store.Finds);
    }

    [Fact]
    public async Task FindAsync_NothingThere_TouchesNoStore()
    {
        _index.Apply([new CertificateSummary(Host, null, null, "network", _time.GetUtcNow(), 1)]);

        Assert.Null(await GetAsync(Host));
        Assert.Null(await GetAsync("mta-sts.other.example"));

        Assert.Equal(0, _store.Finds);
    }

    [Fact]
    public async Task FindAsync_StoreFails_IsRefusedAndTriedAgainAfterASecond()
    {
        Save(Host);
        _store.Fails = true;

        for (var i = 0; i < 10; i++) Assert.Null(await GetAsync(Host));
        Assert.Equal(1, _store.Finds);
        Assert.Contains("the store fails", Assert.Single(_log.Errors), StringComparison.Ordinal);

        _store.Fails = false;
        _time.Advance(TimeSpan.FromMilliseconds(900));
        Assert.Null(await GetAsync(Host));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.NotNull(await GetAsync(Host));
        Assert.Equal(2, _store.Finds);
    }

    [Fact]
    public async Task FindAsync_StoreFails_IsUnreachableForHostsWithACertificateUntilItIsTriedAgain()
    {
        Save(Host);
        _store.Fails = true;
        Assert.Equal(CertificateLookup.StoreUnreachable, await _cache.FindAsync(Host));

        Assert.Equal(CertificateLookup.StoreUnreachable, await _cache.FindAsync("MTA-STS.example.com"));
        Assert.Equal(CertificateLookup.None, await _cache.FindAsync("mta-sts.other.example"));

        _store.Fails = false;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull((await _cache.FindAsync(Host)).Certificate);
    }

    [Fact]
    public async Task FindAsync_RowIsDamaged_IsReportedOnceAndNoOtherHostWaits()
    {
        const string Other = "mta-sts.other.example";
        var found = 0;
        _index.UnreadableFound += () => found++;
        Save(Host);
        Save(Other);
        _store.Rows[Host] = CertificateRecord.Damaged(Host, "its row can't be read");

        for (var i = 0; i < 10; i++) Assert.Equal(CertificateLookup.None, await _cache.FindAsync(Host));
        Assert.NotNull((await _cache.FindAsync(Other)).Certificate); // at once
        Assert.Equal((2, 1), (_store.Finds, found));
        Assert.Contains("its row can't be read", Assert.Single(_log.Errors), StringComparison.Ordinal);
        Assert.Equal(Host, Assert.Single(_index.Unreadable).Host);

        Save(Host);
        Assert.NotNull((await _cache.FindAsync(Host)).Certificate);
        Assert.Empty(_index.Unreadable);
    }

    [Fact]
    public async Task FindAsync_StoreFails_ServesWhatIsInMemory()
    {
        Save(Host);
        var certificate = await GetAsync(Host);
        _store.Fails = true;

        Assert.Same(certificate, await GetAsync(Host));
        Assert.Empty(_log.Errors);
    }

    [Theory]
    [InlineData("garbage", null)]
    [InlineData("", null)]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", null)]
    [InlineData(null, "garbage")]
    [InlineData(null, "")]
    [InlineData(null, "another's")]
    public async Task FindAsync_Unreadable_IsOneLoggedErrorUntilTheRowChanges(string? chain, string? key)
    {
        var record = Record(Host);
        var bad = key == "another's" ? _ca.Issue([Host]).KeyPem : key;
        Save(record with { Certificate = record.Certificate!
            with { ChainPem = chain ?? record.Certificate.ChainPem, KeyPem = bad ?? record.Certificate.KeyPem } });

        for (var i = 0; i < 10; i++) Assert.Null(await GetAsync(Host));
        Assert.Contains("is unreadable", Assert.Single(_log.Errors), StringComparison.Ordinal);
        Assert.Equal(1, _store.Finds);
        if (key?.Length > 0) Assert.DoesNotContain(bad!, _log.Errors.Single(), StringComparison.Ordinal);

        Save(record);
        Assert.NotNull(await GetAsync(Host));
    }

    [Fact]
    public async Task Replace_NewCertificate_IsServedAtOnceWithoutTheStore()
    {
        Save(Host);
        var old = await GetAsync(Host);
        var record = Record(Host, days: 60);

        _cache.Replace(record);

        Assert.True(_cache.TryGet(Host, out var certificate));
        Assert.NotSame(old, certificate);
        Assert.Equal(record.Certificate!.NotAfter, certificate.NotAfter);
        Assert.Equal(1, _store.Finds);
    }

    [Fact]
    public async Task Replace_WhileAnOlderOneIsLoaded_Stays()
    {
        Save(Host);
        var gate = new TaskCompletionSource();
        _store.Gate = gate.Task;
        var load = GetAsync(Host);
        var record = Record(Host, days: 60);

        _cache.Replace(record);
        gate.SetResult();

        Assert.Equal(record.Certificate!.NotAfter, (await load)!.NotAfter);
        Assert.Equal(record.Certificate.NotAfter, (await GetAsync(Host))!.NotAfter);
    }

    [Fact]
    public async Task Replace_Unreadable_KeepsTheOldOne()
    {
        Save(Host);
        var old = await GetAsync(Host);
        var record = Record(Host, days: 60);

        _cache.Replace(record with { Certificate = record.Certificate! with { KeyPem = "garbage" } });

        Assert.Same(old, await GetAsync(Host));
        Assert.Single(_log.Errors);
    }

    [Fact]
    public async Task ApplyAsync_RowThatChanged_IsLoadedAnewAndTheOldOneServesMeanwhile()
    {
        Save(Host);
        var old = await GetAsync(Host);
        var summary = Save(Record(Host, days: 60));
        var gate = new TaskCompletionSource();
        _store.Gate = gate.Task;

        var applying = _cache.ApplyAsync([summary, Summary(Record("mta-sts.not-in-memory.example"))],
            TestContext.Current.CancellationToken);
        Assert.Same(old, await GetAsync(Host));
        gate.SetResult();
        await applying;

        Assert.Equal(summary.NotAfter, (await GetAsync(Host))!.NotAfter);
        Assert.False(_cache.TryGet("mta-sts.not-in-memory.example", out _));
    }

    [Fact]
    public async Task ApplyAsync_NewCertificateIsNotInTheStoreYet_StaysInForce()
    {
        var before = Save(Host); // with the order that is under way
        var record = Record(Host, days: 60);
        record = record with { Certificate = record.Certificate!
            with { ObtainedAt = _store.Rows[Host].Certificate!.ObtainedAt.AddDays(30) } };
        _cache.Replace(record);

        await _cache.ApplyAsync([before], TestContext.Current.CancellationToken);

        Assert.Equal(record.Certificate.NotAfter, (await GetAsync(Host))!.NotAfter);
    }

    [Fact]
    public async Task ApplyAsync_StoreFails_SaysSoAndWorksTheNextTime()
    {
        Save(Host);
        var old = await GetAsync(Host);
        var summary = Save(Record(Host, days: 60));
        _store.Fails = true;

        await Assert.ThrowsAsync<StoreException>(() => _cache.ApplyAsync([summary], TestContext.Current.CancellationToken));
        Assert.Same(old, await GetAsync(Host));

        _store.Fails = false;
        await _cache.ApplyAsync([summary], TestContext.Current.CancellationToken);
        Assert.Equal(summary.NotAfter, (await GetAsync(Host))!.NotAfter);
    }

    [Fact]
    public async Task ApplyAsync_RowThatIsTheSame_ReadsNothing()
    {
        var summary = Save(Host);
        var certificate = await GetAsync(Host);
        _store.Fails = true;

        await _cache.ApplyAsync([summary with { Revision = 99, FailureKind = "network" }], TestContext.Current.CancellationToken);

        Assert.Same(certificate, await GetAsync(Host));
    }

    private Task<ServingCertificate?> GetAsync(string host) => GetAsync(_cache, host);

    private static async Task<ServingCertificate?> GetAsync(CertificateCache cache, string host) =>
        (await cache.FindAsync(host)).Certificate;

    private CertificateSummary Save(string host) => Save(Record(host));

    private CertificateSummary Save(CertificateRecord record)
    {
        _store.Rows[record.Host] = record = record with { Revision = ++_revision };
        _index.Apply([Summary(record)]);
        return Summary(record);
    }

    private static CertificateSummary Summary(CertificateRecord record) =>
        new(record.Host, record.Certificate?.NotBefore, record.Certificate?.NotAfter, null, null, record.Revision);

    private CertificateRecord Record(string host, int days = 90)
    {
        var issued = _ca.Issue([host], notAfter: _time.GetUtcNow().AddDays(days));
        using var leaf = issued.Leaf();
        return new CertificateRecord
        {
            Host = host,
            Certificate = new StoredCertificate(
                issued.ChainPem, issued.KeyPem, "Test", leaf.NotBefore.ToUniversalTime(),
                    leaf.NotAfter.ToUniversalTime(), _time.GetUtcNow(), "https://ca.example/", "https://ca.example/1", null),
        };
    }

    private sealed class LogLines : ILogger<CertificateCache>
    {
        public List<string> Errors { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state,
            Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Assert.Equal(LogLevel.Error, logLevel);
            Errors.Add(formatter(state, exception));
        }
    }
}
