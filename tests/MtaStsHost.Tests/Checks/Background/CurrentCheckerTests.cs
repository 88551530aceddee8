using Microsoft.Extensions.Logging.Abstractions;
using MtaSts;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Checks;
using MtaStsHost.Checks.Background;
using MtaStsHost.Storage;
using MtaStsHost.Testing;
using static MtaStsHost.Tests.Policies.History.Past;

namespace MtaStsHost.Tests.Checks.Background;

public sealed class CurrentCheckerTests : IDisposable
{
    private readonly FakeDnsServer _dns = new();

    public void Dispose() => _dns.Dispose();

    [Fact]
    public async Task Check_PolicyThatTheStoreKnows_HasItsHistoryAndAnotherIsBehind()
    {
        await using var app = await StartAsync();
        var checker = app.Service<CurrentChecker>();

        Assert.False((await checker.CheckAsync(app.Policies.All[0], TestContext.Current.CancellationToken)).IsBehind);
        Assert.True((await checker.CheckAsync(Served(PolicyMode.Testing), TestContext.Current.CancellationToken)).IsBehind);
    }

    [Fact]
    public async Task Check_StoreThatFails_IsUnknownHistory()
    {
        using var configuration = new ConfigurationFixture(Json.WithDomain(Json.Good));
        Directory.CreateDirectory(configuration.Folder["data"]);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(configuration.Folder["data"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        var settings = configuration.ReadGood();
        await using var store = settings.Storage.Open(TimeProvider.System);

        var check = await new CurrentChecker(() => new BackgroundSettings(settings.Checks, [_dns.EndPoint], null), store, (_, _) => Task.FromResult<IReadOnlyList<CaaAuthority>>([]), TimeProvider.System, NullLogger<CurrentChecker>.Instance)
            .CheckAsync(settings.Policies.All[0], TestContext.Current.CancellationToken);

        Assert.Contains(check.Check.Findings, finding => finding is { Code: "history", Severity: FindingSeverity.Unknown });
        Assert.Contains(check.Check.Findings, finding => finding.Code == "txt-missing");
        Assert.False(check.IsBehind);
    }

    private async Task<AppFixture> StartAsync()
    {
        var app = await AppFixture.StartAsync(Json.With(
            $$"""{ "Domains": { "example.com": {{Json.Good}} } }""", $$""" "Dns": { "Resolvers": [ "{{_dns.EndPoint}}" ] } """));
        await Eventually.IsTrueAsync(
            async () => (await app.Service<IPolicyHistory>().ReadInForceAsync(TestContext.Current.CancellationToken)).InForce.Count == 1, "what is served is written down");
        return app;
    }
}
