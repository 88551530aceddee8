using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace MtaSts.Tests;

public sealed class PolicyFetcherTests : PolicyFetcherFixture
{
    [Theory]
    [InlineData("mta-sts.example.com", "example.com")]
    [InlineData("MTA-STS.Example.com.", "example.com")]
    [InlineData("example.com", "example.com")]
    [InlineData("mta-sts.net", "mta-sts.net")]
    [InlineData("mta-sts1.example.com", "mta-sts1.example.com")]
    public void DomainOf_Name_IsThatOfAPolicyHost(string name, string expected)
    {
        Assert.True(DomainName.TryParse(name, out var parsed, out _));

        Assert.Equal(expected, PolicyFetcher.DomainOf(parsed).Value);
    }

    [Fact]
    public async Task FetchAsync_GoodHost_ReturnsPolicyAndItsWay()
    {
        await using var server = Serve();
        var fetched = await FetchAsync(server);
        Assert.Equal(Policies.Make(PolicyMode.Enforce, 604800, "mail.example.com"), fetched.Policy);
        Assert.Equal(TestPolicyServer.Body, Encoding.ASCII.GetString(fetched.Body.Span));
        Assert.Equal("text/plain", fetched.ContentType);
        Assert.Equal(IPAddress.Loopback, fetched.Address);
        Assert.Equal("CN=Test Intermediate", fetched.CertificateIssuer);
        Assert.Equal(TestCertificates.Now.AddDays(60), fetched.CertificateNotAfter);
        Assert.Contains(fetched.TlsProtocol, new[] { SslProtocols.Tls12, SslProtocols.Tls13 });
        Assert.Equal(Host, await server.ServerName);
    }

    [Fact]
    public async Task FetchAsync_GoodHost_SendsAPlainGetAndNothingElse()
    {
        await using var server = Serve();
        // Tracing in the host would otherwise put its headers on the request.
        using var activity = new Activity("check").SetIdFormat(ActivityIdFormat.W3C).Start();
        await FetchAsync(server);
        Assert.Equal($"GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: {Host}:{server.Port}\r\n\r\n", await server.Request);
    }

    [Fact]
    public async Task FetchAsync_UserAgent_IsSent()
    {
        await using var server = Serve();
        await FetchAsync(server, Options(server) with { UserAgent = "Sender/1.0 (test)" });
        Assert.Contains("User-Agent: Sender/1.0 (test)\r\n", await server.Request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_SameFetcherManyTimesAtOnce_WorksEachTime()
    {
        await using var server = Serve();
        var fetcher = new PolicyFetcher(Options(server));
        var fetched = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => fetcher.FetchAsync(Domain, CancellationToken.None)));
        Assert.All(fetched, static one => Assert.Equal(604800, one.Policy.MaxAge));
    }

