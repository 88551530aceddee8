using MtaStsHost.Testing;
using MtaStsHost.Tests.Certificates.Issuing.Fixture;

namespace MtaStsHost.Tests.Certificates.Issuing;

/// <summary>A store that fails in the middle: nothing is ordered that couldn't be kept, and nothing that was issued is lost.</summary>
public sealed class StoreFaultTests : IAsyncDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(5);

    private readonly IssuingFixture _issuing = new();

    public ValueTask DisposeAsync() => _issuing.DisposeAsync();

    [Theory]
    [InlineData("GetRevision", "store", "changes in the store are not seen")]
    [InlineData("ClaimDue", "certificates", "no certificates are ordered or renewed")]
    public async Task Round_StoreHangs_IsReportedUntilItGoesOn(string method, string name, string loss)
    {
        var host = await _issuing.StartAsync(IssuingFixture.Name);
        await host.Watch.StartAsync(TestContext.Current.CancellationToken);
        var loop = host.Loops.All.Single(loop => loop.Name == name);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Store.Holds = called => called == method ? held.Task : Task.CompletedTask;
        try
        {
            await Eventually.IsTrueAsync(() =>
            {
                _issuing.Right.Advance(s_second);
                return loop.Error is not null;
            }, "the loop is reported");
            Assert.Equal($"{loss}: the current round has taken over 8 s", loop.Error);
        }
        finally
        {
            host.Store.Holds = _ => Task.CompletedTask;
            held.SetResult();
        }

        await Eventually.IsTrueAsync(() => loop.Error is null, "the loop is not reported any more");
        await host.Watch.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What fails, and how far the CA may have been asked.</summary>
    [Theory]
    [InlineData("ClaimDue", "")]
    [InlineData("Enqueue", "")]
    [InlineData("FindAccount", "directory")]
    [InlineData("SaveAccount", "directory")]
    [InlineData("TryLease", "directory")]
    [InlineData("CountOrder", "newAccount")]
    [InlineData("Save", "authorization")]
    public async Task WorkOn_StoreFails_NothingIsOrderedThatCouldNotBeKept(string method, string lastOperation)
    {
        var host = _issuing.Make();
        host.Store.Fails = name => name == method;
        _issuing.Hosts.Add(IssuingFixture.Name);
        await _issuing.StartAsync(host);
        await _issuing.RunAsync(2 * s_minute, s_step);

        Assert.Equal(lastOperation, _issuing.Ca.Requests.LastOrDefault()?.Operation ?? "");
        Assert.Equal(0, _issuing.Ca.Count("finalize") + _issuing.Ca.Count("challenge"));
        Assert.Contains($"the test lets {method} fail", host.Health.Certificates.Error, StringComparison.Ordinal);
        Assert.InRange(host.Log.Count(1402), 1, 14);
        Assert.Equal(0, host.Log.Count(1403) + host.Log.Count(1407));

        host.Store.Fails = _ => false;
        await _issuing.RunAsync(3 * s_minute, s_step);
        Assert.NotNull(_issuing.Host.Serves(IssuingFixture.Name));
        Assert.Null(host.Health.Certificates.Error);
        Assert.InRange(host.Log.Count(1408), 1, 14);
        Assert.Single(_issuing.Ca.Accounts);
        Assert.True(await host.Store.Inner.TryLeaseAsync("certificate/"
            + IssuingFixture.Name, "another replica", s_second, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task WorkOn_OrderCannotBeKept_NoStormOfOrders()
    {
        var host = _issuing.Make();
        host.Store.Fails = name => name == "Save";
        _issuing.Hosts.Add(IssuingFixture.Name);
        await _issuing.StartAsync(host);
        await _issuing.RunAsync(10 * s_minute, s_step);

        Assert.InRange(_issuing.Ca.Orders.Count, 1, 12);
    }

    [Fact]
    public async Task WorkOn_IssuedButCannotBeKept_InForceAndKeptLater()
    {
        var host = _issuing.Make();
        var isIssued = false;
        host.Store.Saving = (row, _) => isIssued |= row.Certificate is not null;
        host.Store.Fails = _ => isIssued;
        _issuing.Hosts.Add(IssuingFixture.Name);
        await _issuing.StartAsync(host);
        await _issuing.RunAsync(30 * s_second, s_step);
        Assert.NotNull(host.Serves(IssuingFixture.Name));
        Assert.Null((await _issuing.RowAsync()).Certificate);
        Assert.InRange(host.Log.Count(1425), 1, 10);

        host.Store.Fails = _ => false;
        await _issuing.RunAsync(s_minute, s_step);
        Assert.Equal((await _issuing.RowAsync()).Certificate!.NotAfter, host.Serves(IssuingFixture.Name));
        Assert.Single(_issuing.Ca.Orders);
        Assert.Equal(1, host.Counters.Obtained);
    }

    [Fact]
    public async Task WorkOn_IssuedButCannotBeKeptAndStopped_NextStartGetsItFromTheCa()
    {
        var host = _issuing.Make();
        var isIssued = false;
        host.Store.Saving = (row, _) => isIssued |= row.Certificate is not null;
        host.Store.Fails = _ => isIssued;
        _issuing.Hosts.Add(IssuingFixture.Name);
        await _issuing.StartAsync(host);
        await _issuing.RunAsync(10 * s_second, s_step);
        await _issuing.StopAsync(host);

        await _issuing.StartAsync(_issuing.Make());
        await _issuing.RunAsync(2 * s_minute, s_step);

        Assert.NotNull(_issuing.Host.Serves(IssuingFixture.Name));
        Assert.Single(_issuing.Ca.Orders);
    }

    [Fact]
    public async Task WorkOn_AnswerOfASaveIsLost_OrderIsGoneOnWith()
    {
        var host = _issuing.Make();
        var lost = 0;
        host.Store.LosesAnswer = name => name == "Save" && lost++ == 0;
        _issuing.Hosts.Add(IssuingFixture.Name);
        await _issuing.StartAsync(host);
        await _issuing.RunAsync(3 * s_minute, s_step);

        Assert.NotNull(host.Serves(IssuingFixture.Name));
        Assert.Single(_issuing.Ca.Orders);
    }

    [Fact]
    public async Task WorkOn_SomebodyElseTookTheLease_NothingIsWrittenOverHisWork()
    {
        _issuing.Ca.LooksUntilIssued = 5;
        var host = await _issuing.StartAsync(IssuingFixture.Name);
        Assert.Equal(1, host.Counters.UnderWay);
        var store = host.Store.Inner;
        await store.ReleaseLeasesAsync(host.Context.Owner, null, TestContext.Current.CancellationToken);
        Assert.NotNull(await store.ClaimAsync(IssuingFixture.Name, "another replica", s_minute, TestContext.Current.CancellationToken));
        await _issuing.RunAsync(s_minute / 2, s_step);

        Assert.Null((await _issuing.RowAsync()).Certificate);
        Assert.Null(host.Health.Certificates.Error);
        Assert.Equal(0, host.Counters.UnderWay);
        await _issuing.RunAsync(2 * s_minute, s_step);
        Assert.NotNull((await _issuing.RowAsync()).Certificate);
        Assert.Single(_issuing.Ca.Orders);
    }

    [Fact]
    public async Task Manager_UnforeseenFault_WrittenDownLikeAFailureAndTriedAgain()
    {
        var host = _issuing.Make();
        var faults = 0;
        host.Store.Saving = (row, _) =>
        {
            if (row.Failure is null && faults++ == 0) throw new InvalidOperationException("a bug of the test");
        };
        _issuing.Hosts.Add(IssuingFixture.Name);
        await _issuing.StartAsync(host);
        await _issuing.RunUntilAsync(row => row.Failure is not null, s_minute);
        Assert.Contains("a bug of the test", (await _issuing.RowAsync()).Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(1, host.Log.Count(1407));

        await _issuing.RunUntilAsync(row => row.Certificate is not null, 3 * s_minute);
    }
}
