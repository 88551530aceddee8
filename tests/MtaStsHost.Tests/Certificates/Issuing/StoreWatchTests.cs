using MtaStsHost.Configuration;
using MtaStsHost.Testing;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>What a host that starts again knows of its certificates by the time its listeners open.</summary>
public sealed class StoreWatchTests : IAsyncDisposable
{
    private readonly IssuingFixture _issuing = new();

    public ValueTask DisposeAsync() => _issuing.DisposeAsync();

    [Fact]
    public async Task StartAsync_StoreWithACertificate_IsKnownBeforeAnybodyCanAsk()
    {
        var row = await _issuing.ObtainAsync();
        await using var host = _issuing.Make();

        await host.Watch.StartAsync(CancellationToken.None);

        Assert.Equal(row.Certificate!.NotAfter, (await host.Cache.FindAsync(IssuingFixture.Name)).Certificate?.NotAfter);
    }

    [Fact]
    public async Task StartAsync_StoreFails_StartsAndReadsItOnceItWorks()
    {
        await _issuing.ObtainAsync();
        await using var host = _issuing.Make();
        host.Store.Fails = _ => true;

        await host.Watch.StartAsync(CancellationToken.None);
        Assert.Null(host.Watch.Index.Find(IssuingFixture.Name));
        Assert.Equal(1, host.Log.Count(1444));
        host.Store.Fails = _ => false;

        await ReadsItAsync(host);
    }

    [Fact]
    public async Task StartAsync_StoreHangs_StartsAfterFiveSecondsAndReadsItOnceItWorks()
    {
        await _issuing.ObtainAsync();
        await _issuing.StopAsync(_issuing.Host);
        await using var host = _issuing.Make();
        var store = new TaskCompletionSource();
        host.Store.Holds = _ => store.Task;

        var starting = host.Watch.StartAsync(CancellationToken.None);
        Assert.False(starting.IsCompleted);
        Assert.Equal(TimeSpan.FromSeconds(5), _issuing.Time.UntilNext);
        _issuing.Right.Advance(TimeSpan.FromSeconds(5));
        await starting.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(1, host.Log.Count(1443));
        store.SetResult();

        await ReadsItAsync(host);
    }

    [Fact]
    public async Task StartAsync_HistoryHasWaitedForTheStore_WaitsNoLonger()
    {
        await _issuing.ObtainAsync();
        await _issuing.StopAsync(_issuing.Host);
        await using var host = _issuing.Make();
        var store = new TaskCompletionSource();
        host.Store.Holds = _ => store.Task;
        Assert.Equal(TimeSpan.FromSeconds(5), host.Health.StartPatience(_issuing.Time));
        _issuing.Right.Advance(TimeSpan.FromSeconds(5)); // as PolicyRecorder does

        await host.Watch.StartAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(1, host.Log.Count(1443));
        store.SetResult();

        await ReadsItAsync(host);
    }

    [Fact]
    public async Task StartAsync_FaultThatIsNoStoreException_IsLoggedOnce()
    {
        await _issuing.ObtainAsync();
        await using var host = _issuing.Make();
        host.Store.Holds = name => name == "GetRevision" ? Task.FromException(new InvalidOperationException("a bug of the test"))
            : Task.CompletedTask;

        await host.Watch.StartAsync(CancellationToken.None);
        Assert.Equal(1, host.Log.Count(1445));
        host.Store.Holds = _ => Task.CompletedTask;

        await ReadsItAsync(host);
        Assert.Equal(1, host.Log.Count(1445));
    }

    [Fact]
    public async Task StartAsync_NothingIsOrdered_CertificateIsServedAllTheSame()
    {
        var row = await _issuing.ObtainAsync();
        await _issuing.StopAsync(_issuing.Host);
        await using var host = _issuing.Make();
        host.Settings.Replace(null);

        await host.Watch.StartAsync(CancellationToken.None);

        Assert.Equal(row.Certificate!.NotAfter, (await host.Cache.FindAsync(IssuingFixture.Name)).Certificate?.NotAfter);
    }

    [Fact]
    public async Task StartAsync_ProxyHasTheCertificates_AsksNoStore()
    {
        await using var host = _issuing.Make();
        host.Endpoints.Replace([new EndpointSettings("Http", "http://*:80", null)]);

        await host.Watch.StartAsync(CancellationToken.None);

        Assert.Empty(host.Store.Log);
    }

    private async Task ReadsItAsync(TestHost host) => await Eventually.IsTrueAsync(
        () =>
        {
            _issuing.Right.Advance(TimeSpan.FromSeconds(1));
            return host.Watch.Index.Find(IssuingFixture.Name) is not null;
        },
        "the certificate is known");
}
