using System.Net;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Logging;

namespace MtaStsHost.Tests.Logging;

public sealed class LineBudgetTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<long> _leftOut = [];
    private readonly LineBudget _budget;

    public LineBudgetTests() => _budget = new LineBudget(_time, _leftOut.Add);

    public void Dispose() => _budget.Dispose();

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.255", "192.0.3.1")]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::", "2001:db8:0:2::1")]
    [InlineData(null, null, "0.0.0.1")]
    public void TryTake_MoreThanANetworkMay_IsLeftOutForItAlone(string? first, string? same, string other)
    {
        Assert.Equal(LineBudget.PerNetwork, Take(first, LineBudget.PerNetwork));

        Assert.Equal(0, Take(same, 7));
        Assert.Equal(1, Take(other, 1));
        Assert.Empty(_leftOut);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([7], _leftOut);
        Assert.Equal(1, Take(same, 1));
    }

    [Fact]
    public void TryTake_MoreThanAllMay_IsLeftOutForEveryNetwork()
    {
        var taken = Enumerable.Range(0, 10_000).Count(i => _budget.TryTake(new IPAddress([10, (byte)(i >> 8), (byte)i, 1])));

        Assert.Equal(LineBudget.InAll, taken);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([10_000 - LineBudget.InAll], _leftOut);
    }

    [Fact]
    public void TryTake_NothingLeftOut_IsNotReported()
    {
        Take("192.0.2.1", LineBudget.PerNetwork);

        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.Empty(_leftOut);
    }

    private int Take(string? client, int times)
    {
        var address = client is null ? null : IPAddress.Parse(client);
        return Enumerable.Range(0, times).Count(_ => _budget.TryTake(address));
    }
}
