using MtaStsHost.Management.Metrics;
using MtaStsHost.Tests.Checks.Background;
using static MtaStsHost.Tests.Transitions.Past;

namespace MtaStsHost.Tests.Management.Metrics;

public sealed class CheckMetricsTests
{
    /// <summary>A provider's 100,000 domains may all fail at once.</summary>
    [Fact]
    public void Worst_ManyDomains_AreAThousandAndThoseWithErrorsFirst()
    {
        var (warning, error) = (DomainFindingsTests.Findings(null, "warning spf-missing"),
            DomainFindingsTests.Findings(null, "error txt-missing"));
        var all = Enumerable.Range(0, 3000).Select(i => KeyValuePair.Create(Domain($"d{i}.example"), i >= 2990 ? error : warning)).ToList();

        var worst = CheckMetrics.Worst(all).ToList();

        Assert.Equal(1000, worst.Count);
        Assert.Equal(10, worst.TakeWhile(result => result.Value.HasErrors).Count());
        Assert.Equal(worst, CheckMetrics.Worst([.. all.AsEnumerable().Reverse()]));
        Assert.Equal(all[..1000], CheckMetrics.Worst(all[..1000]));
    }
}
