using System.Net;
using System.Text;
using System.Text.Json;
using MtaStsHost.Management;
using MtaStsHost.Serving;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Management;

/// <summary>What an operator and his monitoring see: spec §4.</summary>
public sealed class ManagementEndpointsTests : IAsyncLifetime
{
    private AppFixture _app = null!;

    public async ValueTask InitializeAsync() => _app = await AppFixture.StartAsync(Json.WithDomains($$"""
        { "example.com": {{Json.Good}}, "bücher.example": { "Mode": "none", "MaxAge": 86400 }, "a.example": {{Json.Good}}, "b.example": {{Json.Good}}, "c.example": {{Json.Good}} }
        """));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Health_AllDomains_HasTheSpecifiedShape()
    {
        using var response = await _app.GetAsync(_app.Management, "/health");
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        var root = json.RootElement;
        Assert.Equal("Healthy", root.GetProperty("status").GetString());
        Assert.Matches(@"^\d+\.\d+\.\d+", root.GetProperty("version").GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", root.GetProperty("configuration").GetProperty("loadedAt").GetString());
        Assert.Equal(5, root.GetProperty("configuration").GetProperty("domains").GetInt32());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("configuration").GetProperty("lastError").ValueKind);
        var first = root.GetProperty("domains")[0];
        Assert.Equal(
            """
            {"domain":"example.com","host":"mta-sts.example.com","status":"Healthy","policy":{"mode":"enforce","mx":["mail.example.com"],"maxAge":604800},"id":"ddcfc28c0c2a59db89ddc447d331ecff","txt":{"name":"_mta-sts.example.com","value":"v=STSv1; id=ddcfc28c0c2a59db89ddc447d331ecff;"},"certificate":{"state":"external","source":null,"issuer":null,"notAfter":null,"renewAt":null,"nextAttempt":null,"lastError":null},"problems":[],"lastChecked":null}
            """,
            JsonSerializer.Serialize(first));
    }

    [Theory]
    [InlineData("?domain=a.example", "a.example")]
    [InlineData("?domain=A.Example.", "a.example")]
    [InlineData("?domain=mta-sts.a.example", "a.example")]
    [InlineData("?domain=b%C3%BCcher.example", "xn--bcher-kva.example")]
    [InlineData("?status=healthy", "example.com xn--bcher-kva.example a.example b.example c.example")]
    [InlineData("?status=Unhealthy", "")]
    [InlineData("?pageSize=2", "example.com xn--bcher-kva.example")]
    [InlineData("?pageSize=2&page=2", "a.example b.example")]
    [InlineData("?pageSize=2&page=3", "c.example")]
    [InlineData("?pageSize=2&page=4", "")]
    [InlineData("?page=2147483647&pageSize=2147483647", "")]
    [InlineData("?domain=&status=&page=&pageSize=", "example.com xn--bcher-kva.example a.example b.example c.example")]
    public async Task Health_Query_Filters(string query, string domains)
    {
        using var response = await _app.GetAsync(_app.Management, "/health" + query);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(domains.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            json.RootElement.GetProperty("domains").EnumerateArray().Select(domain => domain.GetProperty("domain").GetString()));
        Assert.Equal(5, json.RootElement.GetProperty("configuration").GetProperty("domains").GetInt32());
    }

