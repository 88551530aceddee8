using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MtaSts;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Checks.Background;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Configuration;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Testing;
using MtaStsHost.Transitions;
using static MtaStsHost.Tests.Transitions.Past;

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

        var known = await checker.CheckAsync(app.Policies.All[0], false, TestContext.Current.CancellationToken);
        Assert.False(known.IsBehind);
        Assert.DoesNotContain(known.Check.Findings, finding => finding.Code == "history");
        Assert.True((await checker.CheckAsync(Served(PolicyMode.Testing), false, TestContext.Current.CancellationToken)).IsBehind);
    }

    [Fact]
    public async Task Check_StoreThatFails_IsUnknownHistory()
    {
        using var configuration = new ConfigurationFixture(Json.WithDomain(Json.Good));
        Directory.CreateDirectory(configuration.Folder["data"]);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(configuration.Folder["data"],
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        var service = configuration.ReadGood();
        var settings = service.Settings;
        await using var store = settings.Storage.Open(TimeProvider.System);

        var check = await new CurrentChecker(new Live<BackgroundSettings>(new BackgroundSettings(settings.Checks, [_dns.EndPoint], null)),
            new ServedPolicies(), new RecordSightings(), store, None, TimeProvider.System, NullLogger<CurrentChecker>.Instance)
            .CheckAsync(service.Policies.All[0], false, TestContext.Current.CancellationToken);

        Assert.Contains(check.Check.Findings, finding => finding is { Code: "history", Severity: FindingSeverity.Unknown });
        Assert.Contains(check.Check.Findings, finding => finding.Code == "txt-missing");
        Assert.False(check.IsBehind);
    }

    [Fact]
    public async Task Check_RootsThatGoBad_KeepsTheLastGoodOnesAndTellsOnce()
    {
        using var ca = new TestCa();
        using var configuration = new ConfigurationFixture(Json.WithDomain(Json.Good));
        var roots = configuration.Folder.Write("roots.pem", ca.RootPem);
        var service = configuration.ReadGood();
        var settings = service.Settings;
        await using var store = settings.Storage.Open(TimeProvider.System);
        var (time, lines) = (new FakeTimeProvider(), new LineLogger<CurrentChecker>());
        var checker = new CurrentChecker(
            new Live<BackgroundSettings>(new BackgroundSettings(settings.Checks with { TrustedRootsFile = roots }, [_dns.EndPoint], null)),
                new ServedPolicies(), new RecordSightings(), store, None, time, lines);
        await CheckAsync();
        Assert.Empty(lines);

        await File.WriteAllTextAsync(roots, "gone", TestContext.Current.CancellationToken);
        await CheckAsync();
        Assert.Empty(lines); // checked a moment ago
        for (var minute = 0; minute < 3; minute++)
        {
            time.Advance(TimeSpan.FromMinutes(2));
            await CheckAsync();
        }

        Assert.Contains("has no certificate in it", Assert.Single(lines), StringComparison.Ordinal);
        await File.WriteAllTextAsync(roots, ca.RootPem, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMinutes(2));
        await CheckAsync();
        await File.WriteAllTextAsync(roots, "", TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromMinutes(2));
        await CheckAsync();
        Assert.Equal(2, lines.Count); // good in between: it is news again

        Task<PolicyCheck> CheckAsync() => checker.CheckAsync(service.Policies.All[0], false, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Check_CaThatCaaForbids_IsAFinding()
    {
        using var configuration = new ConfigurationFixture(Json.WithDomain(Json.Good));
        var service = configuration.ReadGood();
        var settings = service.Settings;
        await using var store = settings.Storage.Open(TimeProvider.System);
        var asked = new List<string>();
        var checker = new CurrentChecker(
            new Live<BackgroundSettings>(new BackgroundSettings(settings.Checks, [_dns.EndPoint], null)),
                new ServedPolicies(), new RecordSightings(), store, Authorities, TimeProvider.System, NullLogger<CurrentChecker>.Instance);

        var check = await checker.CheckAsync(service.Policies.All[0], false, TestContext.Current.CancellationToken);

        Assert.Equal(["mta-sts.example.com"], asked);
        Assert.Contains(check.Check.Findings, finding => finding is { Code: "caa-forbids", Severity: FindingSeverity.Unknown }
            && finding.Message.Contains("it is down", StringComparison.Ordinal));

        Task<IReadOnlyList<CaaAuthority>> Authorities(string host, CancellationToken cancellationToken)
        {
            asked.Add(host);
            return Task.FromResult<IReadOnlyList<CaaAuthority>>([new CaaAuthority("ca.example", null, "it is down")]);
        }
    }

    private static Task<IReadOnlyList<CaaAuthority>> None(string host, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<CaaAuthority>>([]);

    private async Task<AppFixture> StartAsync()
    {
        var app = await AppFixture.StartAsync(new ConfigurationFixture(Json.With(
            $$"""{ "Domains": { "example.com": {{Json.Good}} } }""", $$""" "Dns": { "Resolvers": [ "{{_dns.EndPoint}}" ] } """))
        {
            ChecksInBackground = true,
        });
        await Eventually.IsTrueAsync(
            async () => (await app.Service<IPolicyHistory>().ReadInForceAsync(TestContext.Current.CancellationToken)).InForce.Count == 1,
                "what is served is written down");
        return app;
    }
}
