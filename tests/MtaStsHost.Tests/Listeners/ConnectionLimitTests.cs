using Microsoft.AspNetCore.Connections;
using MtaStsHost.Listeners;

namespace MtaStsHost.Tests.Listeners;

public sealed class ConnectionLimitTests
{
    [Theory]
    [InlineData(40, 1)]
    [InlineData(ConnectionLimit.FewestFiles, 28)]
    [InlineData(256, 156)]
    [InlineData(1024, 820)]
    [InlineData(long.MaxValue, int.MaxValue)]
    public void Of_OpenFiles_LeavesEnoughForTheService(long openFiles, int connections) =>
        Assert.Equal(connections, ConnectionLimit.Of(openFiles).Connections);

    [Fact]
    public async Task Guard_OneMoreThanTheLimit_IsRefusedUntilAnotherEnds()
    {
        var limit = new ConnectionLimit(1);
        var (ends, served) = (new TaskCompletionSource(), 0);
        var guarded = limit.Guard(_ =>
        {
            served++;
            return ends.Task;
        });

        var first = guarded(new DefaultConnectionContext("first"));
        await guarded(new DefaultConnectionContext("second"));
        Assert.Equal((1, 1L), (served, limit.Refused));

        ends.SetResult();
        await first;
        await guarded(new DefaultConnectionContext("third"));
        Assert.Equal((2, 1L), (served, limit.Refused));
    }
}
