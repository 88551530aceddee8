using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Logging;
using MtaStsHost.Serving;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Serving;

public sealed class PolicyLogTests
{
    [Fact]
    public async Task UnknownHost_MoreThanTheBudget_IsOneLineWithTheNumber()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await AppFixture.StartAsync(new ConfigurationFixture(Json.WithDomain(Json.Good)) { Time = time });
        for (var i = 0; i < LineBudget.PerNetwork + 5; i++)
            await app.GetTextAsync(app.Http, PolicyEndpoint.Path, "mta-sts.unknown.example");

        time.Advance(TimeSpan.FromMinutes(1));

        Assert.EndsWith(" WRN Lines about policy requests left out: 5; "
            + "the limits per minute are 300 from one network, and 3000 in all",
            await app.Log.LineAsync("left out"), StringComparison.Ordinal);
        Assert.Equal(LineBudget.PerNetwork, app.Log.Lines.Count(line => line.Contains("unknown host", StringComparison.Ordinal)));
    }
}
