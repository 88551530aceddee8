using System.Formats.Asn1;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Listeners.Tls;

/// <summary>RFC 8737 §3, on the real listener: which clients get the challenge's certificate, and that others don't notice.</summary>
public sealed class ChallengeHandshakeTests : IAsyncLifetime
{
    private const string Protocol = "acme-tls/1";
    private const string Host = "mta-sts.example.com";
    private const string Bare = "mta-sts.bare.example"; // has no certificate yet: what challenges are for
    private const string KeyAuthorization = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI";

    private readonly TestCa _ca = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private AppFixture _app = null!;

    private OpenChallenges Open => _app.Service<OpenChallenges>();

    public async ValueTask InitializeAsync()
    {
        var configuration = new ConfigurationFixture($$"""
            { {{Json.HttpsEndpoints}}, "MtaSts": { "Domains": { "example.com": {{Json.Good}}, "bare.example": {{Json.Good}} } },
              "Serilog": { "MinimumLevel": "Debug" }, "Tls": { "Certificates": [ { "Path": "tls.pem", "KeyPath": "tls.key" } ] } }
            """) { Time = _time };
        _ca.Issue([Host]).Write(configuration.Folder.Path);
        _app = await AppFixture.StartAsync(configuration);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _ca.Dispose();
    }

    [Theory]
#pragma warning disable CA5398 // each version by itself
    [InlineData(Bare, Bare, SslProtocols.Tls12)]
    [InlineData(Bare, "MTA-STS.Bare.example", SslProtocols.Tls13)]
    [InlineData(Host, Host, SslProtocols.Tls13)] // a renewal
#pragma warning restore CA5398
    public async Task Guard_OnlyAcmeTlsForAnOpenChallenge_GetsItsCertificate(string host, string sni, SslProtocols version)
    {
        Set(host);
        X509Certificate2? leaf = null;

        await using var stream = await RawHttp.HandshakeAsync(_app.Https, sni, (certificate, _) => leaf = certificate, options =>
        {
            options.ApplicationProtocols = [new(Protocol)];
            options.EnabledSslProtocols = version;
        });

        Assert.Equal((Protocol, version), (stream.NegotiatedApplicationProtocol.ToString(), stream.SslProtocol));
        Assert.Equal(leaf!.Subject, leaf.Issuer);
        Assert.Equal([host], Assert.Single(leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>()).EnumerateDnsNames());
        var extension = Assert.Single(leaf.Extensions, extension => extension.Oid!.Value == "1.3.6.1.5.5.7.1.31");
        Assert.True(extension.Critical);
        Assert.Equal(SHA256.HashData(Encoding.ASCII.GetBytes(KeyAuthorization)),
            AsnDecoder.ReadOctetString(extension.RawData, AsnEncodingRules.DER, out _));
        // There is nothing behind it: who goes on to ask for something gets no answer.
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: mta-sts.example.com\r\nConnection: close\r\n\r\n"u8.ToArray());
        Assert.Equal("", await RawHttp.ReadToEndAsync(stream));
    }

    [Theory]
    [InlineData(Host)] // has an ordinary certificate, which must not come with that protocol
    [InlineData("mta-sts.example.net")]
    [InlineData("")]
    public async Task Guard_AcmeTlsForAnotherHost_GetsNoCertificate(string sni)
    {
        Set(Bare);

        await AssertRefusedAsync(sni);
    }

    [Theory]
    [InlineData("never opened")]
    [InlineData("expired")]
    [InlineData("closed")]
    [InlineData("http-01")]
    public async Task Guard_AcmeTlsWithoutAnOpenChallenge_GetsNoCertificate(string state)
    {
        if (state != "never opened") Set(Bare, state == "http-01" ? "http-01" : "tls-alpn-01");
        Set("mta-sts.other.example"); // so that the listener intercepts at all
        if (state == "expired") _time.Advance(TimeSpan.FromHours(1));
        if (state == "closed") Open.Set(Bare, []);

        await AssertRefusedAsync(Bare);
    }

    [Fact]
    public async Task Guard_AcmeTlsWhileNothingIsOpen_GetsNoCertificate()
    {
        Assert.False(Open.Any);

        await AssertRefusedAsync(Host);
    }

