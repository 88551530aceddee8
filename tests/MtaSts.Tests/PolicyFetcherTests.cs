using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace MtaSts.Tests;

public sealed class PolicyFetcherTests
{
    private const string Host = "mta-sts.example.com";
    private static readonly TestCertificates Certificates = new();
    private static readonly DomainName Domain = DomainName.TryParse("example.com", out var domain, out _) ? domain : throw new InvalidOperationException();

    private readonly FakeTimeProvider _time = new(TestCertificates.Now);

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
        await using var server = Serve(header + (chunked ? $"{TestPolicyServer.Body.Length:x}\r\n{TestPolicyServer.Body}\r\n0\r\n\r\n" : TestPolicyServer.Body));
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
        { TestPolicyServer.Answer(TestPolicyServer.Body, "302 Found", "Location: /other\r\nContent-Type: text/plain\r\n"), PolicyFetchFailure.Redirect, 302 },
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
        { TestPolicyServer.Answer(TestPolicyServer.Body, headers: "Content-Type: text/plain\r\nContent-Encoding: gzip\r\n"), PolicyFetchFailure.ContentEncoding, 200 },
        { TestPolicyServer.Answer((TestPolicyServer.Body + "x: ").PadRight(Policy.MaxBodyBytes + 1, 'y')), PolicyFetchFailure.TooLarge, 200 },
        { "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 99999999999\r\n\r\n", PolicyFetchFailure.TooLarge, 200 },
        { TestPolicyServer.Answer(""), PolicyFetchFailure.InvalidPolicy, 200 },
        { TestPolicyServer.Answer("<html></html>"), PolicyFetchFailure.InvalidPolicy, 200 },
        { "", PolicyFetchFailure.ConnectionLost, null },
        { "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n", PolicyFetchFailure.ConnectionLost, null },
        { "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nversion: STSv1\r\n", PolicyFetchFailure.ConnectionLost, null },
        { "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nversion", PolicyFetchFailure.ConnectionLost, null },
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
    public async Task FetchAsync_InvalidPolicy_HasThePlace()
    {
        await using var server = Serve(TestPolicyServer.Answer("version: STSv1\nmode: report\n"));
        var failure = await FailAsync(Options(server));
        Assert.Equal((2, 7, PolicyParseErrorKind.InvalidMode), (failure.ParseError!.Line, failure.ParseError.Column, failure.ParseError.Kind));
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
                await TestPolicyServer.AnswerAsync(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
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

    [Theory]
    [InlineData("mta-sts.example.com")]
    [InlineData("MTA-STS.Example.COM")]
    [InlineData("*.example.com")]
    [InlineData("other.example", "mta-sts.example.com")]
    public async Task FetchAsync_CertificateWithDnsId_IsTaken(params string[] names)
    {
        await using var server = Serve(certificate: () => Certificates.Server(names));
        Assert.Equal(604800, (await FetchAsync(server)).Policy.MaxAge);
    }

    [Theory]
    [InlineData("CN=Test Server", "example.com")]
    [InlineData("CN=Test Server", "mta-sts.example.net")]
    [InlineData("CN=Test Server", "*.com")]
    [InlineData("CN=Test Server", "*.mta-sts.example.com")]
    [InlineData("CN=Test Server", "mta-*.example.com")]
    [InlineData("CN=mta-sts.example.com", "other.example")]
    [InlineData("CN=mta-sts.example.com")] // a common name alone
    public async Task FetchAsync_CertificateForAnotherName_IsCertificateName(string subject, params string[] names)
    {
        await using var server = Serve(certificate: () => Certificates.Server(names, subject));
        Assert.Equal(PolicyFetchFailure.CertificateName, (await FailAsync(Options(server))).Kind);
    }

    [Fact]
    public async Task FetchAsync_CertificateNotInDate_IsCertificateExpired()
    {
        await using var server = Serve();
        _time.SetUtcNow(TestCertificates.Now.AddDays(61));
        Assert.Equal(PolicyFetchFailure.CertificateExpired, (await FailAsync(Options(server))).Kind);
        await using var early = Serve(certificate: static () => Certificates.Server([Host], from: TestCertificates.Now.AddDays(62), to: TestCertificates.Now.AddDays(90)));
        Assert.Equal(PolicyFetchFailure.CertificateExpired, (await FailAsync(Options(early))).Kind);
    }

    [Fact]
    public async Task FetchAsync_CertificateOfAnotherRoot_IsCertificateUntrusted()
    {
        await using var server = Serve();
        Assert.Equal(PolicyFetchFailure.CertificateUntrusted, (await FailAsync(Options(server) with { TrustedRoots = new TestCertificates().Roots })).Kind);
        Assert.Equal(PolicyFetchFailure.CertificateUntrusted, (await FailAsync(Options(server) with { TrustedRoots = null })).Kind);
    }

    [Fact]
    public async Task FetchAsync_MissingIntermediate_IsCertificateUntrusted()
    {
        await using var server = Serve(certificate: static () => Certificates.Server([Host], withIntermediate: false));
        Assert.Equal(PolicyFetchFailure.CertificateUntrusted, (await FailAsync(Options(server))).Kind);
    }

    [Fact]
    public async Task FetchAsync_CertificateForClients_IsCertificateUntrusted()
    {
        await using var server = Serve(certificate: static () => Certificates.Server([Host], usage: "1.3.6.1.5.5.7.3.2"));
        Assert.Equal(PolicyFetchFailure.CertificateUntrusted, (await FailAsync(Options(server))).Kind);
    }

    [Fact]
    public async Task FetchAsync_HandshakeAborted_IsTlsHandshake()
    {
        await using var server = new TestPolicyServer { Certificate = null };
        Assert.Equal(PolicyFetchFailure.TlsHandshake, (await FailAsync(Options(server))).Kind);
        await using var closing = new TestPolicyServer { Certificate = null, OnConnect = static _ => Task.FromResult(false) };
        Assert.Equal(PolicyFetchFailure.TlsHandshake, (await FailAsync(Options(closing))).Kind);
    }

    [Fact]
    public async Task FetchAsync_PlainHttpServer_IsTlsHandshake()
    {
        await using var server = new TestPolicyServer
        {
            Certificate = null,
            OnConnect = static async socket =>
            {
                await socket.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
                return false;
            },
        };
        Assert.Equal(PolicyFetchFailure.TlsHandshake, (await FailAsync(Options(server))).Kind);
    }

    [Fact]
    public async Task FetchAsync_Tls12Server_IsTaken()
    {
        await using var server = new TestPolicyServer { Certificate = Certificates.Server([Host]), Protocols = SslProtocols.Tls12 };
        Assert.Equal(SslProtocols.Tls12, (await FetchAsync(server)).TlsProtocol);
    }

    [Fact]
    public async Task FetchAsync_NobodyListens_IsUnreachable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var failure = await FailAsync(new PolicyFetcherOptions { Port = port, Resolve = static (_, _) => new([IPAddress.Loopback, IPAddress.Parse("127.0.0.2")]), TimeProvider = _time });
        Assert.Equal(PolicyFetchFailure.Unreachable, failure.Kind);
        Assert.Contains("127.0.0.1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.2", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_FirstAddressDead_TakesTheNext()
    {
        await using var server = Serve();
        var fetched = await FetchAsync(server, Options(server) with { Resolve = static (_, _) => new([IPAddress.Parse("127.0.0.2"), IPAddress.Loopback]) });
        Assert.Equal(IPAddress.Loopback, fetched.Address);
    }

    [Fact]
    public async Task FetchAsync_NoAddress_IsHostNotFound()
    {
        var asked = "";
        var failure = await FailAsync(new PolicyFetcherOptions
        {
            Resolve = (host, _) =>
            {
                asked = host;
                return new([]);
            },
        });
        Assert.Equal(PolicyFetchFailure.HostNotFound, failure.Kind);
        Assert.Equal(Host, asked);
    }

    [Fact]
    public async Task FetchAsync_HostNameTooLong_IsHostNotFound()
    {
        Assert.True(DomainName.TryParse($"{new string('a', 63)}.{new string('a', 63)}.{new string('a', 63)}.{new string('b', 54)}", out var domain, out _));
        var failure = await Assert.ThrowsAsync<PolicyFetchException>(() => new PolicyFetcher().FetchAsync(domain, CancellationToken.None));
        Assert.Equal(PolicyFetchFailure.HostNotFound, failure.Kind);
    }

    [Fact]
    public async Task FetchAsync_ResolverFails_IsResolutionFailed()
    {
        var failure = await FailAsync(new PolicyFetcherOptions { Resolve = static (_, _) => throw new InvalidOperationException("two\nlines\u001B[31m") });
        Assert.Equal(PolicyFetchFailure.ResolutionFailed, failure.Kind);
        Assert.IsType<InvalidOperationException>(failure.InnerException);
        Assert.EndsWith("two lines [31m", failure.Message, StringComparison.Ordinal);
        Assert.Equal(PolicyFetchFailure.ResolutionFailed, (await FailAsync(new PolicyFetcherOptions { Resolve = static (_, _) => throw new OperationCanceledException() })).Kind);
    }

    [Theory]
    [InlineData("dns")]
    [InlineData("handshake")]
    [InlineData("header")]
    [InlineData("body")]
    public async Task FetchAsync_Stall_IsTimeoutAfterTheWholeTime(string where)
    {
        await using var stalling = new Stall(where);
        var fetch = FailAsync(stalling.Options(_time));
        await stalling.Reached;
        _time.Advance(TimeSpan.FromSeconds(59.9));
        Assert.False(fetch.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        var failure = await fetch;
        Assert.Equal(PolicyFetchFailure.Timeout, failure.Kind);
        Assert.Contains("60 s", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dns")]
    [InlineData("handshake")]
    [InlineData("header")]
    [InlineData("body")]
    public async Task FetchAsync_CallerCancels_IsCanceledWithItsToken(string where)
    {
        await using var stalling = new Stall(where);
        using var caller = new CancellationTokenSource();
        var fetch = new PolicyFetcher(stalling.Options(_time)).FetchAsync(Domain, caller.Token);
        await stalling.Reached;
        await caller.CancelAsync();
        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
        Assert.Equal(caller.Token, canceled.CancellationToken);
    }

    [Fact]
    public async Task FetchAsync_SlowDrip_EndsWithTheWholeTime()
    {
        await using var server = new TestPolicyServer
        {
            Certificate = Certificates.Server([Host]),
            OnRequest = async stream =>
            {
                await TestPolicyServer.AnswerAsync(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
                while (true)
                {
                    await TestPolicyServer.AnswerAsync(stream, "x");
                    _time.Advance(TimeSpan.FromSeconds(7));
                }
            },
        };
        Assert.Equal(PolicyFetchFailure.Timeout, (await FailAsync(Options(server))).Kind);
    }

    [Fact]
    public void Constructor_BadOptions_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => new PolicyFetcher(new PolicyFetcherOptions { Timeout = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new PolicyFetcher(new PolicyFetcherOptions { Port = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new PolicyFetcher(new PolicyFetcherOptions { Port = 65536 }));
    }

    private static TestPolicyServer Serve(string? answer = null, Func<System.Net.Security.SslStreamCertificateContext>? certificate = null) => new()
    {
        Certificate = certificate?.Invoke() ?? Certificates.Server([Host]),
        OnRequest = stream => TestPolicyServer.AnswerAsync(stream, answer ?? TestPolicyServer.Answer(TestPolicyServer.Body)),
    };

    private PolicyFetcherOptions Options(TestPolicyServer server) => new()
    {
        Port = server.Port,
        Resolve = static (_, _) => new([IPAddress.Loopback]),
        TrustedRoots = Certificates.Roots,
        TimeProvider = _time,
    };

    private Task<FetchedPolicy> FetchAsync(TestPolicyServer server, PolicyFetcherOptions? options = null) =>
        new PolicyFetcher(options ?? Options(server)).FetchAsync(Domain, CancellationToken.None);

    private static async Task<PolicyFetchException> FailAsync(PolicyFetcherOptions options)
    {
        var failure = await Assert.ThrowsAsync<PolicyFetchException>(() => new PolicyFetcher(options).FetchAsync(Domain, CancellationToken.None));
        Assert.Contains(Host, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(failure.Message, char.IsControl);
        return failure;
    }

    /// <summary>A policy host, or its DNS, that stops answering at one step and tells when the fetch has come there.</summary>
    private sealed class Stall : IAsyncDisposable
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TestPolicyServer _server;
        private readonly string _where;

        public Stall(string where)
        {
            _where = where;
            _server = new TestPolicyServer
            {
                Certificate = Certificates.Server([Host]),
                OnConnect = async socket =>
                {
                    if (where != "handshake")
                        return true;
                    await socket.ReceiveAsync(new byte[1], SocketFlags.Peek);
                    _reached.SetResult();
                    await using var stream = new NetworkStream(socket);
                    await TestPolicyServer.StallAsync(stream);
                    return false;
                },
                OnRequest = async stream =>
                {
                    await TestPolicyServer.AnswerAsync(stream, where == "header" ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nversion");
                    _reached.SetResult();
                    await TestPolicyServer.StallAsync(stream);
                },
            };
        }

        public Task Reached => _reached.Task;

        public PolicyFetcherOptions Options(TimeProvider time) => new()
        {
            Port = _server.Port,
            TrustedRoots = Certificates.Roots,
            TimeProvider = time,
            Resolve = async (_, cancellationToken) =>
            {
                if (_where != "dns")
                    return [IPAddress.Loopback];
                _reached.SetResult();
                await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, time, cancellationToken);
                return [];
            },
        };

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }
}
