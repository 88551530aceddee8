using System.Net.Sockets;
using System.Text;
using MtaSts;
using MtaStsHost.Serving;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Serving;

/// <summary>What a sender sees: spec §3.</summary>
public sealed class PolicyEndpointTests : IAsyncLifetime
{
    private HostStatistics Statistics() => _app.Service<ServedPolicies>().WithStatistics.All.First().Statistics;

    private const string Body = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 604800\r\n";

    private AppFixture _app = null!;

    public async ValueTask InitializeAsync() => _app = await AppFixture.StartAsync(
        Json.WithDomains($$"""{ "example.com": {{Json.Good}}, "bücher.example": {{Json.Good}} }""",
            """ "ForwardedHeaders": { "KnownNetworks": [ "127.0.0.0/8" ] } """));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Get_PolicyHost_IsThePolicyWithNoOtherHeaders()
    {
        var answer = await RawAsync("GET", PolicyEndpoint.Path, "mta-sts.example.com");

        var (head, body) = Split(answer);
        Assert.Equal(Body, body);
        Assert.Equal("HTTP/1.1 200 OK", head[0]);
        Assert.Equal(
            ["Cache-Control: no-cache", "Connection: close", $"Content-Length: {Body.Length}", "Content-Type: text/plain", "Date"],
            head.Skip(1).Select(line => line.StartsWith("Date: ", StringComparison.Ordinal) ? "Date" : line).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Head_PolicyHost_IsTheSameWithoutBody()
    {
        var (get, _) = Split(await RawAsync("GET", PolicyEndpoint.Path, "mta-sts.example.com"));
        var (head, body) = Split(await RawAsync("HEAD", PolicyEndpoint.Path, "mta-sts.example.com"));

        Assert.Equal("", body);
        Assert.Equal(get.Where(NotDate), head.Where(NotDate));
    }

    [Theory]
    [InlineData("MtaStsHost/0.1.0", 0)]
    [InlineData("sender/1.0 MtaStsHost/0.1.0", 1)]
    public async Task Get_OfACheck_IsNoSenders(string userAgent, int counted)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get,
            new Uri(_app.Http, PolicyEndpoint.Path)) { Headers = { Host = "mta-sts.example.com" } };
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);

        using var answer = await _app.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(Body, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(counted, Statistics().Served);
    }

