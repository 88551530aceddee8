using MtaStsHost.Tests.Certificates.Issuing.Fixture;
using MtaStsHost.Tests.Storage;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>A row that can't be read costs its host one order, and the others nothing.</summary>
public sealed class DamagedHostsTests : IAsyncDisposable
{
    private const string Name = IssuingFixture.Name;

    private static readonly string[] s_others = ["mta-sts.b.example", "mta-sts.c.example", "mta-sts.d.example"];

    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly IssuingFixture _issuing = new();

    private TestHost Host => _issuing.Host;

    public ValueTask DisposeAsync() => _issuing.DisposeAsync();

    [Theory]
    [InlineData("key_pem = NULL")]
    [InlineData("key_pem = 'garbage'")]
    [InlineData("not_after = 9223372036854775807")]
    [InlineData("due_at = 9223372036854775807")]
    [InlineData("chain_pem = NULL, failure_attempts = 1, failed_at = NULL")]
    public async Task Row_CantBeRead_IsOrderedAgainAndTheOthersAsIfItWereNotThere(string damage)
    {
        await DamageAsync(() => DamagedStore.Execute(_issuing.StorePath, $"UPDATE certificates SET {damage} WHERE host = '{Name}'"));

        await _issuing.StartAsync(s_others);
        await Host.Cache.FindAsync(Name); // a sender asks
        await _issuing.RunAsync(s_minute);

        Assert.All(s_others, host => Assert.NotNull(Host.Serves(host)));
        Assert.NotNull((await Host.Cache.FindAsync(Name)).Certificate);
        Assert.Null((await _issuing.RowAsync()).Failure);
        Assert.Equal(5, _issuing.Ca.Orders.Count);
        Assert.Null(Host.Health.Error);
        Assert.Null(Host.Health.Damaged.Error); // it is over
        await _issuing.RunAsync(60 * s_minute);
        Assert.Equal(5, _issuing.Ca.Orders.Count);
    }

    [Fact]
    public async Task Page_Damaged_IsOrderedAgainOnceAndServedFromMemory()
    {
        await DamageAsync(() => DamagedStore.Execute(_issuing.StorePath,
            $"UPDATE certificates SET chain_pem = '{DamagedStore.Marked('B')}' WHERE host = '{Name}'"));
        DamagedStore.OverwritePage(_issuing.StorePath, 'B');

        await _issuing.StartAsync(s_others);
        Assert.Null((await Host.Cache.FindAsync(Name)).Certificate);
        await _issuing.RunAsync(s_minute);

        Assert.All(s_others, host => Assert.NotNull(Host.Serves(host)));
        Assert.NotNull(Host.Serves(Name));
        Assert.NotNull((await _issuing.RowAsync()).Damage);
        Assert.Equal(5, _issuing.Ca.Orders.Count);
        Assert.Null(Host.Health.Error); // the store works for the others
        Assert.Equal((1, 1), (Host.Health.Damaged.Count, Host.Log.Count(1460)));
        Assert.Contains($"the certificate of {Name}: ", Host.Health.Damaged.Error, StringComparison.Ordinal);
        Assert.NotNull(Host.Index.Find(Name)!.NotAfter); // for health
        await _issuing.RunAsync(60 * s_minute);
        Assert.Equal(5, _issuing.Ca.Orders.Count);
    }

    [Fact]
    public async Task Page_DamagedAndTheCaFails_KeepsToTheScheduleOfFailures()
    {
        await DamageAsync(() => DamagedStore.Execute(_issuing.StorePath,
            $"UPDATE certificates SET chain_pem = '{DamagedStore.Marked('B')}' WHERE host = '{Name}'"));
        DamagedStore.OverwritePage(_issuing.StorePath, 'B');
        _issuing.Ca.Validate = _ => "no answer";
        await _issuing.StartAsync();
        await Host.Cache.FindAsync(Name);
        await _issuing.RunAsync(10 * s_minute);

        Assert.InRange(_issuing.Ca.Orders.Count, 2, 4); // with the first one
        _issuing.Ca.Validate = _ => null;
        await _issuing.RunAsync(120 * s_minute);
        Assert.NotNull(Host.Serves(Name));
    }

    private async Task DamageAsync(Action damage)
    {
        await _issuing.ObtainAsync();
        await _issuing.StopAsync(Host);
        damage();
    }
}
