using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using MtaStsHost.Certificates;
using MtaStsHost.Certificates.Challenges;
using MtaStsHost.Serving;
using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Certificates;

/// <summary>Which certificate is served, seen from the client's side.</summary>
public sealed class HostCertificatesTests : IDisposable
{
    private const string Host = "mta-sts.example.com";

    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private readonly TestCa _files = new("File CA");
    private readonly TestCa _acme = new("Acme CA");

    public void Dispose()
    {
        _files.Dispose();
        _acme.Dispose();
    }

    [Theory]
    [InlineData(10, 10, "File CA")]
    [InlineData(10, -10, "File CA")]
    [InlineData(10, null, "File CA")]
    [InlineData(-10, 10, "Acme CA")]
    [InlineData(-10, null, "File CA")] // senders that don't enforce take it all the same
    [InlineData(-10, -10, "File CA")]
    [InlineData(null, 10, "Acme CA")]
    [InlineData(null, -10, "Acme CA")] // serves past its end, until a new one is there
    public async Task Handshake_FileAndIssued_GetsTheFileUnlessOnlyTheIssuedIsInDate(int? fileDays, int? issuedDays, string ca)
    {
        await using var app = await StartAsync(fileDays);
        if (issuedDays is { } days) Put(app, Record(days));

        Assert.Equal($"CN={ca} Intermediate", await IssuerAsync(app));
        Assert.Equal($"CN={ca} Intermediate", await IssuerAsync(app)); // from memory too
    }

    [Fact]
    public async Task Handshake_FileRunsOutWhileTheHostRuns_GetsTheIssuedFromThenOn()
    {
        var time = new FakeTimeProvider(_now);
        await using var app = await StartAsync(10, time);
        Put(app, Record(60));
        Assert.Equal("CN=File CA Intermediate", await IssuerAsync(app));

        time.Advance(TimeSpan.FromDays(11));

        Assert.Equal("CN=Acme CA Intermediate", await IssuerAsync(app));
    }

    [Fact]
    public async Task Replace_HundredTimesUnderLoad_FailsNoHandshakeAndEachGetsAWholeChain()
    {
        const int Replacements = 100;
        await using var app = await StartAsync(null);
        var records = Enumerable.Range(0, Replacements).Select(i => Record(30 + i)).ToList();
        Put(app, records[0]);
        var (handshakes, served) = (0, new HashSet<string>());
        using var end = new CancellationTokenSource();
        using var root = _acme.Root();
        var load = Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                var thumbprint = await HandshakeAsync(app, root, worker % 2 == 0 ? SslProtocols.Tls12 : SslProtocols.Tls13);
                lock (served) served.Add(thumbprint);
                Interlocked.Increment(ref handshakes);
            }
        })).ToList();

        foreach (var record in records)
        {
            var before = Volatile.Read(ref handshakes);
            app.Service<CertificateCache>().Replace(record);
            await Eventually.IsTrueAsync(() => Volatile.Read(ref handshakes) > before
                + 1 || load.Exists(worker => worker.IsFaulted), "handshakes go on");
        }

        await end.CancelAsync();
        await Task.WhenAll(load);
        Assert.InRange(served.Count, Replacements / 2, Replacements);
        using var last = X509Certificate2.CreateFromPem(records[^1].Certificate!.ChainPem);
        Assert.Equal(last.Thumbprint, await HandshakeAsync(app, root, SslProtocols.None));
    }

    [Theory]
    [InlineData("")]
    [InlineData(""", "Acme": { "AcceptTermsOfService": false, "EmailAddress": "a@example.com" } """)]
    public async Task Host_WithoutAcme_KeepsNothingButItsPolicies(string section)
    {
        await using var app = await StartAsync(10, more: section);

        Assert.Equal("CN=File CA Intermediate", await IssuerAsync(app));
        await Assert.ThrowsAnyAsync<Exception>(() => RawHttp.HandshakeAsync(app.Https, "mta-sts.bare.example"));
        using (var challenge = await app.GetAsync(app.Http, Http01Endpoint.Path + "token", Host)) Assert.Equal(HttpStatusCode.NotFound,
            challenge.StatusCode);
        using (var policy = await app.GetAsync(app.Http, PolicyEndpoint.Path, Host)) Assert.Equal(HttpStatusCode.OK, policy.StatusCode);
        var health = await app.GetTextAsync(app.Management, "/health");
        Assert.Contains("\"source\": \"file\"", health, StringComparison.Ordinal);
        Assert.Contains("\"storage\": {\n    \"damagedRows\": 0,\n    \"lastError\": null", health, StringComparison.Ordinal);
        await app.MetricsAsync();
        await app.RewriteAsync(Configuration("tls.pem", section).Replace("604800", "604801", StringComparison.Ordinal));
        await app.StopAsync();

        // no certificate's row was touched
        Assert.Equal(0, await app.Service<IStore>().GetRevisionAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["appsettings.json", "data", "tls.key", "tls.pem"],
            Directory.GetFileSystemEntries(app.Folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static string Configuration(string? file, string more) => $$"""
        { {{Json.HttpsEndpoints}}, "MtaSts": { "Domains": { "example.com": {{Json.Good}}, "bare.example": {{Json.Good}} } }
          {{(file is null ? "" : $$""", "Tls": { "Certificates": [ { "Path": "{{file}}", "KeyPath": "tls.key" } ] }""")}} {{more}} }
        """;

    private async Task<AppFixture> StartAsync(int? fileDays, TimeProvider? time = null, string more = "")
    {
        var configuration = new ConfigurationFixture(Configuration(fileDays is null ? null : "tls.pem", more)) { Time = time
            ?? TimeProvider.System };
        if (fileDays is { } days) _files.Issue([Host], _now.AddDays(-50), _now.AddDays(days)).Write(configuration.Folder.Path);
        return await AppFixture.StartAsync(configuration);
    }

    /// <summary>As if it had been issued; the store isn't asked, since it is in memory.</summary>
    private static void Put(AppFixture app, CertificateRecord record)
    {
        app.Service<CertificateIndex>()
            .Apply([new CertificateSummary(record.Host, record.Certificate!.NotBefore, record.Certificate.NotAfter, null, null, 1)]);
        app.Service<CertificateCache>().Replace(record);
    }

    private CertificateRecord Record(int days)
    {
        var issued = _acme.Issue([Host], _now.AddDays(-50), _now.AddDays(days));
        return new CertificateRecord
        {
            Host = Host,
            Certificate = new StoredCertificate(issued.ChainPem, issued.KeyPem,
                _acme.IssuerName, _now.AddDays(-50), _now.AddDays(days), _now, "https://ca.example/", "https://ca.example/1", null),
        };
    }

    private static async Task<string> IssuerAsync(AppFixture app)
    {
        var issuer = "";
        await using var stream = await RawHttp.HandshakeAsync(app.Https, Host, (leaf, _) => issuer = leaf.Issuer);
        return issuer;
    }

    /// <summary>As a sender does it: trusting the root alone, so that a missing intermediate fails it. Returns the leaf's
    /// thumbprint.</summary>
    private static async Task<string> HandshakeAsync(AppFixture app, X509Certificate2 root, SslProtocols version)
    {
        await using var stream = await RawHttp.HandshakeAsync(app.Https, Host, configure: options =>
        {
            options.EnabledSslProtocols = version;
            options.RemoteCertificateValidationCallback = null;
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { root },
                    RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true,
            };
        });
        return ((X509Certificate2)stream.RemoteCertificate!).Thumbprint;
    }
}
