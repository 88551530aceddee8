using MtaSts;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Sts;
using MtaStsHost.Serving;
using MtaStsHost.Tests.Transitions;
using MtaStsHost.Transitions;

namespace MtaStsHost.Tests.Checks.Sts;

public sealed class StaleRecordTtlsTests : IAsyncLifetime
{
    private static readonly PolicyId s_old = Id("old");

    private readonly CheckWorld _world = new();
    private readonly StaleRecordTtls _ttls = new();
    private readonly HostStatistics _domain = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public void Longest_CacheThatCountsDown_IsTheLongest()
    {
        Assert.Equal([600, 600, 3590, 3590], new[] { 600, 20, 3590, 100 }.Select(ttl => Longest(s_old, ttl)));
        Assert.Equal(100, _ttls.Longest(new HostStatistics(), s_old, TimeSpan.FromSeconds(100)).TotalSeconds);
    }

    [Fact]
    public void Longest_AnotherRecord_CountsAnew()
    {
        Longest(s_old, 3600);

        Assert.Equal(60, Longest(Id("another"), 60));
        _ttls.Forget(_domain);
        Assert.Equal(30, Longest(Id("another"), 30));
    }

    /// <summary>A record of an hour, which the resolver had fetched ten minutes before the policy changed; the new one is published at
    /// once.</summary>
    [Fact]
    public async Task Check_ResolverWithACache_IsGivenTheWholeTtl()
    {
        var served = _world.Subject.Served!;
        var changed = _world.Time.GetUtcNow();
        _world.Txt = ["v=STSv1; id=old;"];
        foreach (var (minute, rest) in new[] { (0, 50), (20, 30), (45, 5), (51, 59), (58, 52) })
        {
            _world.Dns.Ttl = TimeSpan.FromMinutes(rest);
            Assert.Equal(FindingSeverity.Warning, await StaleAsync(minute));
        }

        Assert.Equal(FindingSeverity.Error, await StaleAsync(60));
        _world.Txt = [served.TxtValue];
        Assert.Null(await StaleAsync(61));

        async Task<FindingSeverity?> StaleAsync(int minute)
        {
            _world.Time.SetUtcNow(changed.AddMinutes(minute));
            _world.Subject = _world.Subject
                with { History = new DomainHistory([Past.Row(Past.Served(PolicyMode.Testing), changed.AddDays(-1), changed),
                Past.Row(served, changed, null)], _world.Time.GetUtcNow()) };
            return (await _world.CheckAsync()).SingleOrDefault(finding => finding.Code == "txt-id-stale")?.Severity;
        }
    }

    /// <summary>A change of MtaSts:Defaults puts the records of all domains out of date at once.</summary>
    [Fact]
    public void Longest_AsManyDomainsAsAHostHas_RemembersAll()
    {
        HostStatistics[] domains = [.. Enumerable.Range(0, 20_000).Select(_ => new HostStatistics())];
        foreach (var domain in domains) _ttls.Longest(domain, s_old, TimeSpan.FromHours(1));

        Assert.All(domains, domain => Assert.Equal(TimeSpan.FromHours(1), _ttls.Longest(domain, s_old, TimeSpan.FromSeconds(20))));
    }

    private double Longest(PolicyId published, int seconds) =>
        _ttls.Longest(_domain, published, TimeSpan.FromSeconds(seconds)).TotalSeconds;

    private static PolicyId Id(string text) => PolicyId.TryParse(text, out var id, out _)
        ? id : throw new ArgumentException(text, nameof(text));
}