    [Theory]
    [InlineData("Content-Type: text/plain; charset=utf-8\r\n")]
    [InlineData("Content-Type: Text/Plain;charset=\"us-ascii\"\r\n")]
    [InlineData("Content-Type: text/plain;\r\n")] // RFC 9110 §5.6.6
    [InlineData("Content-Type: text/plain; charset=utf-8;\r\n")]
    [InlineData("Content-Type: text/plain ;; ;\r\n")]
    [InlineData("Content-Type: text/plain\r\nContent-Encoding: identity\r\nSet-Cookie: a=b\r\n")]
    public async Task FetchAsync_HeadersThatDontMatter_AreTaken(string headers)
    {
        await using var server = Serve(TestPolicyServer.Answer(TestPolicyServer.Body, headers: headers));
        Assert.Equal(604800, (await FetchAsync(server)).Policy.MaxAge);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n")]
    public async Task FetchAsync_BodyWithoutLength_IsTaken(string header)
    {
        var chunked = header.Contains("chunked", StringComparison.Ordinal);
        await using var server =
            Serve(header + (chunked ? $"{TestPolicyServer.Body.Length:x}\r\n{TestPolicyServer.Body}\r\n0\r\n\r\n" : TestPolicyServer.Body));
        Assert.Equal(604800, (await FetchAsync(server)).Policy.MaxAge);
    }

    [Fact]
    public async Task FetchAsync_BodyOf64KiB_IsTaken()
    {
        await using var server = Serve(TestPolicyServer.Answer((TestPolicyServer.Body + "x: ").PadRight(Policy.MaxBodyBytes, 'y')));
        Assert.Equal(Policy.MaxBodyBytes, (await FetchAsync(server)).Body.Length);
    }

    public static TheoryData<string, PolicyFetchFailure, int?> Answers => new()
    {
        { TestPolicyServer.Answer("", "301 Moved Permanently", "Location: https://example.com/\r\n"), PolicyFetchFailure.Redirect, 301 },
        { TestPolicyServer.Answer(TestPolicyServer.Body, "302 Found", "Location: /other\r\nContent-Type: text/plain\r\n"),
            PolicyFetchFailure.Redirect, 302 },
        { TestPolicyServer.Answer("", "303 See Other"), PolicyFetchFailure.Redirect, 303 },
        { TestPolicyServer.Answer("", "307 Temporary Redirect", "Location: /\r\n"), PolicyFetchFailure.Redirect, 307 },
        { TestPolicyServer.Answer("", "308 Permanent Redirect", "Location: /\r\n"), PolicyFetchFailure.Redirect, 308 },
        { TestPolicyServer.Answer(TestPolicyServer.Body, "404 Not Found"), PolicyFetchFailure.Status, 404 },
        { TestPolicyServer.Answer(TestPolicyServer.Body, "500 Oops"), PolicyFetchFailure.Status, 500 },
        { TestPolicyServer.Answer(TestPolicyServer.Body, "201 Created"), PolicyFetchFailure.Status, 201 },
        { TestPolicyServer.Answer(TestPolicyServer.Body, "206 Partial Content"), PolicyFetchFailure.Status, 206 },
        { "HTTP/1.1 204 No Content\r\n\r\n", PolicyFetchFailure.Status, 204 },
        { "HTTP/1.1 304 Not Modified\r\n\r\n", PolicyFetchFailure.Status, 304 },
        { TestPolicyServer.Answer(TestPolicyServer.Body, headers: ""), PolicyFetchFailure.MediaType, 200 },
        { TestPolicyServer.Answer(TestPolicyServer.Body, headers: "Content-Type: text/html\r\n"), PolicyFetchFailure.MediaType, 200 },
        { TestPolicyServer.Answer(TestPolicyServer.Body, headers: "Content-Type: text/plainer\r\n"), PolicyFetchFailure.MediaType, 200 },
        { TestPolicyServer.Answer(TestPolicyServer.Body, headers: "Content-Type: ;;\r\n"), PolicyFetchFailure.MediaType, 200 },
        { TestPolicyServer.Answer(TestPolicyServer.Body, headers: "Content-Type: text/plain\r\nContent-Encoding: gzip\r\n"),
            PolicyFetchFailure.ContentEncoding, 200 },
        { TestPolicyServer.Answer((TestPolicyServer.Body + "x: ").PadRight(Policy.MaxBodyBytes + 1, 'y')), PolicyFetchFailure.TooLarge,
            200 },
        { "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 99999999999\r\n\r\n", PolicyFetchFailure.TooLarge, 200 },
        { TestPolicyServer.Answer(""), PolicyFetchFailure.InvalidPolicy, 200 },
        { TestPolicyServer.Answer("<html></html>"), PolicyFetchFailure.InvalidPolicy, 200 },
        { "", PolicyFetchFailure.ConnectionLost, null },
        { "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n", PolicyFetchFailure.ConnectionLost, null },
        { "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nversion: STSv1\r\n",
            PolicyFetchFailure.ConnectionLost, null },
        { "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nversion",
            PolicyFetchFailure.ConnectionLost, null },
        { "SSH-2.0-OpenSSH_9.9\r\n\r\n", PolicyFetchFailure.Protocol, null },
        { "HTTP/1.1 2000 OK\r\n\r\n", PolicyFetchFailure.Protocol, null },
        { "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", PolicyFetchFailure.Protocol, null },
        { "HTTP/1.1 200 OK\r\nX: " + new string('x', 20_000) + "\r\n\r\n", PolicyFetchFailure.Protocol, null },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task FetchAsync_BadAnswer_FailsWithItsKind(string answer, PolicyFetchFailure kind, int? status)
    {
        await using var server = Serve(answer);
        var failure = await FailAsync(Options(server));
        Assert.Equal(kind, failure.Kind);
        Assert.Equal(status, failure.StatusCode);
        Assert.Equal(kind == PolicyFetchFailure.InvalidPolicy, failure.ParseError is not null);
    }

    [Fact]
    public async Task FetchAsync_RedirectToAPolicy_IsNotFollowed()
    {
        var requests = 0;
        await using var server = new TestPolicyServer
        {
            Certificate = Certificates.Server([Host]),
            OnRequest = stream => TestPolicyServer.AnswerAsync(stream, Interlocked.Increment(ref requests) == 1
                ? TestPolicyServer.Answer("", "302 Found", "Location: /other\r\n")
                : TestPolicyServer.Answer(TestPolicyServer.Body)),
        };
        Assert.Equal(PolicyFetchFailure.Redirect, (await FailAsync(Options(server))).Kind);
        Assert.Equal(1, requests);
    }

    [Fact]
    public async Task FetchAsync_InvalidPolicy_HasThePlace()
    {
        await using var server = Serve(TestPolicyServer.Answer("version: STSv1\nmode: report\n"));
        var failure = await FailAsync(Options(server));
        Assert.Equal((2, 7, PolicyParseErrorKind.InvalidMode),
            (failure.ParseError!.Line, failure.ParseError.Column, failure.ParseError.Kind));
        Assert.Contains("line 2, column 7", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_EndlessChunkedBody_IsCutAtTheLimit()
    {
        await using var server = new TestPolicyServer
        {
            Certificate = Certificates.Server([Host]),
            OnRequest = static async stream =>
            {
                await TestPolicyServer.AnswerAsync(stream,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
                while (true)
                    await TestPolicyServer.AnswerAsync(stream, "400\r\n" + new string('x', 0x400) + "\r\n");
            },
        };
        Assert.Equal(PolicyFetchFailure.TooLarge, (await FailAsync(Options(server))).Kind);
    }

    [Fact]
    public async Task FetchAsync_Reset_IsConnectionLost()
    {
        Socket? connection = null;
        await using var server = new TestPolicyServer
        {
            Certificate = Certificates.Server([Host]),
            OnConnect = socket =>
            {
                connection = socket;
                return Task.FromResult(true);
            },
            OnRequest = _ =>
            {
                connection!.Close(timeout: 0);
                return Task.CompletedTask;
            },
        };
        Assert.Equal(PolicyFetchFailure.ConnectionLost, (await FailAsync(Options(server))).Kind);
    }

    [Fact]
    public void Constructor_BadOptions_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => new PolicyFetcher(new PolicyFetcherOptions { Timeout = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new PolicyFetcher(new PolicyFetcherOptions { Port = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new PolicyFetcher(new PolicyFetcherOptions { Port = 65536 }));
    }
}
