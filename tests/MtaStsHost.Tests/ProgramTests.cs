using System.Net;
using Microsoft.AspNetCore.Mvc.Testing;

namespace MtaStsHost.Tests;

/// <summary>The program as it is, from its entry point and the repository's own appsettings.json, behind a server without a
/// network.</summary>
public sealed class ProgramTests : IClassFixture<ProgramTests.Factory>
{
    private const string Path = "/.well-known/mta-sts.txt";
    private const string Body = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 604800\r\n";

    private readonly HttpClient _client;

    public ProgramTests(Factory factory) => _client =
        factory.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });

    [Fact]
    public async Task Get_PolicyHost_IsThePolicy()
    {
        using var response = await _client.GetAsync("https://mta-sts.example.com" + Path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(Body, await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("http://mta-sts.example.com" + Path, "GET", HttpStatusCode.OK)]
    [InlineData("http://MTA-STS.EXAMPLE.COM.:8080" + Path, "HEAD", HttpStatusCode.OK)]
    [InlineData("http://mta-sts.example.com" + Path, "POST", HttpStatusCode.MethodNotAllowed)]
    [InlineData("http://mta-sts.example.org" + Path, "GET", HttpStatusCode.NotFound)]
    [InlineData("http://localhost" + Path, "GET", HttpStatusCode.NotFound)]
    [InlineData("http://mta-sts.example.com/", "GET", HttpStatusCode.NotFound)]
    [InlineData("http://mta-sts.example.com/health", "GET", HttpStatusCode.OK)]
    [InlineData("http://mta-sts.example.com/health/live", "GET", HttpStatusCode.NotFound)]
    [InlineData("http://localhost:9090/metrics", "GET", HttpStatusCode.NotFound)]
    public async Task Request_PublicListener_IsAnswered(string url, string method, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), url);
        using var response = await _client.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
    }

    public sealed class Factory : WebApplicationFactory<Program>
    {
        public Factory()
        {
            // The ports of the file may be another program's here; nothing listens on these either. No other test reads the environment.
            Environment.SetEnvironmentVariable("Kestrel__Endpoints__Http__Url", "http://127.0.0.1:0");
            Environment.SetEnvironmentVariable("Kestrel__Endpoints__Management__Url", "http://127.0.0.1:0");
        }    }
}
