using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MtaStsHost.Certificates;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Listeners.Tls;

public sealed class TlsHandshakeTests : IAsyncLifetime
{
    private readonly TestCa _ca = new();
    private readonly ConfigurationFixture _configuration = new();
    private AppFixture _app = null!;

    public async ValueTask InitializeAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        Write("wildcard", _ca.Issue(["*.example.com", "*.example.net"], notAfter: now.AddDays(300)));
        Write("exact", _ca.Issue(["mta-sts.example.com"], notAfter: now.AddDays(10)));
        Write("later", _ca.Issue(["mta-sts.example.com"], notAfter: now.AddDays(20)));
        Write("idn", _ca.Issue(["mta-sts.xn--bcher-kva.example"], key: TestKey.Rsa));
        // The store is a file that no store can be: only who asks for an issued certificate notices.
        _configuration.Folder.Write("appsettings.json", $$"""
            { {{Json.HttpsEndpoints}}, "Storage": { "ConnectionString": "Data Source=idn.pem" },
              "MtaSts": { "Domains": {
                "example.com": {{Json.Good}}, "example.net": {{Json.Good}},
                "bücher.example": {{Json.Good}}, "bare.example": {{Json.Good}} } },
              "Tls": { "Certificates": [ {{Entry("wildcard")}}, {{Entry("exact")}}, {{Entry("later")}}, {{Entry("idn")}} ] } }
            """);
        _app = await AppFixture.StartAsync(_configuration);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _ca.Dispose();
        _configuration.Dispose();
    }

    [Theory]
    [InlineData("mta-sts.example.com", "later")]
    [InlineData("MTA-STS.example.com", "later")]
    [InlineData("mta-sts.example.net", "wildcard")]
    [InlineData("mta-sts.xn--bcher-kva.example", "idn")]
    [InlineData("mta-sts.bücher.example", "idn")]
    public async Task OnConnection_PolicyHost_GetsItsCertificateWithTheWholeChain(string sni, string expected)
    {
        X509Certificate2? leaf = null;
        IReadOnlyList<X509Certificate2> sent = [];
        await using var stream = await RawHttp.HandshakeAsync(_app.Https, sni, (certificate, chain) => (leaf, sent) = (certificate, chain));

        Assert.Equal(File.ReadAllText(_configuration.Folder[$"{expected}.pem"]).Split("-----END")[0].TrimEnd(),
            leaf!.ExportCertificatePem().Split("-----END")[0].TrimEnd());
        Assert.Contains(sent, certificate => certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) == _ca.IssuerName);
    }

    [Theory]
    [InlineData("", "no_sni")]
    [InlineData("127.0.0.1", "no_sni")] // addresses are never sent as names
    [InlineData("example.com", "unknown_name")]
    [InlineData("www.example.com", "unknown_name")] // the wildcard certificate covers it; the host doesn't serve it
    [InlineData("mta-sts.example.org", "unknown_name")]
    [InlineData("mta-sts.fuß.example", "unknown_name")]
    [InlineData("a.mta-sts.example.com", "unknown_name")]
    [InlineData("mta-sts.bare.example", "no_certificate")]
    public async Task OnConnection_NothingToServe_IsRefusedAndCounted(string sni, string reason)
    {
        X509Certificate2? leaf = null;

        var failure = await Record.ExceptionAsync(() => RawHttp.HandshakeAsync(_app.Https, sni, (certificate, _) => leaf = certificate));

        Assert.True(failure is IOException or AuthenticationException, failure?.ToString());
        Assert.Null(leaf);
        var metrics = await _app.MetricsAsync();
        Assert.Equal(["1"], metrics.Where(metric =>
            metric.Key.StartsWith("mtastshost_tls_handshakes_refused_total", StringComparison.Ordinal) && metric.Value != "0")
            .Select(metric => metric.Value));
        Assert.Equal("1", metrics[$"mtastshost_tls_handshakes_refused_total{{reason=\"{reason}\"}}"]);
        Assert.DoesNotContain(_app.Log.Lines, line => line.Contains(" ERR ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OnConnection_CertificateThatTheStoreCantGive_IsRefusedAndCountedAsSuch()
    {
        const string Bare = "mta-sts.bare.example";
        var now = TimeProvider.System.GetUtcNow();
        _app.Service<CertificateIndex>().Apply([new CertificateSummary(Bare, now, now.AddDays(90), null, null, 1)]);

        var failure = await Record.ExceptionAsync(() => RawHttp.HandshakeAsync(_app.Https, Bare));

        Assert.True(failure is IOException or AuthenticationException, failure?.ToString());
        var metrics = await _app.MetricsAsync();
        Assert.Equal("1", metrics["mtastshost_tls_handshakes_refused_total{reason=\"store\"}"]);
        Assert.Equal("0", metrics["mtastshost_tls_handshakes_refused_total{reason=\"no_certificate\"}"]);
        // Said once at the edge, and the others are served as before.
        await _app.Log.LineAsync($"Loading the certificate of {Bare} failed");
        await ThumbprintAsync("mta-sts.example.com");
    }

    [Theory]
    [InlineData("mta-sts.a\\u0000b.example")]
    [InlineData("..")]
    [InlineData("xn--zzzzzzzz99999.example")]
    [InlineData("mta-sts.example.com.")]
    public async Task OnConnection_OddServerName_IsRefusedAndTheListenerLives(string name)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_app.Https.Host, _app.Https.Port);
        await client.GetStream().WriteAsync(ClientHello(name.Replace("\\u0000", "\0", StringComparison.Ordinal)));
        await RawHttp.ReadToEndAsync(client.GetStream());

        Assert.Equal(HttpStatusCode.OK, (await GetAsync("mta-sts.example.com", HttpVersion.Version20)).StatusCode);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Get_OverTls_IsThePolicyInEitherVersion(string version)
    {
        using var response = await GetAsync("mta-sts.example.com", Version.Parse(version));

        Assert.Equal(Version.Parse(version), response.Version);
        Assert.Equal("text/plain", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(["Cache-Control", "Date"], response.Headers.Select(header => header.Key).Order());
        Assert.Equal(["Content-Length", "Content-Type"], response.Content.Headers.Select(header => header.Key).Order());
        Assert.Equal(_app.Policies.All[0].Body.ToArray(), await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Get_HostOfAnotherDomainOnTheSameConnection_IsThatDomainsPolicy()
    {
        await using var stream = await RawHttp.HandshakeAsync(_app.Https, "mta-sts.example.com");
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"GET {PolicyEndpoint.Path} HTTP/1.1\r\nHost: mta-sts.other.example\r\nConnection: close\r\n\r\n"));

        Assert.StartsWith("HTTP/1.1 404 ", await RawHttp.ReadToEndAsync(stream), StringComparison.Ordinal);
    }

    [Theory]
#pragma warning disable CA5397, SYSLIB0039 // old versions are what must be refused
    [InlineData(SslProtocols.Tls11, false)]
#pragma warning restore CA5397, SYSLIB0039
#pragma warning disable CA5398 // each version by itself
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
#pragma warning restore CA5398
    public async Task OnConnection_Version_Is12Or13(SslProtocols version, bool good)
    {
        var failure = await Record.ExceptionAsync(async () =>
        {
            await using var stream = await RawHttp.HandshakeAsync(_app.Https,
                "mta-sts.example.com", configure: options => options.EnabledSslProtocols = version);
            Assert.Equal(version, stream.SslProtocol);
        });

        Assert.Equal(good, failure is null);
    }

    [Fact]
    public async Task Refresh_NewCertificateWhileConnectionsAreOpen_KeepsThemAndServesTheNew()
    {
        await using var open = await RawHttp.HandshakeAsync(_app.Https, "mta-sts.example.com");
        var renewed = _ca.Issue(["mta-sts.example.com"], notAfter: TimeProvider.System.GetUtcNow().AddDays(80));
        var loads = _app.Loads;

        Write("later", renewed);
        await Eventually.IsTrueAsync(async () => await ThumbprintAsync("mta-sts.example.com") == renewed.Leaf().Thumbprint,
            "the new certificate is served");

        await open.WriteAsync(
            Encoding.ASCII.GetBytes($"GET {PolicyEndpoint.Path} HTTP/1.1\r\nHost: mta-sts.example.com\r\nConnection: close\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 200 ", await RawHttp.ReadToEndAsync(open), StringComparison.Ordinal);
        Assert.Equal(loads, _app.Loads);
    }

    [Fact]
    public async Task Refresh_BadFile_KeepsTheOldCertificateAndSaysSoUntilAGoodOneComes()
    {
        var before = await ThumbprintAsync("mta-sts.example.com");

        _configuration.Folder.Write("later.pem", "garbage");
        await Eventually.IsTrueAsync(() => _app.Certificates.Errors.Count == 1, "the bad file is seen");

        Assert.Equal(before, await ThumbprintAsync("mta-sts.example.com"));
        var health = await _app.GetTextAsync(_app.Management, "/health");
        Assert.Contains("\"lastError\": \"error: Tls:Certificates:2 (appsettings.json:5): ", health, StringComparison.Ordinal);
        Assert.Contains(_configuration.Folder["later.pem"], health, StringComparison.Ordinal);
        Assert.Equal("0", (await _app.MetricsAsync())["mtastshost_configuration_last_load_good"]);
        await _app.Log.LineAsync("The old certificate stays active");

        var renewed = _ca.Issue(["mta-sts.example.com"], notAfter: TimeProvider.System.GetUtcNow().AddDays(80));
        Write("later", renewed);
        await Eventually.IsTrueAsync(() => _app.Certificates.Errors.Count == 0, "the good file is seen");

        Assert.Equal(renewed.Leaf().Thumbprint, await ThumbprintAsync("mta-sts.example.com"));
        Assert.DoesNotContain("\"lastError\": \"error", await _app.GetTextAsync(_app.Management, "/health"), StringComparison.Ordinal);
        Assert.Equal("1", (await _app.MetricsAsync())["mtastshost_configuration_last_load_good"]);
    }

    [Fact]
    public async Task Refresh_KeyAndCertificateWrittenOneAfterTheOther_EndsGood()
    {
        var renewed = _ca.Issue(["mta-sts.example.com"], notAfter: TimeProvider.System.GetUtcNow().AddDays(80));

        _configuration.Folder.Write("later.key", renewed.KeyPem);
        await Eventually.IsTrueAsync(() => _app.Certificates.Errors.Count == 1, "the pair doesn't fit");
        _configuration.Folder.Write("later.pem", renewed.ChainPem);
        await Eventually.IsTrueAsync(() => _app.Certificates.Errors.Count == 0, "the pair fits again");

        Assert.Equal(renewed.Leaf().Thumbprint, await ThumbprintAsync("mta-sts.example.com"));
    }

    /// <summary>RFC 8446 §5.1.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(40)]
    public async Task OnConnection_ClientHelloInTwoRecords_GetsItsCertificate(int first)
    {
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(_app.Https.Host, _app.Https.Port);
        await using var stream = new SslStream(new FragmentingStream(client, first), leaveInnerStreamOpen: false, (_, _, _, _) => true);

        await stream.AuthenticateAsClientAsync("mta-sts.example.net");

        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"GET {PolicyEndpoint.Path} HTTP/1.1\r\nHost: mta-sts.example.net\r\nConnection: close\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 200 ", await RawHttp.ReadToEndAsync(stream), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_DomainWithoutCertificate_IsWarnedOf() =>
        Assert.Contains("mta-sts.bare.example", await _app.Log.LineAsync("no certificate covers"), StringComparison.Ordinal);

    private static string Entry(string name) => $$"""{ "Path": "{{name}}.pem", "KeyPath": "{{name}}.key" }""";

    private void Write(string name, TestCertificate certificate) => certificate.Write(_configuration.Folder.Path, name);

    private async Task<string> ThumbprintAsync(string sni)
    {
        var thumbprint = "";
        await using var stream = await RawHttp.HandshakeAsync(_app.Https, sni, (leaf, _) => thumbprint = leaf.Thumbprint);
        return thumbprint;
    }

    /// <summary>As a sender fetches: with the name, and trusting the root alone.</summary>
    private async Task<HttpResponseMessage> GetAsync(string host, Version version)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(_app.Https.Host, _app.Https.Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { _ca.Root() }, RevocationMode = X509RevocationMode.NoCheck },
            },
        };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{host}{PolicyEndpoint.Path}") { Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        return await client.SendAsync(request);
    }

    /// <summary>A minimal TLS 1.2 ClientHello with whatever bytes as the server name.</summary>
    private static byte[] ClientHello(string name)
    {
        var sni = Encoding.Latin1.GetBytes(name);
        byte[] extension = [0, 0, .. Short(sni.Length + 5), .. Short(sni.Length + 3), 0, .. Short(sni.Length), .. sni];
        byte[] hello = [3, 3, .. new byte[32], 0, 0, 2, 0xc0, 0x2f, 1, 0, .. Short(extension.Length), .. extension];
        byte[] handshake = [1, 0, .. Short(hello.Length), .. hello];
        return [22, 3, 1, .. Short(handshake.Length), .. handshake];

        static byte[] Short(int value) => [(byte)(value >> 8), (byte)value];
    }

    /// <summary>Sends the first record as two.</summary>
    private sealed class FragmentingStream(Socket socket, int first) : NetworkStream(socket)
    {
        private bool _isDone;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_isDone)
            {
                await base.WriteAsync(buffer, cancellationToken);
                return;
            }

            _isDone = true;
            var message = buffer[5..].ToArray();
            await base.WriteAsync(TestHello.Record(message[..first]), cancellationToken);
            await base.WriteAsync(TestHello.Record(message[first..]), cancellationToken);
        }
    }
}