    [Theory]
    [InlineData("?domain=typo.example", "'typo.example' is not served here; /health lists all domains\n")]
    [InlineData("?domain=mta-sts.typo.example&status=Healthy", "'mta-sts.typo.example' is not served here; /health lists all domains\n")]
    [InlineData("?domain=%00", "'\\u0000' is not served here; /health lists all domains\n")]
    public async Task Health_AnotherDomain_IsNotFound(string query, string expected)
    {
        using var response = await _app.GetAsync(_app.Management, "/health" + query);

        Assert.Equal((HttpStatusCode.NotFound, expected), (response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("?domain=a.example&status=Unhealthy")]
    [InlineData("?domain=a.example&page=2")]
    public async Task Health_FiltersThatTheDomainDoesNotMatch_AreAnEmptyReport(string query)
    {
        using var response = await _app.GetAsync(_app.Management, "/health" + query);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal((HttpStatusCode.OK, 0), (response.StatusCode, json.RootElement.GetProperty("domains").GetArrayLength()));
    }

    [Theory]
    [InlineData("?page=0")]
    [InlineData("?page=-1")]
    [InlineData("?page=x")]
    [InlineData("?page=99999999999")]
    [InlineData("?pageSize=0")]
    [InlineData("?status=well")]
    [InlineData("?status=1")]
    public async Task Health_NoQuery_IsABadRequest(string query) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await _app.GetAsync(_app.Management, "/health" + query)).StatusCode);

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Probe_RunningHost_IsHealthy(string path)
    {
        using var response = await _app.GetAsync(_app.Management, path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("Healthy", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/metrics")]
    public async Task Head_AnyPath_HasNoBody(string path)
    {
        var answer = await RawHttp.SendAsync(_app.Management, $"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/metrics")]
    [InlineData("/health/live")]
    public async Task Post_AnyPath_IsNotAllowed(string path)
    {
        using var response = await _app.GetAsync(_app.Management, path, method: HttpMethod.Post);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/health/x")]
    [InlineData("/Health")]
    [InlineData("/.well-known/mta-sts.txt")]
    public async Task Get_AnotherPath_IsNotFound(string path) =>
        Assert.Equal(HttpStatusCode.NotFound, (await _app.GetAsync(_app.Management, path, "mta-sts.example.com")).StatusCode);

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:9090")]
    [InlineData("management")]
    [InlineData("mta-sts.example.com")]
    public async Task PublicListener_HostOrHeader_NeverLeadsToManagement(string host)
    {
        var management = _app.Management.Authority;
        foreach (var path in new[] { "/metrics", "/health/live", "/health/ready", "/traefik" })
        {
            foreach (var hostHeader in new[] { host, management })
            {
                var answer = await RawHttp.SendAsync(
                    _app.Http,
                    $"GET {path} HTTP/1.1\r\nHost: {hostHeader}\r\nX-Forwarded-Host: {management}\r\nX-Forwarded-Port: "
                        + $"{_app.Management.Port}\r\nX-Forwarded-For: 127.0.0.1\r\nX-Original-URL: {path}\r\nForwarded: "
                        + $"for=127.0.0.1;host={management}\r\nConnection: close\r\n\r\n");
                Assert.StartsWith("HTTP/1.1 404 ", answer, StringComparison.Ordinal);
            }
        }

        using var health = await _app.GetAsync(_app.Http, "/health", management);
        Assert.Equal(HttpStatusCode.NotFound, health.StatusCode);
    }

    [Theory]
    [InlineData("mta-sts.example.com", true)]
    [InlineData("MTA-STS.Example.com.:80", true)]
    [InlineData("example.com", false)]
    [InlineData("mta-sts.none.example", false)]
    public async Task PublicHealth_Host_IsThatPolicyHostsAlone(string host, bool found)
    {
        var answer = await RawHttp.SendAsync(_app.Http, $"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

        if (!found)
        {
            Assert.StartsWith("HTTP/1.1 404 ", answer, StringComparison.Ordinal);
            return;
        }

        using var json = JsonDocument.Parse(answer.Split("\r\n\r\n", 2)[1]);
        Assert.Equal(["domain", "host", "id", "policy", "status", "txt"],
            json.RootElement.EnumerateObject().Select(property => property.Name).Order());
        Assert.Equal("example.com", json.RootElement.GetProperty("domain").GetString());
        Assert.DoesNotContain("a.example", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublicHealth_Query_OpensNoOtherDomain()
    {
        var answer = await _app.GetTextAsync(_app.Http, "/health?domain=a.example&pageSize=100", "mta-sts.example.com");

        Assert.Contains("\"example.com\"", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("a.example", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_StoppingHost_IsNotReady()
    {
        var endpoints = _app.Service<ManagementEndpoints>();
        Assert.True(endpoints.IsReady);

        await _app.StopAsync();

        Assert.False(endpoints.IsReady);
    }

    [Fact]
    public async Task Metrics_UnknownHosts_AddNoSeries()
    {
        await FetchAsync("mta-sts.example.com");
        var before = await _app.MetricsAsync();

        for (var i = 0; i < 1000; i++) await FetchAsync($"mta-sts.elsewhere{i}.example");
        var after = await _app.MetricsAsync();

        Assert.Equal(before.Keys.Order(StringComparer.Ordinal), after.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("1000", after["mtastshost_policy_requests_total{domain=\"\",status=\"404\"}"]);
        Assert.DoesNotContain(after.Keys, key => key.Contains("elsewhere", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_Requests_AreCountedByDomainAndStatus()
    {
        for (var i = 0; i < 3; i++) await FetchAsync("mta-sts.example.com");
        await FetchAsync("MTA-STS.A.example.");
        await _app.GetAsync(_app.Http, PolicyEndpoint.Path, "mta-sts.a.example", HttpMethod.Post);
        await _app.GetAsync(_app.Http, PolicyEndpoint.Path, "mta-sts.a.example", HttpMethod.Head);

        var metrics = await _app.MetricsAsync();

        Assert.Equal("3", metrics["mtastshost_policy_requests_total{domain=\"example.com\",status=\"200\"}"]);
        Assert.Equal("2", metrics["mtastshost_policy_requests_total{domain=\"a.example\",status=\"200\"}"]);
        Assert.Equal("1", metrics["mtastshost_policy_requests_total{domain=\"a.example\",status=\"405\"}"]);
        Assert.Equal("5", metrics["mtastshost_domains"]);
        Assert.DoesNotContain(metrics.Keys, key => key.Contains("b.example", StringComparison.Ordinal));
        var lastServed = double.Parse(metrics["mtastshost_policy_last_served_timestamp_seconds{domain=\"example.com\"}"]);
        Assert.InRange(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - lastServed, 0, 60);
    }

    [Fact]
    public async Task Metrics_RemovedDomain_LosesItsSeriesAndStartsAnew()
    {
        await FetchAsync("mta-sts.example.com");
        await FetchAsync("mta-sts.a.example");
        Assert.Contains(await _app.MetricsAsync(), metric => metric.Key.Contains("\"a.example\"", StringComparison.Ordinal));

        await _app.RewriteAsync(Json.With($$"""{ "Retirement": "Off", "Domains": { "example.com": {{Json.Good}} } }"""));
        var metrics = await _app.MetricsAsync();
        Assert.DoesNotContain(metrics, metric => metric.Key.Contains("\"a.example\"", StringComparison.Ordinal));
        Assert.Equal("1", metrics["mtastshost_policy_requests_total{domain=\"example.com\",status=\"200\"}"]);

        await _app.RewriteAsync(Json.WithDomains($$"""{ "a.example": {{Json.Good}} }"""));
        await FetchAsync("mta-sts.a.example");
        Assert.Equal("1", (await _app.MetricsAsync())["mtastshost_policy_requests_total{domain=\"a.example\",status=\"200\"}"]);
    }

    [Fact]
    public async Task Metrics_Text_IsPrometheusFormat()
    {
        await FetchAsync("mta-sts.example.com");
        using var response = await _app.GetAsync(_app.Management, "/metrics");

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        foreach (var line in (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.Matches("""^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? (-?[0-9.e+-]+|NaN|\+Inf))$""", line);
    }

    [Fact]
    public async Task Metrics_ManyAtOnce_AreAllWhole()
    {
        await FetchAsync("mta-sts.example.com");

        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _app.MetricsAsync()));

        Assert.All(all, metrics => Assert.Equal("1", metrics["mtastshost_policy_requests_total{domain=\"example.com\",status=\"200\"}"]));
    }

    private async Task FetchAsync(string host)
    {
        using var response = await _app.GetAsync(_app.Http, PolicyEndpoint.Path, host);
        Assert.NotEmpty(Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync()));
    }
}
