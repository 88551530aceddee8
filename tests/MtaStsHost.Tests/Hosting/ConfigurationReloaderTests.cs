using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Acme.Testing;
using Microsoft.Extensions.Hosting;
using MtaStsHost.Hosting;
using MtaStsHost.Serving;
using MtaStsHost.Testing;
using MtaStsHost.Tests.Configuration;

namespace MtaStsHost.Tests.Hosting;

public sealed class ConfigurationReloaderTests
{
    private const string Host = "mta-sts.example.com";

    /// <summary>Spec §1. The half second on top is the machine's, which runs other tests too.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(2.5);

    [Fact]
    public async Task Edit_Policy_IsInForceWithItsIdAndLog()
    {
        await using var app = await AppFixture.StartAsync(Policy("testing"));

        await app.ChangeAsync(() => app.Folder.Write("appsettings.json", Policy("enforce")), s_limit);

        Assert.Contains("mode: enforce", await PolicyAsync(app), StringComparison.Ordinal);
        Assert.Contains("domains: 1, new or changed: 1, removed: 0", await app.Log.LineAsync("Configuration reloaded"),
            StringComparison.Ordinal);
        Assert.EndsWith($"example.com is new or changed: publish _mta-sts.example.com TXT \"{app.Policies.All[0].TxtValue}\"",
            await app.Log.LineAsync("publish"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edit_PolicyUnderAFixedId_IsWarnedOf()
    {
        static string Fixed(string mode) =>
            Json.WithDomain($$"""{ "Mode": "{{mode}}", "Mx": [ "mail.example.com" ], "MaxAge": 604800, "Id": "20260102" }""");
        await using var app = await AppFixture.StartAsync(Fixed("testing"));

        await app.ChangeAsync(() => app.Folder.Write("appsettings.json", Fixed("enforce")), s_limit);

        Assert.Contains(" WRN example.com has a new policy under its old id 20260102, so senders won't fetch it",
            await app.Log.LineAsync("old id"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edit_DomainRemovedBeforeItsPolicyIsNoneWithoutRetirement_IsWarnedOf()
    {
        await using var app = await AppFixture.StartAsync(Policy("enforce"));

        await app.ChangeAsync(() => app.Folder.Write("appsettings.json", Json.With("""{ "Retirement": "Off" }""")), s_limit);

        Assert.Contains(" WRN example.com was removed while senders may hold its policy for up to 604800 s",
            await app.Log.LineAsync("was removed"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edit_DomainRemovedBeforeItsPolicyIsNone_IsServedForAnHourAndSaysSo()
    {
        await using var app = await AppFixture.StartAsync(Policy("enforce"));

        await app.ChangeAsync(() => app.Folder.Write("appsettings.json", Json.With("{}")), s_limit);

        Assert.Contains("mode: enforce", await PolicyAsync(app), StringComparison.Ordinal);
        var line = await app.Log.LineAsync("was removed");
        Assert.Contains(" WRN example.com was removed: its policy is served until ", line, StringComparison.Ordinal);
        Assert.Contains("\"code\": \"not-safe-to-remove\"", await app.GetTextAsync(app.Management, "/health"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task IncludeFolder_IsGoneAndComesBack_ChangesNothingButHealth()
    {
        var configuration = new ConfigurationFixture(Json.With("""{ "Include": [ "customers/*.json" ] }"""));
        configuration.Folder.Write("customers/a.json",
            """{ "Domains": { "example.com": { "Mode": "enforce", "Mx": [ "mail.example.com" ], "MaxAge": 604800 } } }""");
        await using var app = await AppFixture.StartAsync(configuration);

        await app.ChangeAsync(() => Directory.Move(app.Folder["customers"], app.Folder["elsewhere"]), s_limit);
        Assert.Contains("the folder is gone", app.Live.Current.LastError, StringComparison.Ordinal);
        Assert.Contains("mode: enforce", await PolicyAsync(app), StringComparison.Ordinal);
        await app.ChangeAsync(() => Directory.Move(app.Folder["elsewhere"], app.Folder["customers"]), 2 * s_limit);

        Assert.Null(app.Live.Current.LastError);
        Assert.Null(Assert.Single(app.Policies.All).Removal);
    }

    [Fact]
    public async Task Edit_MostDomainsRemoved_WaitsForConfirmationAndSaysSo()
    {
        static string Domains(int count, string more = "") => Json.With($$"""
            { "Defaults": { "Mode": "enforce", "MaxAge": 604800, "Mx": [ "mail.example.com" ] },
            "Domains": { {{string.Join(", ", Enumerable.Range(0, count).Select(i => $"\"d{i}.example\": {{}}"))}} }{{more}} }
            """);
        await using var app = await AppFixture.StartAsync(Domains(10));

        await app.ChangeAsync(() => app.Folder.Write("appsettings.json", Domains(1)), s_limit);

        const string Error = "9 of 10 domains were removed at once";
        Assert.All(app.Policies.All, policy => Assert.Equal(MtaSts.PolicyMode.Enforce, policy.Policy.Mode));
        Assert.Contains(" ERR ", await app.Log.LineAsync(Error), StringComparison.Ordinal);
        Assert.Contains(Error, await app.GetTextAsync(app.Management, "/health"), StringComparison.Ordinal);
        Assert.Equal("9", (await app.MetricsAsync())["mtastshost_domains_removed{stage=\"unconfirmed\"}"]);
        await app.RewriteAsync(Domains(1, """, "ConfirmRemoval": 9"""));
        Assert.DoesNotContain(Error, await app.GetTextAsync(app.Management, "/health"), StringComparison.Ordinal);
        Assert.Equal("9", (await app.MetricsAsync())["mtastshost_domains_removed{stage=\"grace\"}"]);
    }

    [Fact]
    public async Task Rename_OverTheFile_IsInForce()
    {
        await using var app = await AppFixture.StartAsync(Policy("testing"));

        await app.ChangeAsync(() => app.Folder.Replace("appsettings.json", Policy("enforce")), s_limit);

        Assert.Contains("mode: enforce", await PolicyAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rename_SameLengthAndTimes_IsInForce()
    {
        await using var app = await AppFixture.StartAsync(Policy("testing"));
        var time = File.GetLastWriteTimeUtc(app.Folder["appsettings.json"]);
        app.Folder.Write("next", Policy("enforce"));
        File.SetLastWriteTimeUtc(app.Folder["next"], time);

        await app.ChangeAsync(() => File.Move(app.Folder["next"], app.Folder["appsettings.json"], overwrite: true), s_limit);

        Assert.Contains("mode: enforce", await PolicyAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeleteAndWriteAnew_File_EndsInForce()
    {
        await using var app = await AppFixture.StartAsync(Policy("testing"));

        await app.ChangeAsync(() => app.Folder.Delete("appsettings.json"), s_limit);
        Assert.Contains("mode: testing", await PolicyAsync(app), StringComparison.Ordinal);
        await app.RewriteAsync(Policy("enforce"));

        Assert.Contains("mode: enforce", await PolicyAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SymlinkSwitch_AsKubernetesDoes_IsInForce()
    {
        var configuration = new ConfigurationFixture();
        configuration.Folder.Write("..1/appsettings.json", Policy("testing"));
        configuration.Folder.Write("..2/appsettings.json", Policy("enforce"));
        configuration.Folder.Link("..data", "..1");
        configuration.Folder.Link("appsettings.json", "..data/appsettings.json");
        await using var app = await AppFixture.StartAsync(configuration);

        await app.ChangeAsync(
            () =>
            {
                configuration.Folder.Link("..data", "..2");
                Directory.Delete(configuration.Folder["..1"], recursive: true);
            },
            s_limit);

        Assert.Contains("mode: enforce", await PolicyAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Touch_WithoutChange_ChangesNoPolicy()
    {
        await using var app = await AppFixture.StartAsync(Policy("testing"));

        await app.ChangeAsync(() => File.SetLastWriteTimeUtc(app.Folder["appsettings.json"], DateTime.UnixEpoch), s_limit);

        Assert.Contains("domains: 1, new or changed: 0, removed: 0", await app.Log.LineAsync("Configuration reloaded"),
            StringComparison.Ordinal);
        Assert.Null(app.Live.Current.LastError);
    }

    [Fact]
    public async Task Include_FileComesChangesAndGoes_IsInForce()
    {
        await using var app = await AppFixture.StartAsync(Json.With("""{ "Include": [ "domains.d/*.json" ] }"""));
        Assert.Equal(HttpStatusCode.NotFound, (await app.GetAsync(app.Http, PolicyEndpoint.Path, Host)).StatusCode);

        await app.ChangeAsync(() => app.Folder.Write("domains.d/a.json", $$"""{ "Domains": { "example.com": {{Json.Good}} } }"""), s_limit);
        Assert.Contains("mode: enforce", await PolicyAsync(app), StringComparison.Ordinal);
        await app.ChangeAsync(() => app.Folder.Write("domains.d/a.json",
            """{ "Domains": { "example.com": { "Mode": "none", "MaxAge": 86400 } } }"""), s_limit);
        Assert.Contains("mode: none", await PolicyAsync(app), StringComparison.Ordinal);
        await app.ChangeAsync(() => app.Folder.Delete("domains.d/a.json"), s_limit);
        Assert.Contains("max_age: 86400", await PolicyAsync(app), StringComparison.Ordinal); // senders may hold the one before
        await app.ChangeAsync(() => app.Folder.Write("appsettings.json",
            Json.With("""{ "Include": [ "domains.d/*.json" ], "Retirement": "Off" }""")), s_limit);

        Assert.Equal(HttpStatusCode.NotFound, (await app.GetAsync(app.Http, PolicyEndpoint.Path, Host)).StatusCode);
        await app.Log.LineAsync("example.com is no longer served, because MtaSts:Retirement is Off");
    }

    [Fact]
    public async Task OptionalFile_ComesLater_IsInForce()
    {
        await using var app = await AppFixture.StartAsync(Policy("testing"));

        await app.ChangeAsync(() => app.Folder.Write("appsettings.Production.json",
            """{ "MtaSts": { "Domains": { "example.com": { "Mode": "enforce" } } } }"""), s_limit);

        Assert.Contains("mode: enforce", await PolicyAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BadEdit_KeepsTheLastGoodAndSaysSoUntilAGoodOneComes()
    {
        await using var app = await AppFixture.StartAsync(Policy("testing"));
        using var before = await HealthAsync(app);

        await app.ChangeAsync(() => app.Folder.Write("appsettings.json", Policy("enforced")), s_limit);

        Assert.Contains("mode: testing", await PolicyAsync(app), StringComparison.Ordinal);
        using (var health = await HealthAsync(app))
        {
            Assert.Equal("Degraded", health.RootElement.GetProperty("status").GetString());
            var configuration = health.RootElement.GetProperty("configuration");
            Assert.Equal(
                "error: MtaSts:Domains:example.com:Mode (appsettings.json:1): 'enforced' is not a mode; use none, testing or enforce",
                    configuration.GetProperty("lastError").GetString());
            Assert.Equal(before.RootElement.GetProperty("configuration").GetProperty("loadedAt").GetString(),
                configuration.GetProperty("loadedAt").GetString());
        }

        await app.Log.LineAsync(" ERR error: MtaSts:Domains:example.com:Mode (appsettings.json:1): 'enforced' is not a mode");
        await app.Log.LineAsync("The changed configuration is not active");
        var metrics = await app.MetricsAsync();
        Assert.Equal(("1", "1", "0"), (metrics["mtastshost_configuration_loads_total{result=\"good\"}"],
            metrics["mtastshost_configuration_loads_total{result=\"bad\"}"], metrics["mtastshost_configuration_last_load_good"]));

        await app.RewriteAsync(Policy("enforce"));

        using var after = await HealthAsync(app);
        Assert.Equal("Healthy", after.RootElement.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, after.RootElement.GetProperty("configuration").GetProperty("lastError").ValueKind);
        Assert.Contains("mode: enforce", await PolicyAsync(app), StringComparison.Ordinal);
        metrics = await app.MetricsAsync();
        Assert.Equal(("2", "1", "1"), (metrics["mtastshost_configuration_loads_total{result=\"good\"}"],
            metrics["mtastshost_configuration_loads_total{result=\"bad\"}"], metrics["mtastshost_configuration_last_load_good"]));
    }

    [Fact]
    public async Task BadEdit_OfOneDomain_ChangesNoOther()
    {
        await using var app = await AppFixture.StartAsync(Json.WithDomains($$"""{ "example.com": {{Json.Good}} }"""));

        await app.ChangeAsync(() => app.Folder.Write("appsettings.json",
            Json.WithDomains("""{ "example.com": { "Mode": "none", "MaxAge": 86400 }, "mta-sts.bad.example": {} }""")), s_limit);

        Assert.Contains("mode: enforce", await PolicyAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BadEdit_ManyErrors_AreCutInHealthAndLog()
    {
        await using var app = await AppFixture.StartAsync(Policy("testing"));

        await app.ChangeAsync(() => app.Folder.Write("appsettings.json",
            Json.WithDomains("{" + string.Join(',', Enumerable.Range(0, 100).Select(i => $"\"d{i}\":{Json.Good}")) + "}")), s_limit);

        Assert.Equal(21, app.Live.Current.LastError!.Split('\n').Length);
        Assert.EndsWith("and 80 more", app.Live.Current.LastError, StringComparison.Ordinal);
        await app.Log.LineAsync("More errors: 90");
    }

    [Fact]
    public async Task MissingCertificate_ComesLater_IsInForceWithItsConfiguration()
    {
        using var ca = new TestCa();
        await using var app = await AppFixture.StartAsync(Policy("testing"));
        await app.ChangeAsync(
            () => app.Folder.Write("appsettings.json", Policy("enforce")[..^2]
                + """, "Tls": { "Certificates": [ { "Path": "certs/tls.pem", "KeyPath": "certs/tls.key" } ] } }"""), s_limit);
        Assert.Contains("certs/tls.pem can't be read", app.Live.Current.LastError, StringComparison.Ordinal);

        ca.Issue([Host]).Write(app.Folder["certs"]);
        // The count changes last, once all of a configuration is active.
        await Eventually.IsTrueAsync(() => app.Live.Current is { LastError: null, Good: 2 },
            "the configuration whose certificate was missing comes into force", TimeSpan.FromSeconds(4));

        Assert.Contains("mode: enforce", await PolicyAsync(app), StringComparison.Ordinal);
        Assert.Single(app.Certificates.Current.All);
    }

    [Fact]
    public async Task RenewedCertificate_WhileAConfigurationIsRefused_IsServedAllTheSame()
    {
        using var ca = new TestCa();
        const string more = """ "Tls": { "Certificates": [ { "Path": "tls.pem", "KeyPath": "tls.key" } ] } """;
        var configuration = new ConfigurationFixture(Json.WithDomains($$"""{ "example.com": {{Json.Good}} }""", more));
        ca.Issue([Host]).Write(configuration.Folder.Path);
        await using var app = await AppFixture.StartAsync(configuration);
        await app.ChangeAsync(() => app.Folder.Write("appsettings.json", Json.WithDomains("""{ "example.com": {} }""", more)));
        Assert.NotNull(app.Live.Current.LastError);

        var renewed = ca.Issue([Host], notAfter: TimeProvider.System.GetUtcNow().AddDays(200));
        renewed.Write(app.Folder.Path);

        await Eventually.IsTrueAsync(
            () => app.Certificates.Current.All[0].NotAfter.UtcDateTime == renewed.Leaf().NotAfter.ToUniversalTime(),
                "the renewed certificate is active", TimeSpan.FromSeconds(5));
        Assert.NotNull(app.Live.Current.LastError);
    }

    [Fact]
    public async Task Edit_WhileACertificateIsHalfRenewed_IsInForceAndTheFileIsReportedOnce()
    {
        using var ca = new TestCa();
        const string more = """ "Tls": { "Certificates": [ { "Path": "tls.pem", "KeyPath": "tls.key" } ] } """;
        var configuration = new ConfigurationFixture(Json.WithDomains($$"""{ "example.com": {{Json.Good}} }""", more));
        ca.Issue([Host]).Write(configuration.Folder.Path);
        await using var app = await AppFixture.StartAsync(configuration);
        var serial = app.Certificates.Current.All[0].NotAfter;
        using var renewed = new TempFolder();
        ca.Issue([Host], notAfter: TimeProvider.System.GetUtcNow().AddDays(200)).Write(renewed.Path);
        File.Copy(renewed["tls.pem"], app.Folder["tls.pem"], overwrite: true); // its key comes later
        await app.Log.LineAsync("The old certificate stays active");

        var edited = Json.Good.Replace("enforce", "testing", StringComparison.Ordinal);
        await app.ChangeAsync(() => app.Folder.Write("appsettings.json", Json.WithDomains($$"""{ "example.com": {{edited}} }""", more)));

        Assert.Null(app.Live.Current.LastError);
        Assert.Contains("mode: testing", await PolicyAsync(app), StringComparison.Ordinal);
        Assert.Equal(serial, app.Certificates.Current.All[0].NotAfter);
        Assert.Single(app.Certificates.Errors, error => error.Contains("tls.pem", StringComparison.Ordinal));

        File.Copy(renewed["tls.key"], app.Folder["tls.key"], overwrite: true);
        await Eventually.IsTrueAsync(() => app.Certificates.Errors.Count == 0 && app.Certificates.Current.All[0].NotAfter > serial,
            "the renewed certificate is active");
    }

    [Fact]
    public async Task Listener_AddedAndRemoved_OpensAndCloses()
    {
        await using var app = await AppFixture.StartAsync(Policy("testing"));
        var http = app.Http;
        var second = $$"""
            { "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:0" }, "Management": { "Url": "http://127.0.0.1:0" }, "Https": { "Url": "http://127.0.0.2:{{http.Port}}" } } },
              "MtaSts": { "Domains": { "example.com": {{Json.Good}} } } }
            """;

        await app.RewriteAsync(second);
        var added = new Uri($"http://127.0.0.2:{http.Port}");
        await Eventually.IsTrueAsync(async () => await StatusAsync(app, added) == HttpStatusCode.OK, "the new listener answers");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, http));

        await app.RewriteAsync(Policy("testing"));
        await Eventually.IsTrueAsync(async () => await StatusAsync(app, added) is null, "the listener is closed");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, http));
    }

    [Fact]
    public async Task Listener_AddressThatIsTaken_IsRefusedAndTheOldOnesStay()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        await using var app = await AppFixture.StartAsync(Policy("testing"));

        await app.ChangeAsync(
            () => app.Folder.Write("appsettings.json", Policy("enforce")
                .Replace("\"Http\": { \"Url\": \"http://127.0.0.1:0\" }",
                $"\"Http\": {{ \"Url\": \"http://127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}\" }}", StringComparison.Ordinal)),
            s_limit);

        Assert.Contains("another program listens on it", app.Live.Current.LastError, StringComparison.Ordinal);
        Assert.Contains("mode: testing", await PolicyAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listener_WiderAddressWhosePortAnotherProgramHas_IsRefusedUntilItIsFree()
    {
        var port = FreePorts.Next();
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), port));
        taken.Listen();
        await using var app = await AppFixture.StartAsync(On($"http://127.0.0.1:{port}"));

        await app.ChangeAsync(() => app.Folder.Write("appsettings.json", On($"http://*:{port}")), s_limit);

        Assert.Contains("another program listens on it", app.Live.Current.LastError, StringComparison.Ordinal);
        Assert.Contains("mode: testing", await PolicyAsync(app), StringComparison.Ordinal);
        taken.Dispose();
        await Eventually.IsTrueAsync(async () => await StatusAsync(app, new Uri($"http://127.0.0.2:{port}")) == HttpStatusCode.OK,
            "the wider address is listened on");
        Assert.Null(app.Live.Current.LastError);
        Assert.Contains("mode: testing", await PolicyAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listener_LocalhostWithOneFamilyTaken_IsRefusedAndTheOldOneStays()
    {
        using var taken = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.IPv6Loopback, FreePorts.Next()));
        taken.Listen();
        await using var app = await AppFixture.StartAsync(Policy("testing"));

        await app.ChangeAsync(() => app.Folder.Write("appsettings.json",
            On($"http://localhost:{((IPEndPoint)taken.LocalEndPoint!).Port}")), s_limit);

        Assert.Contains("another program listens on it", app.Live.Current.LastError, StringComparison.Ordinal);
        Assert.Contains("mode: testing", await PolicyAsync(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listener_UnixSocketInAFolderThatDoesNotExist_IsRefusedUntilItDoes()
    {
        await using var app = await AppFixture.StartAsync(Policy("testing"));

        await app.ChangeAsync(() => app.Folder.Write("appsettings.json", On($"http://unix:{app.Folder["run/socket"]}")), s_limit);

        Assert.Contains("its folder does not exist", app.Live.Current.LastError, StringComparison.Ordinal);
        Assert.Contains("mode: testing", await PolicyAsync(app), StringComparison.Ordinal);
        Directory.CreateDirectory(app.Folder["run"]);
        await Eventually.IsTrueAsync(() => app.Live.Current.LastError is null && File.Exists(app.Folder["run/socket"]),
            "it is listened on");
    }

    [Fact]
    public async Task Listener_OtherProtocolsWhileAConnectionIsOpen_AnswersAllTheTime()
    {
        var url = $"http://127.0.0.1:{FreePorts.Next()}";
        await using var app = await AppFixture.StartAsync(On(url));
        using var open = new TcpClient();
        await open.ConnectAsync(app.Http.Host, app.Http.Port);
        await open.GetStream().WriteAsync("GET / HTTP/1.1\r\n"u8.ToArray());
        using var handler = new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero };
        // Kestrel waits five seconds for the open connection.
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(4) };

        await app.RewriteAsync(On(url, ", \"Protocols\": \"Http1\""));
        var end = RawHttp.ReadToEndAsync(open.GetStream());
        for (var after = 0; after < 20; after += end.IsCompleted ? 1 : 0)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get,
                new Uri(app.Http, PolicyEndpoint.Path)) { Headers = { Host = Host } };
            using var response = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task NamedPipeAmongIncludedFiles_IsRefusedUntilItIsGone()
    {
        await using var app = await AppFixture.StartAsync(Json.With($$"""
            { "Include": [ "domains.d/*.json" ], "Domains": { "example.com": {{Json.Good}} } }
            """));

        await app.ChangeAsync(() =>
        {
            Directory.CreateDirectory(app.Folder["domains.d"]);
            BoundedFileTests.MakeFifo(app.Folder["domains.d/a.json"]);
        });

        Assert.Contains("domains.d/a.json: the file can't be read; it is not a regular file", app.Live.Current.LastError,
            StringComparison.Ordinal);
        app.Folder.Delete("domains.d/a.json");
        await Eventually.IsTrueAsync(() => app.Live.Current.LastError is null, "the loop goes on");
    }

    [Fact]
    public async Task Request_NothingHasChanged_Reloads()
    {
        await using var app = await AppFixture.StartAsync(Policy("testing"));
        var reloader = app.Service<IEnumerable<IHostedService>>().OfType<ConfigurationReloader>().Single();

        await app.ChangeAsync(reloader.Request, s_limit);

        Assert.Equal((2, null), (app.Live.Current.Good, app.Live.Current.LastError));
    }

    [Fact]
    public async Task CertificateFile_OfAnotherHost_IsWarnedOf()
    {
        using var ca = new TestCa();
        var configuration = new ConfigurationFixture($$"""
            { {{Json.HttpsEndpoints}}, "MtaSts": { "Domains": { "example.com": {{Json.Good}} } },
              "Tls": { "Certificates": [ { "Path": "tls.pem", "KeyPath": "tls.key" } ] } }
            """);
        ca.Issue([Host]).Write(configuration.Folder.Path);
        await using var app = await AppFixture.StartAsync(configuration);

        var expired = new DateTimeOffset(2020, 2, 3, 4, 5, 6, TimeSpan.Zero);
        ca.Issue(["mta-sts.other.example"], expired.AddDays(-1), expired).Write(app.Folder.Path);

        await app.Log.LineAsync(" INF Certificate for mta-sts.other.example is active, valid until 2020-02-03 04:05:06Z");
        await app.Log.LineAsync("tls.pem expired on 2020-02-03");
        await app.Log.LineAsync(" WRN warning: Tls:Certificates: no certificate covers 1 of 1 policy hosts, such as mta-sts.example.com");
    }

    [Fact]
    public async Task UnderLoad_FiftyReloads_EveryAnswerIsAWholePolicy()
    {
        await using var app = await AppFixture.StartAsync(Policy("testing"));
        var whole = new HashSet<string> { await PolicyAsync(app) };
        await app.RewriteAsync(Policy("enforce"));
        whole.Add(await PolicyAsync(app));
        Assert.Equal(2, whole.Count);
        using var stop = new CancellationTokenSource();
        var senders = Enumerable.Range(0, 4).Select(i => Task.Run(() => HammerAsync(app, keepAlive: i % 2 == 0, whole, stop.Token)))
            .ToList();

        for (var i = 0; i < 50; i++)
        {
            var text = Policy(i % 2 == 0 ? "testing" : "enforce");
            await app.ChangeAsync(() => _ = i % 5 == 0 ? app.Folder.Write("appsettings.json", text)
                : app.Folder.Replace("appsettings.json", text));
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(senders), answers => Assert.True(answers > 50, $"{answers} answers"));
        Assert.Equal(52, app.Live.Current.Good);
        Assert.Equal(0, app.Live.Current.Bad);
    }

    private static async Task<int> HammerAsync(AppFixture app, bool keepAlive, HashSet<string> whole, CancellationToken stop)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false,
            PooledConnectionLifetime = keepAlive ? Timeout.InfiniteTimeSpan : TimeSpan.Zero };
        using var client = new HttpClient(handler);
        var answers = 0;
        while (!stop.IsCancellationRequested)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get,
                new Uri(app.Http, PolicyEndpoint.Path)) { Headers = { Host = Host } };
            using var response = await client.SendAsync(request, CancellationToken.None);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Contains(await response.Content.ReadAsStringAsync(CancellationToken.None), whole);
            answers++;
        }

        return answers;
    }

    private static async Task<HttpStatusCode?> StatusAsync(AppFixture app, Uri listener)
    {
        try
        {
            using var response = await app.GetAsync(listener, PolicyEndpoint.Path, Host);
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <param name="url">Of the public listener.</param>
    private static string On(string url, string more = "") => Policy("testing")
        .Replace("\"Http\": { \"Url\": \"http://127.0.0.1:0\"", $"\"Http\": {{ \"Url\": \"{url}\"{more}", StringComparison.Ordinal);

    private static string Policy(string mode) =>
        Json.WithDomain($$"""{ "Mode": "{{mode}}", "Mx": [ "mail.example.com" ], "MaxAge": 604800 }""");

    private static Task<string> PolicyAsync(AppFixture app) => app.GetTextAsync(app.Http, PolicyEndpoint.Path, Host);

    private static async Task<JsonDocument> HealthAsync(AppFixture app) =>
        JsonDocument.Parse(await app.GetTextAsync(app.Management, "/health"));
}
