using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>Unexpected errors: whatever happens to one host's work, it is tried again.</summary>
public sealed class CertificateManagerTests : IAsyncDisposable
{
    private readonly IssuingFixture _issuing = new();

    public ValueTask DisposeAsync() => _issuing.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WorkOn_UnforeseenFaultThatCannotBeWrittenDown_TriedAgain(bool isCancellation)
    {
        var host = _issuing.Make();
        host.Store.Fails = call => call == "Save"
            ? throw (isCancellation ? new OperationCanceledException("of something else") : new InvalidCastException("unforeseen")) : false;
        _issuing.Hosts.Add(IssuingFixture.Name);
        await _issuing.StartAsync(host);
        await _issuing.RunAsync(TimeSpan.FromMinutes(2));
        Assert.InRange(_issuing.Ca.Count("newOrder"), 1, 13); // no loop

        host.Store.Fails = _ => false;
        await _issuing.RunUntilAsync(row => row.Certificate is not null, TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task ClockIsSetForward_WhileAHostIsWorkedOn_NotWorkedOnTwice()
    {
        _issuing.Ca.LooksUntilValidated = int.MaxValue;
        await _issuing.StartAsync(IssuingFixture.Name);
        await _issuing.RunAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(1, _issuing.Host.Counters.UnderWay);

        _issuing.Time.WrongBy = TimeSpan.FromMinutes(5);
        await _issuing.RunAsync(TimeSpan.FromSeconds(35));

        Assert.Equal((1, 1), (_issuing.Host.Counters.UnderWay, _issuing.Host.Log.Count(1404)));
    }

    [Fact]
    public async Task Queue_HostIsParkedByAnotherReplica_BackInTheQueueWithinTheHourAndNotBefore()
    {
        await _issuing.ObtainAsync();
        await _issuing.Host.Store.Inner.ParkAsync([IssuingFixture.Name], TestContext.Current.CancellationToken);

        await _issuing.RunAsync(TimeSpan.FromMinutes(58), TimeSpan.FromMinutes(1));
        Assert.Null((await _issuing.RowAsync()).DueAt);
        await _issuing.RunAsync(TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1));
        Assert.NotNull((await _issuing.RowAsync()).DueAt);
    }

    [Fact]
    public async Task StoreWatch_UnforeseenFault_LooksAgain()
    {
        await _issuing.ObtainAsync();
        var host = _issuing.Host;
        var fails = true;
        host.Store.Fails = call => fails && call == "GetRevision" ? throw new InvalidCastException("unforeseen") : false;
        await host.Watch.StartAsync(CancellationToken.None);
        await _issuing.RunAsync(TimeSpan.FromSeconds(5));

        Assert.False(host.Watch.ExecuteTask!.IsCompleted);
        fails = false;
        await host.Watch.StopAsync(CancellationToken.None);
    }
}
