using Acme;
using Acme.Testing;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Certificates.Files;
using MtaStsHost.Certificates.Issuing;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Certificates.Issuing;

public sealed class CurrentAuthoritiesTests : IAsyncLifetime
{
    private const string Host = "mta-sts.example.com";

    private readonly TempFolder _folder = new();
    private readonly FakeAcmeServer _server = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly Live<AcmeSettings?> _settings = new(null);
    private FakeAcmeListener _listener = null!;

    public ValueTask InitializeAsync()
    {
        _listener = new FakeAcmeListener(_server);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task FindAsync_NothingIsOrdered_IsNone()
    {
        Assert.Empty(await FindAsync(New()));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task FindAsync_ManyHosts_AskTheDirectoryOnceADay()
    {
        _settings.Replace(Settings(_server.DirectoryUrl));
        var authorities = New();

        var found = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => FindAsync(authorities)));
        Assert.All(found, each => Assert.Equal(["ca.example"], Assert.Single(each).Request!.CaaIdentities));
        Assert.Equal(1, DirectoriesAsked);

        _time.Advance(TimeSpan.FromHours(25));
        await FindAsync(authorities);
        Assert.Equal(2, DirectoriesAsked);
    }

    [Fact]
    public async Task FindAsync_CaThatIsDown_IsAskedAgainSoon()
    {
        _settings.Replace(Settings(new Uri($"https://127.0.0.1:{FreePorts.Next()}/directory")));
        var authorities = New();
        Assert.Null(Assert.Single(await FindAsync(authorities)).Request);
        _settings.Replace(Settings(_server.DirectoryUrl));
        Assert.NotNull(Assert.Single(await FindAsync(authorities)).Request); // other settings are asked for at once

        _server.Intercept = _ => new FakeResponse { Status = 404 };
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Null(Assert.Single(await FindAsync(authorities)).Request);
        _server.Intercept = null;
        _time.Advance(TimeSpan.FromMinutes(20));
        Assert.NotNull(Assert.Single(await FindAsync(authorities)).Request);
    }

    [Fact]
    public async Task FindAsync_HostThatAFileCovers_OrdersNothing()
    {
        _settings.Replace(Settings(_server.DirectoryUrl));
        using var ca = new TestCa();
        using var configuration = new ConfigurationFixture(Json.WithDomain(Json.Good));
        var (chain, key) = ca.Issue([Host]).Write(configuration.Folder.Path);
        configuration.Folder.Write("appsettings.json", Json.With(
            $$"""{ "Domains": { "example.com": {{Json.Good}} } }""",
            $$""" "Tls": { "Certificates": [ { "Path": "{{chain}}", "KeyPath": "{{key}}" } ] } """));
        var files = new FileCertificates();
        files.Replace(configuration.ReadGood().Certificates);

        Assert.Empty(await new CurrentAuthorities(_settings, files, _time).FindAsync(Host, TestContext.Current.CancellationToken));
        Assert.Empty(_server.Requests);
    }

    private int DirectoriesAsked => _server.Requests.Count(request => request.Url == _server.DirectoryUrl);

    private CurrentAuthorities New() => new(_settings, new FileCertificates(), _time);

    private static Task<IReadOnlyList<CaaAuthority>> FindAsync(CurrentAuthorities authorities) =>
        authorities.FindAsync(Host, TestContext.Current.CancellationToken);

    private AcmeSettings Settings(Uri directory) => new(
        [new AuthoritySettings(directory, _folder.Write("roots.pem", _listener.Roots[0].ExportCertificatePem()), null)],
            "", ["http-01"], KeyAlgorithm.ES256, null, null, 1, true, 250);
}
