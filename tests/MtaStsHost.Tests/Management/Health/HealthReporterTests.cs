using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Checks.Background;
using MtaStsHost.Testing;
using MtaStsHost.Tests.Checks.Background;

namespace MtaStsHost.Tests.Management.Health;

public sealed class HealthReporterTests
{
    private static readonly DateTimeOffset s_start = TimeProvider.System.GetUtcNow();

    [Theory]
    [InlineData(1, "Healthy", "valid", HttpStatusCode.OK)]
    [InlineData(79, "Healthy", "valid", HttpStatusCode.OK)]
    [InlineData(81, "Degraded", "expiring", HttpStatusCode.OK)]
    [InlineData(101, "Unhealthy", "expired", HttpStatusCode.ServiceUnavailable)]
    public async Task Report_CertificateOfTheOnlyDomain_DecidesTheStatus(int day, string status, string state, HttpStatusCode code)
    {
        using var ca = new TestCa();
        var configuration = new ConfigurationFixture(Https("""{ "example.com": { "Mode": "none", "MaxAge": 86400 } }"""));
        ca.Issue(["mta-sts.example.com"], s_start, s_start.AddDays(100)).Write(configuration.Folder.Path);
        configuration.Time = new FakeTimeProvider(s_start.AddDays(day));
        await using var app = await AppFixture.StartAsync(configuration);

        using var response = await app.GetAsync(app.Management, "/health");
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal(code, response.StatusCode);
        Assert.Equal(status, json.RootElement.GetProperty("status").GetString());
        var domain = json.RootElement.GetProperty("domains")[0];
        Assert.Equal(status, domain.GetProperty("status").GetString());
        var certificate = domain.GetProperty("certificate");
        Assert.Equal((state, "file", ca.IssuerName),
            (certificate.GetProperty("state").GetString(), certificate.GetProperty("source").GetString(),
            certificate.GetProperty("issuer").GetString()));
        Assert.Equal(s_start.AddDays(100).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"), certificate.GetProperty("notAfter").GetString());
        Assert.Equal(
            status == "Healthy" ? [] : [$"certificate-{state}"],
            domain.GetProperty("problems").EnumerateArray().Select(problem => problem.GetProperty("code").GetString()!));
        using var live = await app.GetAsync(app.Management, "/health/live");
        using var ready = await app.GetAsync(app.Management, "/health/ready");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (live.StatusCode, ready.StatusCode)); // outside matters gate neither
    }

    [Fact]
    public async Task Report_OneOfTwoDomainsWithoutCertificate_IsDegradedAndFilterable()
    {
        using var ca = new TestCa();
        var configuration = new ConfigurationFixture(
            Https("""{ "example.com": { "Mode": "none", "MaxAge": 86400 }, "bare.example": { "Mode": "none", "MaxAge": 86400 } }"""));
        ca.Issue(["mta-sts.example.com"]).Write(configuration.Folder.Path);
        await using var app = await AppFixture.StartAsync(configuration);

        using var response = await app.GetAsync(app.Management, "/health?status=Unhealthy");
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("Degraded", json.RootElement.GetProperty("status").GetString());
        var domain = Assert.Single(json.RootElement.GetProperty("domains").EnumerateArray());
        Assert.Equal("bare.example", domain.GetProperty("domain").GetString());
        Assert.Equal("none", domain.GetProperty("certificate").GetProperty("state").GetString());
        Assert.Equal("host-certificate", domain.GetProperty("problems")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task Report_NoDomainHasACertificate_IsUnhealthy()
    {
        using var ca = new TestCa();
        var configuration = new ConfigurationFixture(Https("""{ "bare.example": { "Mode": "none", "MaxAge": 86400 } }"""));
        ca.Issue(["mta-sts.example.com"]).Write(configuration.Folder.Path);
        await using var app = await AppFixture.StartAsync(configuration);

        using var response = await app.GetAsync(app.Management, "/health");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task Report_NoDomains_IsHealthy()
    {
        await using var app = await AppFixture.StartAsync(Json.With("{}"));

        using var response = await app.GetAsync(app.Management, "/health");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("\"status\": \"Healthy\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_FindingsOfAChecker_AreProblemsAndNeverMoreThanDegraded()
    {
        await using var app = await AppFixture.StartAsync(Json.WithDomain(Json.Good));
        app.Service<CheckResults>().Set(app.Policies.All[0].Domain,
            DomainFindingsTests.Findings(null, "warning spf-missing", "error txt-missing", "info mx-dane", "unknown mx-unreachable"));

        using var response = await app.GetAsync(app.Management, "/health");
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("Degraded", json.RootElement.GetProperty("status").GetString());
        var domain = json.RootElement.GetProperty("domains")[0];
        Assert.Equal(["txt-missing", "spf-missing"], Codes(domain));
        Assert.Equal("fix it", domain.GetProperty("problems")[0].GetProperty("fix").GetString());
        Assert.Equal("2026-03-01T12:00:00Z", domain.GetProperty("lastChecked").GetString());
        using var other = await app.GetAsync(app.Management, "/health?status=Degraded");
        Assert.Contains("\"total\": 1,", await other.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_CertificateThatThisHostKnowsToBeMissing_IsSaidOnce()
    {
        await using var app = await AppFixture.StartAsync(
            $$"""{ {{Json.HttpsEndpoints}}, "MtaSts": { "Domains": { "bare.example": { "Mode": "none", "MaxAge": 86400 } } } }""");
        app.Service<CheckResults>().Set(app.Policies.All[0].Domain,
            DomainFindingsTests.Findings(null, "error host-certificate", "error certificate-failed", "error txt-missing"));

        using var json = JsonDocument.Parse(await app.GetTextAsync(app.Management, "/health"));

        Assert.Equal(["host-certificate", "txt-missing"], Codes(json.RootElement.GetProperty("domains")[0]));
    }

    private static IEnumerable<string?> Codes(JsonElement domain) => domain.GetProperty("problems")
        .EnumerateArray().Select(problem => problem.GetProperty("code").GetString());

    private static string Https(string domains) =>
        $$"""{ {{Json.HttpsEndpoints}}, "MtaSts": { "Domains": {{domains}} }, "Tls": { "Certificates": [ """
            + $$"""{ "Path": "tls.pem", "KeyPath": "tls.key" } ] } }""";
}