    [Theory]
    [InlineData("h2", "acme-tls/1", "h2")]
    [InlineData("http/1.1", "http/1.1", "acme-tls/1")]
    [InlineData("h2", "acme-tls/1", "h2", "http/1.1")]
    [InlineData("h2", "h2")]
    [InlineData("http/1.1", "http/1.1")]
    [InlineData("")]
    public async Task Guard_OtherProtocols_GetTheOrdinaryCertificate(string negotiated, params string[] offered)
    {
        Set(Host);
        X509Certificate2? leaf = null;

        await using var stream = await RawHttp.HandshakeAsync(_app.Https, Host, (certificate, _) => leaf = certificate, options =>
            options.ApplicationProtocols = offered.Length == 0 ? null
                : [.. offered.Select(protocol => new SslApplicationProtocol(protocol))]);

        Assert.Equal(negotiated, stream.NegotiatedApplicationProtocol.ToString());
        Assert.Equal($"CN={_ca.IssuerName}", leaf!.Issuer);
    }

    [Fact]
    public async Task Guard_BothProtocolsForAHostWithoutCertificate_GetsNone()
    {
        Set(Bare);

        await AssertRefusedAsync(Bare, Protocol, "h2");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Guard_RequestsWhileAChallengeIsOpen_AreAnsweredAsEver(string version)
    {
        Set(Host);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.Zero, // a handshake each
            SslOptions = { TargetHost = Host, RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                certificate!.Issuer == $"CN={_ca.IssuerName}" },
        });

