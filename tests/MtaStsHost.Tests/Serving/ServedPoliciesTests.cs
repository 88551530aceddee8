using MtaSts;
using MtaStsHost.Serving;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Serving;

public sealed class ServedPoliciesTests
{
    private readonly ServedPolicies _policies = new();

    [Fact]
    public void Replace_HostServedBefore_KeepsItsStatistics()
    {
        _policies.Replace(new([Served(PolicyMode.Enforce)]));
        Find("mta-sts.example.com").CountServed(1);

        _policies.Replace(new([Served(PolicyMode.None, domain: "a.example"), Served(PolicyMode.None)]));

        Assert.Equal((0, 1), (Find("mta-sts.a.example").Served, Find("MTA-STS.example.com").Served));
        Assert.Equal([0, 1], _policies.WithStatistics.All.Select(host => host.Statistics.Served));
    }

    [Fact]
    public void Replace_HostServedNoMore_ForgetsItsStatistics()
    {
        _policies.Replace(new([Served(PolicyMode.Enforce)]));
        Find("mta-sts.example.com").CountServed(1);

        _policies.Replace(PolicySnapshot.Empty);
        Assert.False(_policies.WithStatistics.TryFind("mta-sts.example.com", out _));
        _policies.Replace(new([Served(PolicyMode.Enforce)]));

        Assert.Equal(0, Find("mta-sts.example.com").Served);
    }

    private HostStatistics Find(string host)
    {
        Assert.True(_policies.WithStatistics.TryFind(host, out var served));
        return served.Statistics;
    }
}
