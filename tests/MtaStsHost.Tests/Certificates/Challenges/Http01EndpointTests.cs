using System.Net;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Certificates.Challenges;

/// <summary>RFC 8555 §8.3, on the real listeners.</summary>
public sealed class Http01EndpointTests : IAsyncLifetime
{
    private const string Host = "mta-sts.example.com";
    private const string Token = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr_oA";
    private const string KeyAuthorization = Token + ".9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI";

    private readonly TestCa _ca = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private AppFixture _app = null!;

    private OpenChallenges Open => _app.Service<OpenChallenges>();

    public async ValueTask InitializeAsync()
    {
        var configuration = new ConfigurationFixture($$"""
            { {{Json.HttpsEndpoints}}, "MtaSts": { "Domains": { "example.com": {{Json.Good}}, "example.net": {{Json.Good}} } },
              "Tls": { "Certificates": [ { "Path": "tls.pem", "KeyPath": "tls.key" } ] } }
            """) { Time = _time };
        _ca.Issue([Host]).Write(configuration.Folder.Path);
        _app = await AppFixture.StartAsync(configuration);
        Open.Set(Host, [new StoredChallenge(Host, "http-01", Token, KeyAuthorization, _time.GetUtcNow().AddMinutes(10))]);
        Open.Set("mta-sts.unmanaged.example",
            [new StoredChallenge("mta-sts.unmanaged.example", "http-01", Token, KeyAuthorization, _time.GetUtcNow().AddMinutes(10))]);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _ca.Dispose();
    }

    [Theory]
    [InlineData(Host)]
    [InlineData("MTA-STS.example.com:80")]
    [InlineData("mta-sts.example.com.")]
    public async Task Get_OpenToken_IsTheKeyAuthorizationToTheByte(string host)
    {
        using var response = await _app.GetAsync(_app.Http, Http01Endpoint.Path + Token, host);

        Assert.Equal((HttpStatusCode.OK, KeyAuthorization), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(KeyAuthorization.Length, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Get_OpenTokenOverTls_IsTheKeyAuthorization()
    {
        // Let's Encrypt follows redirects to https, and ignores the certificate then.
        await using var stream = await RawHttp.HandshakeAsync(_app.Https, Host);
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(
            $"GET {Http01Endpoint.Path}{Token} HTTP/1.1\r\nHost: {Host}\r\nConnection: close\r\n\r\n"));

        var answer = await RawHttp.ReadToEndAsync(stream);

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + KeyAuthorization, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_OpenToken_IsTheSameWithoutABody()
    {
        using var response = await _app.GetAsync(_app.Http, Http01Endpoint.Path + Token, Host, HttpMethod.Head);

        Assert.Equal((HttpStatusCode.OK, KeyAuthorization.Length), (response.StatusCode, (int)response.Content.Headers.ContentLength!));
        Assert.Equal("", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr_oB", Host)]
    [InlineData("EVAGXFADS6PSRB2LAV9IZF17DT3JUXGJ-PCT92WR_OA", Host)]
    [InlineData("", Host)]
    [InlineData(Token + "/", Host)]
    [InlineData(Token + "%2e", Host)]
    [InlineData("..%2f..%2fappsettings.json", Host)]
    [InlineData("a+b", Host)]
    [InlineData("t%C3%B6ken", Host)]
    [InlineData(Token, "mta-sts.example.net")]
    [InlineData(Token, "mta-sts.unmanaged.example")]
    [InlineData(Token, "example.com")]
    [InlineData(Token, "127.0.0.1")]
    public async Task Get_AnotherTokenOrHost_Is404(string token, string host) => await AssertNotFoundAsync(token, host);

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("OPTIONS")]
    public async Task Other_Methods_Are404(string method) => await AssertNotFoundAsync(Token, Host, new HttpMethod(method));

    [Fact]
    public async Task Get_ClosedOrExpired_Is404()
    {
        _time.Advance(TimeSpan.FromMinutes(10));
        await AssertNotFoundAsync(Token, Host);
        Open.Set(Host, [new StoredChallenge(Host, "http-01", Token, KeyAuthorization, _time.GetUtcNow().AddMinutes(10))]);
        Assert.Equal(KeyAuthorization, await _app.GetTextAsync(_app.Http, Http01Endpoint.Path + Token, Host));
        Open.Set(Host, []);
        await AssertNotFoundAsync(Token, Host);
    }

    [Fact]
    public async Task Get_OnTheManagementListener_Is404()
    {
        using var response = await _app.GetAsync(_app.Management, Http01Endpoint.Path + Token, Host);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Get_SelfCheckToken_IsAnsweredForManagedHostsAlone()
    {
        var self = _app.Service<SelfCheck>();

        Assert.Equal(self.Answer, await _app.GetTextAsync(_app.Http, Http01Endpoint.Path + self.Token, "mta-sts.example.net"));
        Assert.NotEqual(self.Token, self.Answer);
        await AssertNotFoundAsync(self.Token, "mta-sts.unmanaged.example");
        await AssertNotFoundAsync(self.Answer, Host);
    }

    private async Task AssertNotFoundAsync(string token, string host, HttpMethod? method = null)
    {
        using var response = await _app.GetAsync(_app.Http, Http01Endpoint.Path + token, host, method);

        Assert.Equal((HttpStatusCode.NotFound, "Not found\n"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
    }
}
