using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Acme.Testing;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Certificates;

/// <summary>The program, and Pebble that validates on its ports: from an empty folder to certificates, as an operator has it.</summary>
internal sealed class PebbleInstallation : IAsyncDisposable
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(20) };

    private PebbleInstallation(HostInstallation host, PebbleServer pebble) => (Host, Pebble) = (host, pebble);

    public HostInstallation Host { get; }

    public PebbleServer Pebble { get; }

    public static async Task<PebbleInstallation> CreateAsync(PebbleOptions? options = null)
    {
        if (!PebbleServer.IsInstalled) Tools.Missing("pebble is not installed; ./test.sh installs it on Debian");
        var host = new HostInstallation("{}");
        try
        {
            var pebble = await PebbleServer.StartAsync((options ?? new PebbleOptions())
                with { HttpPort = host.Http.Port, TlsPort = host.Https.Port });
            host.Folder.Write("app/pebble.pem", pebble.TlsRoots[0].ExportCertificatePem());
            return new PebbleInstallation(host, pebble);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Writes appsettings.json: these domains, at this CA.</summary>
    /// <param name="acme">More keys of the <c>Acme</c> section, or others in place of those here.</param>
    public void Configure(IEnumerable<string> domains, JsonObject? acme = null, JsonObject? more = null)
    {
        var section = new JsonObject
        {
            ["AcceptTermsOfService"] = true, ["DirectoryUrl"] = Pebble.DirectoryUrl.OriginalString, ["TrustedRootsFile"] = "pebble.pem",
            // at 16, Pebble 2.4 now and then stands still for good: see bench/acme
            ["Preflight"] = false, ["OrdersPerThreeHours"] = 100_000, ["MaxConcurrentOrders"] = 4,
        };
        foreach (var (key, value) in acme ?? []) section[key] = value?.DeepClone();
        var settings = new JsonObject
        {
            ["MtaSts"] = new JsonObject
            {
                ["Defaults"] = new JsonObject { ["Mode"] = "testing", ["MaxAge"] = 86400, ["Mx"] = new JsonArray("mail.example.net") },
                ["Retirement"] = "Off", // these tests are about names that go, and certificates with them
                ["Domains"] = new JsonObject(domains.Select(domain => KeyValuePair.Create(domain, (JsonNode?)new JsonObject()))),
            },
            ["Acme"] = section,
            ["Storage"] = new JsonObject { ["ConnectionString"] = "Data Source=../data/store.db" },
        };
        foreach (var (key, value) in more ?? []) settings[key] = value?.DeepClone();
        Host.Folder.Replace("app/appsettings.json", settings.ToJsonString());
    }

    public Task<HostProcess> StartAsync() => Host.StartHttpsAsync();

    /// <summary>The policy over TLS, with what Pebble issues trusted and nothing else.</summary>
    public async Task<(int Status, string Body)> GetPolicyAsync(string domain)
    {
        using var root = await Pebble.GetRootAsync();
        return await PolicyClient.GetAsync(Host.Https, $"mta-sts.{domain}", trusted: root);
    }

    /// <summary>The report of all domains.</summary>
    public async Task<JsonNode> HealthAsync()
    {
        using var answer = await _client.GetAsync(new Uri(Host.Management, "/health"));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    /// <summary>The <c>certificate</c> of one domain.</summary>
    public async Task<JsonNode> CertificateAsync(string domain) => await FindCertificateAsync(domain)
        ?? throw new InvalidOperationException($"{domain} is not served");

    /// <summary>The value of a metric without labels; 0 when it isn't there.</summary>
    /// <returns>0 for a counter that has no value yet; -1 for any other metric that isn't there.</returns>
    public async Task<double> MetricAsync(string name)
    {
        var text = await _client.GetStringAsync(new Uri(Host.Management, "/metrics"));
        var line = text.Split('\n').FirstOrDefault(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return line is null ? name.EndsWith("_total", StringComparison.Ordinal)
            ? 0 : -1 : double.Parse(line[(name.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    public Task WaitForStateAsync(string domain, string state, TimeSpan? within = null) =>
        Eventually.IsTrueAsync(async () => (string?)(await FindCertificateAsync(domain))?["state"] == state,
            $"the certificate of {domain} is {state}", within ?? TimeSpan.FromSeconds(30));

    public Task WaitForCertificatesAsync(int count, TimeSpan? within = null) =>
        Eventually.IsTrueAsync(async () => await MetricAsync("mtastshost_acme_certificates_total") >= count,
            $"{count} certificates", within ?? TimeSpan.FromSeconds(60));

    /// <summary>What <c>certificates list</c> says of a host.</summary>
    public async Task<JsonNode?> ListedAsync(string domain)
    {
        var result = await Host.RunAsync("certificates", "list", "--json");
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonNode.Parse(result.Output)!["certificates"]!.AsArray()
            .SingleOrDefault(one => (string?)one!["host"] == $"mta-sts.{domain}");
    }

    /// <summary>The certificate that is served.</summary>
    public async Task<X509Certificate2> ServedAsync(string domain)
    {
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(Host.Https.Host, Host.Https.Port);
        await using var tls = new System.Net.Security.SslStream(socket.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync($"mta-sts.{domain}");
        return X509CertificateLoader.LoadCertificate(tls.RemoteCertificate!.GetRawCertData());
    }

    private async Task<JsonNode?> FindCertificateAsync(string domain) =>
        (await HealthAsync())["domains"]!.AsArray().SingleOrDefault(one => (string?)one!["domain"] == domain)?["certificate"];

    public async ValueTask DisposeAsync()
    {
        await Pebble.DisposeAsync();
        Host.Dispose();
        _client.Dispose();
    }
}
