using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Acme.Testing;

/// <summary>Let's Encrypt's test server, with its DNS server that gives 127.0.0.1 for every name. Ports, keys and roots are its
/// own.</summary>
public sealed class PebbleServer : IAsyncDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20);

    private readonly PebbleOptions _options;
    private readonly DirectoryInfo _folder;
    private readonly FakeCa _ca;
    private readonly HttpClient _http;
    private readonly int _port = FreePorts.Next();
    private readonly int _managementPort = FreePorts.Next();
    private readonly int _dnsPort = FreePorts.Next();
    private readonly int _dnsManagementPort = FreePorts.Next();
    private ServerProcess? _pebble;
    private ServerProcess? _dns;

    private PebbleServer(PebbleOptions options)
    {
        _options = options;
        _folder = Directory.CreateTempSubdirectory("acme-test-");
        _ca = new FakeCa("Pebble TLS", TimeProvider.System.GetUtcNow());
        var root = _ca.Root();
        var handler = new SocketsHttpHandler
        {
            SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, chain, _) => IsFrom(root, certificate, chain) },
        };
        _http = new HttpClient(handler);
    }

    /// <summary>Whether Debian's package pebble is here.</summary>
    public static bool IsInstalled => ServerProcess.Find("pebble") is not null && ServerProcess.Find("pebble-challtestsrv") is not null;

    public Uri DirectoryUrl => new($"https://localhost:{_port}/dir");

    /// <summary>Trusted by clients that trust the server's own TLS.</summary>
    public X509Certificate2Collection TlsRoots => [_ca.Root()];

    /// <summary>Where its DNS server listens.</summary>
    public int DnsPort => _dnsPort;

    /// <summary>From now on its DNS server fails for a name, and no challenge of it can be met.</summary>
    public async Task FailDnsAsync(string name)
    {
        using var body = new StringContent($$"""{"host":"{{name}}"}""");
        using var answer = await _http.PostAsync(new Uri($"http://127.0.0.1:{_dnsManagementPort}/set-servfail"), body);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>What the server printed last.</summary>
    public string Output => _pebble?.Output ?? "";

    public static async Task<PebbleServer> StartAsync(PebbleOptions options)
    {
        var server = new PebbleServer(options);
        try
        {
            server.WriteFiles();
            var flags = await ServerProcess.RunAsync("pebble-challtestsrv", "-help");
            server._dns = new ServerProcess(
                "pebble-challtestsrv",
                [
                    // Debian's 2.4 has -dns01; 2.10 has -dnsserver, and a listener for DoH besides.
                    flags.Contains("-dnsserver", StringComparison.Ordinal) ? "-dnsserver" : "-dns01", $"127.0.0.1:{server._dnsPort}",
                    .. flags.Contains("-doh", StringComparison.Ordinal) ? (string[])["-doh", ""] : [],
                    "-management", $"127.0.0.1:{server._dnsManagementPort}", "-http01", "", "-https01", "",
                    "-tlsalpn01", "", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "",
                ],
                []);
            await server.StartPebbleAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Restarts it: it forgets all accounts, orders and certificates, and makes new roots.</summary>
    public async Task RestartAsync()
    {
        await _pebble!.DisposeAsync();
        await StartPebbleAsync();
    }

    /// <summary>A root of what it issues: 0 for the first.</summary>
    public async Task<X509Certificate2> GetRootAsync(int index = 0) =>
        X509Certificate2.CreateFromPem(await _http.GetStringAsync(new Uri($"https://localhost:{_managementPort}/roots/{index}")));

    /// <summary><c>Valid</c> or <c>Revoked</c>, and the reason if any.</summary>
    public async Task<(string Status, int? Reason)> GetStatusAsync(X509Certificate2 certificate)
    {
        var serial = certificate.SerialNumber.TrimStart('0').ToLowerInvariant();
        var json = JsonNode.Parse(await _http.GetStringAsync(
            new Uri($"https://localhost:{_managementPort}/cert-status-by-serial/{serial}")))!;
        return ((string)json["Status"]!, (int?)json["Reason"]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_pebble is not null) await _pebble.DisposeAsync();
        if (_dns is not null) await _dns.DisposeAsync();
        _http.Dispose();
        _ca.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StartPebbleAsync()
    {
        var environment = new Dictionary<string, string>
        {
            ["PEBBLE_VA_NOSLEEP"] = "1",
            ["PEBBLE_WFE_NONCEREJECT"] = $"{_options.RefusedNonces}",
            ["PEBBLE_ALTERNATE_ROOTS"] = $"{_options.AlternateRoots}",
            ["PEBBLE_CHAIN_LENGTH"] = $"{_options.ChainLength}",
        };
        if (_options.AlwaysValid) environment["PEBBLE_VA_ALWAYS_VALID"] = "1";
        _pebble = new ServerProcess("pebble", ["-config", File("pebble.json"), "-dnsserver", $"127.0.0.1:{_dnsPort}", "-strict"],
            environment);
        var started = TimeProvider.System.GetTimestamp();
        while (!await IsUpAsync())
        {
            if (_pebble.HasExited || TimeProvider.System.GetElapsedTime(started) > s_deadline)
                throw new InvalidOperationException($"Pebble didn't start:\n{_pebble.Output}\n{_dns!.Output}");
            await Task.Delay(s_interval, TimeProvider.System);
        }
    }

    // Both listeners: the one for management comes up on its own.
    private async Task<bool> IsUpAsync()
    {
        try
        {
            await _http.GetStringAsync(DirectoryUrl);
            (await GetRootAsync()).Dispose();
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void WriteFiles()
    {
        using var certificate = _ca.IssueServer(TimeProvider.System.GetUtcNow());
        using var intermediate = _ca.IntermediateCertificate();
        using var key = certificate.GetECDsaPrivateKey()!;
        System.IO.File.WriteAllText(File("tls.pem"), $"{certificate.ExportCertificatePem()}\n{intermediate.ExportCertificatePem()}\n");
        System.IO.File.WriteAllText(File("tls.key"), key.ExportPkcs8PrivateKeyPem());
        var macKeys = new JsonObject();
        foreach (var (id, macKey) in _options.ExternalAccounts) macKeys[id] = macKey;
        var pebble = new JsonObject
        {
            ["listenAddress"] = $"127.0.0.1:{_port}",
            ["managementListenAddress"] = $"127.0.0.1:{_managementPort}",
            ["certificate"] = File("tls.pem"),
            ["privateKey"] = File("tls.key"),
            ["httpPort"] = _options.HttpPort,
            ["tlsPort"] = _options.TlsPort,
            ["ocspResponderURL"] = "",
            ["externalAccountBindingRequired"] = macKeys.Count > 0,
            ["externalAccountMACKeys"] = macKeys,
            ["domainBlocklist"] = new JsonArray([.. _options.Blocked.Select(static name => (JsonNode)name)]),
            ["certificateValidityPeriod"] = (long)_options.CertificateLife.TotalSeconds,
            // Where 2.10 looks for it.
            ["profiles"] = new JsonObject
            {
                ["default"] = new JsonObject
                {
                    ["description"] = "As long as the test wants", ["validityPeriod"] = (long)_options.CertificateLife.TotalSeconds,
                },
            },
        };
        System.IO.File.WriteAllText(File("pebble.json"), new JsonObject { ["pebble"] = pebble }.ToJsonString());
    }

    private string File(string name) => Path.Combine(_folder.FullName, name);

    private static bool IsFrom(X509Certificate2 root, X509Certificate? certificate, X509Chain? chain)
    {
        chain!.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build((X509Certificate2)certificate!);
    }
}
