using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Management.Metrics;

/// <summary>What is served otherwise than it is configured, in numbers.</summary>
public sealed class ServiceMetricsTests
{
    [Fact]
    public async Task DomainsRemovedAndHeld_AsTheyComeAndGo_AreCounted()
    {
        const string Testing = """{ "Mode": "testing", "Mx": [ "mail.example.com" ], "MaxAge": 604800 }""";
        var all = Json.WithDomains(
            $$"""{ "a.example": {{Testing}}, "b.example": {{Testing}}, "c.example": {{Testing}}, "gone.example": {{Json.Good}} }""");
        await using var app = await AppFixture.StartAsync(all);
        await SaysAsync(app, "4", "0", "0");

        // No check runs here, so the gate holds the two that go to enforce.
        await app.RewriteAsync(
            Json.With(
            $$"""{ "EnforceGate": "Block", "Domains": { "a.example": {{Json.Good}}, "b.example": {{Json.Good}}, "c.example": """
                + $$"""{{Testing}} } }"""));
        await SaysAsync(app, "3", "1", "2");

        await app.RewriteAsync(all);
        await SaysAsync(app, "4", "0", "0");
    }

    /// <summary>Soon: a configuration counts as loaded a moment before its policies are served.</summary>
    private static Task SaysAsync(AppFixture app, string configured, string removed, string held) => Eventually.IsTrueAsync(
        async () => await app.MetricsAsync() is var metrics
            && (metrics["mtastshost_domains"], metrics["mtastshost_domains_removed{stage=\"grace\"}"],
            metrics["mtastshost_domains_held"]) == (configured, removed, held),
        $"{configured} domains are configured, {removed} removed and {held} held");
}