    /// <summary>Who shows that the policy host can be reached from outside: by TLS, from there, and no check of ours.</summary>
    [Theory]
    [InlineData("8.8.8.8", "https", "sender/1.0", AddressFamily.InterNetwork)]
    [InlineData("::ffff:8.8.8.8", "https", "sender/1.0", AddressFamily.InterNetwork)]
    [InlineData("2001:4860::1", "https", "sender/1.0", AddressFamily.InterNetworkV6)]
    [InlineData("8.8.8.8", "http", "sender/1.0", null)]
    [InlineData("8.8.8.8", "", "sender/1.0", null)]
    [InlineData("192.168.1.1", "https", "sender/1.0", null)]
    [InlineData("fd00::1", "https", "sender/1.0", null)]
    [InlineData("8.8.8.8", "https", "MtaStsHost/0.1.0", null)]
    public async Task Get_OfASender_ShowsTheWayFromOutside(string from, string scheme, string userAgent, AddressFamily? shown)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get,
            new Uri(_app.Http, PolicyEndpoint.Path)) { Headers = { Host = "mta-sts.example.com" } };
        request.Headers.Add("X-Forwarded-For", from);
        if (scheme.Length > 0) request.Headers.Add("X-Forwarded-Proto", scheme);
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);

        using var answer = await _app.Client.SendAsync(request, TestContext.Current.CancellationToken);

        var statistics = Statistics();
        foreach (var family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }) Assert.Equal(family == shown,
            statistics.LastFromOutside(family) > 0);
    }

    [Theory]
    [InlineData("mta-sts.example.com")]
    [InlineData("MTA-STS.EXAMPLE.COM")]
    [InlineData("Mta-Sts.example.com.")]
    [InlineData("mta-sts.example.com:8080")]
    [InlineData("mta-sts.example.com.:8080")]
    [InlineData("mta-sts.xn--bcher-kva.example")]
    public async Task Get_HostInAnyForm_IsThePolicy(string host) =>
        Assert.Equal(Body, Split(await RawAsync("GET", PolicyEndpoint.Path, host)).Body);

    [Theory]
    [InlineData("example.com")]
    [InlineData("mta-sts.example.org")]
    [InlineData("x.mta-sts.example.com")]
    [InlineData("mta-sts.example.com..")]
    [InlineData("mta-sts.mta-sts.example.com")]
    [InlineData("_mta-sts.example.com")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("localhost:9090")]
    [InlineData("")]
    public async Task Get_AnotherHost_IsNotFoundAndNoPolicyToAnyReader(string host)
    {
        var (head, body) = Split(await RawAsync("GET", PolicyEndpoint.Path, host));

        Assert.Equal("HTTP/1.1 404 Not Found", head[0]);
        Assert.Contains("Content-Type: text/plain", head);
        Assert.Contains($"Content-Length: {body.Length}", head);
        AssertNoPolicy(body);
    }

    [Fact]
    public async Task Get_Http10WithoutHost_IsNotFound()
    {
        var (head, body) = Split(await RawHttp.SendAsync(_app.Http, $"GET {PolicyEndpoint.Path} HTTP/1.0\r\n\r\n"));

        Assert.EndsWith("404 Not Found", head[0], StringComparison.Ordinal);
        AssertNoPolicy(body);
    }

    [Fact]
    public async Task Get_Http10WithHost_IsThePolicy() =>
        Assert.Equal(Body, Split(await RawHttp.SendAsync(_app.Http,
            $"GET {PolicyEndpoint.Path} HTTP/1.0\r\nHost: mta-sts.example.com\r\n\r\n")).Body);

    [Theory]
    [InlineData("")]
    [InlineData("Host: mta-sts.example.com\r\nHost: mta-sts.example.com\r\n")]
    [InlineData("Host: mta-sts.example.com, mta-sts.example.org\r\n")]
    [InlineData("Host: user@mta-sts.example.com\r\n")]
    [InlineData("Host: mta-sts.example.com/x\r\n")]
    [InlineData("Host: b\u00fccher.example\r\n")]
    public async Task Get_MalformedHost_IsABadRequest(string header)
    {
        var answer = await RawHttp.SendAsync(_app.Http, $"GET {PolicyEndpoint.Path} HTTP/1.1\r\n{header}Connection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        AssertNoPolicy(Split(answer).Body);
    }

    [Theory]
    [InlineData("X-Forwarded-Host: mta-sts.example.com")]
    [InlineData("Forwarded: host=mta-sts.example.com")]
    [InlineData("X-Original-Host: mta-sts.example.com")]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: mta-sts.example.com")]
    public async Task Get_HostInAnotherHeader_IsNotBelieved(string headers)
    {
        Assert.StartsWith("HTTP/1.1 404 ", await RawAsync("GET", PolicyEndpoint.Path, "other.example", headers), StringComparison.Ordinal);
        var other = headers.Replace("mta-sts.example.com", "other.example", StringComparison.Ordinal);
        Assert.Equal(Body, Split(await RawAsync("GET", PolicyEndpoint.Path, "mta-sts.example.com", other)).Body);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("PATCH")]
    [InlineData("TRACE")]
    [InlineData("BREW")]
    public async Task Request_AnotherMethod_IsNotAllowed(string method)
    {
        var (head, body) = Split(await RawAsync(method, PolicyEndpoint.Path, "mta-sts.example.com"));

        Assert.Equal("HTTP/1.1 405 Method Not Allowed", head[0]);
        Assert.Contains("Allow: GET, HEAD", head);
        AssertNoPolicy(body);
    }

    [Theory]
    [InlineData("Content-Length: 4", "abcd")]
    [InlineData("Transfer-Encoding: chunked", "4\r\nabcd\r\n0\r\n\r\n")]
    public async Task Post_WithBody_IsNotAllowedAllTheSame(string header, string body)
    {
        var answer = await RawHttp.SendAsync(_app.Http,
            $"POST {PolicyEndpoint.Path} HTTP/1.1\r\nHost: mta-sts.example.com\r\nConnection: close\r\n{header}\r\n\r\n{body}");

        Assert.StartsWith("HTTP/1.1 405 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nAllow: GET, HEAD\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_AnotherMethodAtAnotherHost_IsNotAllowedEither() =>
        Assert.StartsWith("HTTP/1.1 405 ", await RawAsync("POST", PolicyEndpoint.Path, "other.example"), StringComparison.Ordinal);

    [Theory]
    [InlineData("/")]
    [InlineData("/.well-known/")]
    [InlineData("/.well-known/mta-sts")]
    [InlineData("/.well-known/mta-sts.txt/")]
    [InlineData("/.well-known/MTA-STS.txt")]
    [InlineData("//.well-known/mta-sts.txt")]
    [InlineData("/mta-sts.txt")]
    [InlineData("/robots.txt")]
    [InlineData("/metrics")]
    [InlineData("/traefik")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/health/")]
    [InlineData("/.well-known/acme-challenge/token")]
    [InlineData("/.well-known/acme-challenge/")]
    [InlineData("/appsettings.json")]
    public async Task Get_AnotherPath_IsNotFound(string path)
    {
        var (head, body) = Split(await RawAsync("GET", path, "mta-sts.example.com"));

        Assert.Equal("HTTP/1.1 404 Not Found", head[0]);
        AssertNoPolicy(body);
    }

    [Theory]
    [InlineData("Accept-Encoding: gzip, br, deflate")]
    [InlineData("Accept: application/json")]
    [InlineData("User-Agent: curl/8.0")]
    [InlineData("User-Agent:")]
    [InlineData("Range: bytes=0-1")]
    [InlineData("If-None-Match: *\r\nIf-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT")]
    [InlineData("Cookie: a=b")]
    [InlineData("Upgrade-Insecure-Requests: 1\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA")]
    public async Task Get_AnyOtherHeader_ChangesNothing(string headers) =>
        Assert.Equal(Body, Split(await RawAsync("GET", PolicyEndpoint.Path, "mta-sts.example.com", headers)).Body);

    [Fact]
    public async Task Get_ManyOnOneConnection_AreAllAnswered()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_app.Http.Host, _app.Http.Port);
        var request = $"GET {PolicyEndpoint.Path} HTTP/1.1\r\nHost: mta-sts.example.com\r\n\r\n";
        var last = $"GET {PolicyEndpoint.Path} HTTP/1.1\r\nHost: mta-sts.example.com\r\nConnection: close\r\n\r\n";

        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(request, 99)) + last));
        var answer = await RawHttp.ReadToEndAsync(client.GetStream());

        Assert.Equal(100, answer.Split(Body).Length - 1);
    }

    [Fact]
    public async Task Get_Log_HasDomainStatusAddressAndUserAgent()
    {
        await RawAsync("GET", PolicyEndpoint.Path, "mta-sts.example.com", "User-Agent: Sender/1.0");
        await RawAsync("POST", PolicyEndpoint.Path, "mta-sts.example.com", "User-Agent: Poster/1.0");
        await RawAsync("GET", PolicyEndpoint.Path, "other.example", "User-Agent: Unknown/1.0");

        Assert.EndsWith(" INF Policy of example.com requested: 200 to 127.0.0.1 (Sender/1.0)",
            await _app.Log.LineAsync("Sender/1.0"), StringComparison.Ordinal);
        Assert.EndsWith(" INF Policy of example.com requested: 405 to 127.0.0.1 (Poster/1.0)",
            await _app.Log.LineAsync("Poster/1.0"), StringComparison.Ordinal);
        Assert.EndsWith(" INF Policy of unknown host other.example requested: 404 to 127.0.0.1 (Unknown/1.0)",
            await _app.Log.LineAsync("Unknown/1.0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_LongUserAgent_IsCutInTheLog()
    {
        await RawAsync("GET", PolicyEndpoint.Path, "mta-sts.example.com", "User-Agent: Long/1.0 " + new string('x', 5000));

        Assert.InRange((await _app.Log.LineAsync("Long/1.0")).Length, 200, 400);
    }

    [Fact]
    public async Task Get_LongHost_IsCutInTheLog()
    {
        await RawAsync("GET", PolicyEndpoint.Path, new string('x', 5000) + ".example", "User-Agent: LongHost/1.0");

        Assert.InRange((await _app.Log.LineAsync("LongHost/1.0")).Length, 200, 500);
    }

    /// <summary>Neither the strict reader nor one that takes anything with colons finds a policy in it.</summary>
    private static void AssertNoPolicy(string body)
    {
        Assert.False(PolicyParser.TryParse(Encoding.UTF8.GetBytes(body), out _, out _));
        Assert.DoesNotContain(':', body);
        Assert.DoesNotContain('=', body);
        Assert.DoesNotContain("STSv1", body, StringComparison.OrdinalIgnoreCase);
    }

    private static bool NotDate(string line) => !line.StartsWith("Date: ", StringComparison.Ordinal);

    private static (string[] Head, string Body) Split(string answer)
    {
        var parts = answer.Split("\r\n\r\n", 2);
        return (parts[0].Split("\r\n"), parts.Length > 1 ? parts[1] : "");
    }

    private Task<string> RawAsync(string method, string path, string host, string? headers = null) =>
        RawHttp.SendAsync(_app.Http,
            $"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{(headers is null ? "" : headers + "\r\n")}\r\n");
}
