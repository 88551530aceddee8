using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Time.Testing;

namespace MtaSts.Tests;

/// <summary>DNS, TCP and TLS, each failing with its own kind.</summary>
public sealed class PolicyConnectionTests : PolicyFetcherFixture
{
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
        Time.SetUtcNow(TestCertificates.Now.AddDays(61));
        Assert.Equal(PolicyFetchFailure.CertificateExpired, (await FailAsync(Options(server))).Kind);
        await using var early = Serve(certificate: static () => Certificates.Server([Host], from: TestCertificates.Now.AddDays(62),
            to: TestCertificates.Now.AddDays(90)));
        Assert.Equal(PolicyFetchFailure.CertificateExpired, (await FailAsync(Options(early))).Kind);
    }

    [Fact]
    public async Task FetchAsync_CertificateOfAnotherRoot_IsCertificateUntrusted()
    {
        await using var server = Serve();
        Assert.Equal(PolicyFetchFailure.CertificateUntrusted,
            (await FailAsync(Options(server) with { TrustedRoots = new TestCertificates().Roots })).Kind);
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
        var failure = await FailAsync(new PolicyFetcherOptions { Port = port,
            Resolve = static (_, _) => new([IPAddress.Loopback, IPAddress.Parse("127.0.0.2")]), TimeProvider = Time });
        Assert.Equal(PolicyFetchFailure.Unreachable, failure.Kind);
        Assert.Contains("127.0.0.1", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.2 port {port}: connection refused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_NobodyAnswersTheConnection_IsUnreachable()
    {
        // Nothing accepts, and the queue of one that the system keeps anyway is full: no more answers, as with a firewall.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(0);
        var endPoint = (IPEndPoint)listener.LocalEndpoint;
        using var first = new TcpClient();
        await first.ConnectAsync(endPoint);

        var time = new TimeOfTwoTimers();

        var fetching = FailAsync(new PolicyFetcherOptions { Port = endPoint.Port,
            Resolve = static (_, _) => new([IPAddress.Loopback]), TimeProvider = time });
        await time.BothRun.Task;
        time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(PolicyFetchFailure.Unreachable, (await fetching).Kind);
        Assert.Contains("while connecting", (await fetching).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_FirstAddressDead_TakesTheNext()
    {
        await using var server = Serve();
        var fetched = await FetchAsync(server,
            Options(server) with { Resolve = static (_, _) => new([IPAddress.Parse("127.0.0.2"), IPAddress.Loopback]) });
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
        Assert.True(DomainName.TryParse($"{new string('a', 63)}.{new string('a', 63)}.{new string('a', 63)}.{new string('b', 54)}",
            out var domain, out _));
        var failure = await Assert.ThrowsAsync<PolicyFetchException>(() => new PolicyFetcher().FetchAsync(domain, CancellationToken.None));
        Assert.Equal(PolicyFetchFailure.HostNotFound, failure.Kind);
    }

    [Fact]
    public async Task FetchAsync_ResolverFails_IsResolutionFailed()
    {
        var failure = await FailAsync(new PolicyFetcherOptions { Resolve = static (_,
            _) => throw new InvalidOperationException("two\nlines\u001B[31m") });
        Assert.Equal(PolicyFetchFailure.ResolutionFailed, failure.Kind);
        Assert.IsType<InvalidOperationException>(failure.InnerException);
        Assert.EndsWith("two lines [31m", failure.Message, StringComparison.Ordinal);
        Assert.Equal(PolicyFetchFailure.ResolutionFailed,
            (await FailAsync(new PolicyFetcherOptions { Resolve = static (_, _) => throw new OperationCanceledException() })).Kind);
    }

    /// <summary>Signals when a fetch has begun to connect: the first timer is the whole fetch's, the second one the address's.</summary>
    private sealed class TimeOfTwoTimers : FakeTimeProvider
    {
        private int _timers;

        public TaskCompletionSource BothRun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (Interlocked.Increment(ref _timers) == 2) BothRun.SetResult();
            return timer;
        }
    }
}