        await Parallel.ForAsync(0, 20, async (_, cancellation) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_app.Https, PolicyEndpoint.Path)) { Version =
                Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.Host = Host;
            using var response = await client.SendAsync(request, cancellation);
            Assert.Equal((HttpStatusCode.OK, request.Version), (response.StatusCode, response.Version));
        });
    }

    [Theory]
    [InlineData(Bare, Protocol, "CN=ACME challenge")]
    [InlineData(Host, "h2", "CN=Test CA Intermediate")]
    public async Task Guard_ClientHelloByteByByte_IsLookedAtAsAWhole(string sni, string protocol, string issuer)
    {
        Set(Bare);
        using var client = await ConnectAsync();
        await using var tls = new SslStream(new SlowStream(client.GetStream()));

        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = sni,
            ApplicationProtocols = [new(protocol)],
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.Issuer == issuer,
        });

        Assert.Equal(protocol, tls.NegotiatedApplicationProtocol.ToString());
    }

    [Fact]
    public async Task Guard_ClientHelloThatNeverEnds_IsEndedInTimeAndHarmsNobody()
    {
        Set(Bare);
        var hello = TestHello.With(TestHello.ServerName(Bare), TestHello.Protocols(Protocol));
        var hanging = new List<TcpClient>();
        foreach (var length in Enumerable.Range(0, 50))
        {
            hanging.Add(await ConnectAsync());
            await hanging[^1].GetStream().WriteAsync(hello.AsMemory(0, length));
        }

        await ChallengeIssuerAsync();
        // Each one's time begins when the service accepts it, which can't be seen from here: the clock advances until all are closed.
        var ends = hanging.ConvertAll(client => RawHttp.ReadToEndAsync(client.GetStream()));
        await Eventually.IsTrueAsync(() => IsOverAsync(ends), "the connections are ended");
        foreach (var end in ends) Assert.Equal("", await end);
        hanging.ForEach(client => client.Dispose());
        await AssertNoErrorsToTheEndAsync();
    }

    public static TheoryData<string, byte[]> Garbage() => new()
    {
        { "nothing", [] },
        { "a byte", [22] },
        { "HTTP", [.. "GET / HTTP/1.1\r\n\r\n"u8] },
        { "half a record", [22, 3, 1, 0x40, 0, .. new byte[100]] },
        { "a record of zeros", [22, 3, 1, 0x40, 0, .. new byte[0x4000]] },
        { "zeros", new byte[40_000] },
        { "a ServerHello", TestHello.Record([2, .. TestHello.Message(TestHello.Block2([]))[1..]]) },
        { "half a message in a whole record", TestHello.Record(TestHello.Message(TestHello.Block2(TestHello.ServerName(Bare)))[..40]) },
        { "an empty record", [22, 3, 1, 0, 0, 22, 3, 1, 0, 1, 1] },
        { "an alert", [21, 3, 3, 0, 2, 2, 40] },
        { "data", [23, 3, 3, 0, 3, 1, 2, 3] },
        { "SSL 2", [0x80, 0x2e, 1, 3, 1, 0, 21, 0, 0, 0, 16, .. new byte[37]] },
        { "a ClientHello alone", TestHello.With(TestHello.ServerName(Bare), TestHello.Protocols(Protocol)) },
        { "a ClientHello with no name", TestHello.With(TestHello.Protocols(Protocol)) },
        { "a ClientHello with broken extensions", TestHello.With(TestHello.Extension(0, [9, 9]), TestHello.Protocols(Protocol)) },
    };

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Guard_GarbageThenAnEndOrAReset_HarmsNobodyAndIsNoError(string what, byte[] message)
    {
        Assert.NotEmpty(what);
        foreach (var isOpen in new[] { false, true })
        {
            if (isOpen) Set(Bare);
            using var resets = await ConnectAsync();
            using var ends = await ConnectAsync();
            await SendAsync(resets, message);
            await SendAsync(ends, message);
            // Another one's handshake in between, so that the host has taken these two and waits for more.
            await using (await RawHttp.HandshakeAsync(_app.Https, Host))
            {
                resets.LingerState = new LingerOption(true, 0);
                resets.Client.Dispose(); // the client's own would end it first, and not reset it
                if (ends.Connected) ends.Client.Shutdown(SocketShutdown.Send);
            }
        }

        await ChallengeIssuerAsync();
        await AssertNoErrorsToTheEndAsync();
    }

    [Fact]
    public async Task Guard_OpenSslAsTheClient_SeesProtocolAndExtension()
    {
        Set(Bare);
        var openssl = Tools.Require("openssl");

        var (_, output) = await Tools.RunAsync(openssl, "s_client", "-connect",
            $"{_app.Https.Host}:{_app.Https.Port}", "-servername", Bare, "-alpn", Protocol);
        var (_, refused) = await Tools.RunAsync(openssl, "s_client", "-connect",
            $"{_app.Https.Host}:{_app.Https.Port}", "-servername", Host, "-alpn", Protocol);

        Assert.Contains($"ALPN protocol: {Protocol}", output, StringComparison.Ordinal);
        var certificate = _app.Folder.Write("challenge.pem", output[output.IndexOf("-----BEGIN", StringComparison.Ordinal)..]);
        var (_, text) = await Tools.RunAsync(openssl, "x509", "-in", certificate, "-noout", "-text");
        Assert.Contains($"DNS:{Bare}", text, StringComparison.Ordinal);
        Assert.Contains("1.3.6.1.5.5.7.1.31: critical", text, StringComparison.Ordinal);
        Assert.Contains("no peer certificate available", refused, StringComparison.Ordinal);
    }

    private void Set(string host, string type = "tls-alpn-01") =>
        Open.Set(host, [new StoredChallenge(host, type, KeyAuthorization.Split('.')[0], KeyAuthorization, _time.GetUtcNow().AddHours(1))]);

    private async Task AssertRefusedAsync(string sni, params string[] protocols)
    {
        X509Certificate2? leaf = null;

        var failure = await Record.ExceptionAsync(() =>
            RawHttp.HandshakeAsync(_app.Https, sni, (certificate, _) => leaf = certificate, options =>
            options.ApplicationProtocols = [.. (protocols.Length == 0 ? [Protocol] : protocols)
                .Select(protocol => new SslApplicationProtocol(protocol))]));

        Assert.True(failure is IOException or AuthenticationException, failure?.ToString());
        Assert.Null(leaf);
        await AssertNoErrorsToTheEndAsync();
    }

    /// <summary>The host may have enough of it before the end.</summary>
    private static async Task SendAsync(TcpClient client, byte[] message)
    {
        try
        {
            await client.GetStream().WriteAsync(message);
        }
        catch (IOException)
        {
            // It has.
        }
    }

    private Task<bool> IsOverAsync(List<Task<string>> ends)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return Task.FromResult(ends.TrueForAll(end => end.IsCompleted));
    }

    /// <summary>That the challenge is answered still.</summary>
    private async Task ChallengeIssuerAsync()
    {
        var issuer = "";
        await using var stream = await RawHttp.HandshakeAsync(_app.Https,
            Bare, (certificate, _) => issuer = certificate.Issuer, options => options.ApplicationProtocols = [new(Protocol)]);
        Assert.Equal("CN=ACME challenge", issuer);
    }

    /// <summary>The log is written in the background: its last line is waited for, which comes when every connection has been dealt
    /// with.</summary>
    private async Task AssertNoErrorsToTheEndAsync()
    {
        await _app.StopAsync();
        await _app.Log.LineAsync("MtaStsHost has stopped");
        Assert.DoesNotContain(_app.Log.Lines, line => line.Contains(" ERR ", StringComparison.Ordinal));
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(_app.Https.Host, _app.Https.Port);
        return client;
    }

    /// <summary>Sends each byte by itself.</summary>
    private sealed class SlowStream(NetworkStream stream) : Stream
    {
        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            for (var at = 0; at < buffer.Length; at++)
            {
                await stream.WriteAsync(buffer.Slice(at, 1), cancellationToken);
                await Task.Yield();
            }
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            stream.ReadAsync(buffer, cancellationToken);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
