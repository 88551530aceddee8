using System.Net;
using Acme.Testing;
using MtaStsHost.Serving;
using MtaStsHost.Testing;
using MtaStsHost.Traefik;

namespace MtaStsHost.Tests.Traefik;

public sealed class TraefikEndpointTests : IAsyncDisposable
{
    private const string Settings = """ "Traefik": { "CertResolver": "letsencrypt" } """;

    private readonly int _port = FreePorts.Next();
    private AppFixture? _app;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
    }

    [Fact]
    public async Task Get_NewDomain_HasItsRouterWithoutAnotherStep()
    {
        var app = await StartAsync("""{ "example.com": GOOD }""");
        using var response = await app.GetAsync(app.Management, "/traefik");
        var first = await response.Content.ReadAsStringAsync();

        await app.RewriteAsync(Configuration("""{ "example.com": GOOD, "bücher.example": GOOD }"""));
        var second = await app.GetTextAsync(app.Management, "/traefik");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(first.Length, response.Content.Headers.ContentLength);
        Assert.Contains("Host(`mta-sts.example.com`)", first, StringComparison.Ordinal);
        Assert.Contains($"\"url\":\"http://127.0.0.1:{_port}\"", first, StringComparison.Ordinal);
        Assert.DoesNotContain("xn--", first, StringComparison.Ordinal);
        Assert.Contains("\"mta-sts-xn--bcher-kva.example\":{\"rule\":\"Host(`mta-sts.xn--bcher-kva.example`)\"",
            second, StringComparison.Ordinal);
        await TraefikSchemas.IsValidAsync(first);
        await TraefikSchemas.IsValidAsync(second);
    }

    [Fact]
    public async Task Get_ServiceThatItNames_ServesThePolicy()
    {
        var app = await StartAsync("""{ "example.com": GOOD }""");

        Assert.StartsWith("version: STSv1", await app.GetTextAsync(new Uri($"http://127.0.0.1:{_port}"),
            "/.well-known/mta-sts.txt", "mta-sts.example.com"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_ChangedSettings_AreInForce()
    {
        var app = await StartAsync("""{ "example.com": GOOD }""");
        await app.GetTextAsync(app.Management, "/traefik");

        await app.RewriteAsync(Configuration("""{ "example.com": GOOD }""",
            """ "Traefik": { "EntryPoints": [ "https" ], "ServiceUrl": "http://sts:1" } """));
        var text = await app.GetTextAsync(app.Management, "/traefik");

        Assert.Contains("\"entryPoints\":[\"https\"],\"service\":\"mta-sts\",\"priority\":10000,\"tls\":{}", text,
            StringComparison.Ordinal);
        Assert.Contains("\"url\":\"http://sts:1\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswerOf_SecondQuestion_IsTheSameBytes()
    {
        var app = await StartAsync("""{ "example.com": GOOD }""");
        var endpoint = app.Service<TraefikEndpoint>();
        var (settings, policies) = (app.Live.Current.Settings, app.Live.Current.Configuration.Policies);
        var first = endpoint.AnswerOf(policies, settings.Traefik, "http://a:1");

        Assert.True(first.Equals(endpoint.AnswerOf(policies, settings.Traefik, "http://a:1")));
        Assert.False(first.Equals(endpoint.AnswerOf(policies, settings.Traefik, "http://b:1")));
        Assert.False(first.Equals(endpoint.AnswerOf(new PolicySnapshot(policies.All), settings.Traefik, "http://a:1")));
        for (var i = 0; i < 100; i++) Assert.Contains($"http://c:{i + 1}",
            System.Text.Encoding.UTF8.GetString(endpoint.AnswerOf(policies, settings.Traefik, $"http://c:{i + 1}").Span),
            StringComparison.Ordinal);
        Assert.False(first.Equals(endpoint.AnswerOf(policies, settings.Traefik, "http://a:1"))); // No more are kept than a few.
    }

    [Fact]
    public async Task Get_NoListenerToName_SaysWhatToSetAndLogsItOnce()
    {
        _app = await AppFixture.StartAsync(Json.WithDomain(Json.Good));
        using var response = await _app.GetAsync(_app.Management, "/traefik");
        await _app.GetTextAsync(_app.Management, "/traefik");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("Set Traefik:ServiceUrl", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await Eventually.IsTrueAsync(() => _app.Log.Text.Contains("/traefik was requested", StringComparison.Ordinal), "the log says it");
        Assert.Equal(2, _app.Log.Text.Split("/traefik was requested").Length);
    }

    [Fact]
    public async Task Head_Body_IsLeftOut()
    {
        var app = await StartAsync("""{ "example.com": GOOD }""");
        var length = (await app.GetTextAsync(app.Management, "/traefik")).Length;
        var answer = await RawHttp.SendAsync(app.Management, "HEAD /traefik HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains($"\r\nContent-Length: {length}\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_Anything_IsNotAllowed()
    {
        var app = await StartAsync("""{ "example.com": GOOD }""");
        using var response = await app.GetAsync(app.Management, "/traefik", method: HttpMethod.Post);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    [Theory]
    [InlineData("mta-sts.example.com")]
    [InlineData("localhost")]
    public async Task Get_PublicListener_IsNotFound(string host)
    {
        var app = await StartAsync("""{ "example.com": GOOD }""");
        using var response = await app.GetAsync(app.Http, "/traefik", host);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private async Task<AppFixture> StartAsync(string domains) => _app = await AppFixture.StartAsync(Configuration(domains));

    private string Configuration(string domains, string more = Settings) => $$"""
        {
          "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:{{_port}}" }, "Management": { "Url": "http://127.0.0.1:0" } } },
          "MtaSts": { "Domains": {{domains.Replace("GOOD", Json.Good, StringComparison.Ordinal)}} }, {{more}}
        }
        """;
}
