using System.Security.Authentication;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>What must hold behind every proxy, whichever of the two has the certificates.</summary>
public abstract class ProxyContract(ProxyFixture proxy)
{
    private const string Host = "mta-sts.example.com";

    [Theory]
    [InlineData("example.com")]
    [InlineData("example.net")]
    [InlineData("example.org")]
    public async Task Each_policy_arrives_byte_for_byte(string domain)
    {
        var answer = await AskAsync($"mta-sts.{domain}", PolicyClient.Path, "GET", "Accept-Encoding: gzip, deflate, br, zstd");

        Assert.Equal((200, ProxyFixture.PolicyOf(domain)), (answer.Status, answer.Body));
        Assert.Equal(("text/plain", "no-cache"), (answer.Header("Content-Type"), answer.Header("Cache-Control")));
        Assert.All(["Content-Encoding", "Location", "Set-Cookie"], name => Assert.Null(answer.Header(name)));
        Assert.Equal(proxy.Issuer, answer.Issuer);
    }

    [Fact]
    public async Task Head_has_the_policys_headers_and_no_body()
    {
        var answer = await AskAsync(Host, PolicyClient.Path, "HEAD");

        Assert.Equal((200, ""), (answer.Status, answer.Body));
        Assert.Equal(("text/plain", $"{ProxyFixture.PolicyOf("example.com").Length}"),
            (answer.Header("Content-Type"), answer.Header("Content-Length")));
    }

    [Theory]
    [InlineData("POST", PolicyClient.Path, 405)]
    [InlineData("GET", "/", 404)]
    [InlineData("GET", "/.well-known/mta-sts.txt/", 404)]
    [InlineData("GET", "/.well-known/MTA-STS.txt", 404)]
    public async Task Other_requests_are_answered_by_the_service(string method, string path, int status)
    {
        var answer = await AskAsync(Host, path, method, "Content-Length: 0");

        Assert.Equal((status, "text/plain"), (answer.Status, answer.Header("Content-Type")));
        Assert.DoesNotContain("STSv1", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_not_served_gets_no_policy_and_no_certificate()
    {
        await proxy.StartAsync();
        var shown = false;
        var exception = await Record.ExceptionAsync(() =>
            RawHttp.HandshakeAsync(proxy.Public, "mta-sts.example.edu", (_, _) => shown = true));
        Assert.True(exception is AuthenticationException or IOException, $"{exception}");
        Assert.False(shown); // RFC 8461 §7

        // The right name in the handshake, another one in the request.
        var answer = await AskAsync(Host, PolicyClient.Path, "GET", "Host: mta-sts.example.edu");
        AssertNothing(answer);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    [InlineData("/traefik")]
    public async Task The_management_listeners_answers_are_not_to_be_had(string path)
    {
        Assert.Equal(404, (await AskAsync(Host, path)).Status);

        Assert.Equal(404, (await AskAsync(Host, path, "GET", "X-Forwarded-Host: localhost:9090",
            $"X-Forwarded-Port: {proxy.Host.Management.Port}", "X-Forwarded-Prefix: /", "Forwarded: host=localhost:9090")).Status);
        AssertNothing(await AskAsync(Host, path, "GET", $"Host: 127.0.0.1:{proxy.Host.Management.Port}"));
    }

    [Fact]
    public async Task Health_shows_the_requested_host_alone()
    {
        var answer = await AskAsync(Host, "/health?domain=example.net");

        Assert.Equal(200, answer.Status);
        Assert.Contains("\"example.com\"", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("example.net", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("configuration", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("X-Forwarded-For: 203.0.113.66")]
    [InlineData("X-Forwarded-For: 127.0.0.1")] // as if it were another proxy
    [InlineData("X-Forwarded-For: 203.0.113.66", "X-Forwarded-For: 127.0.0.1, 203.0.113.67")]
    [InlineData("Forwarded: for=203.0.113.66;host=mta-sts.example.net;proto=http")]
    [InlineData("X-Forwarded-Host: mta-sts.example.net", "X-Forwarded-Proto: http",
        "X-Real-IP: 203.0.113.66", "X-Original-Host: mta-sts.example.net")]
    [InlineData("X-Forwarded-For: ,,;\"")]
    public async Task Whatever_a_sender_claims_about_itself_it_gets_the_policy_and_the_log_has_its_address(params string[] headers)
    {
        var mark = $"{Guid.NewGuid():N}";

        var answer = await AskAsync(Host, PolicyClient.Path, "GET", [.. headers, $"User-Agent: {mark}"]);

        Assert.Equal((200, ProxyFixture.PolicyOf("example.com")), (answer.Status, answer.Body));
        await Eventually.IsTrueAsync(() => LogLine(mark) is not null, "the request is in the log");
        Assert.EndsWith($"Policy of example.com requested: 200 to {Sender.Address} ({mark})", LogLine(mark), StringComparison.Ordinal);
    }

    private protected async Task<Answer> AskAsync(string sni, string path, string method = "GET", params IReadOnlyList<string> headers)
    {
        await proxy.StartAsync();
        using var root = proxy.Root();
        return await new Sender(root).AskAsync(proxy.Public, sni, path, method, headers);
    }

    /// <summary>404, another refusal, or nothing at all, as Caddy has it for a Host that it doesn't know.</summary>
    private static void AssertNothing(Answer answer)
    {
        Assert.True(answer.Status is >= 400 and < 500 || answer.Body.Length == 0, answer.Head);
        Assert.DoesNotContain("STSv1", answer.Body, StringComparison.Ordinal);
    }

    private string? LogLine(string mark) => proxy.HostProcess.Output.Split('\n')
        .FirstOrDefault(line => line.EndsWith($"({mark})", StringComparison.Ordinal));
}
