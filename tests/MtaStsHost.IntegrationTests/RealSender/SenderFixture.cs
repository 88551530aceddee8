using System.Text;
using System.Text.Json;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.RealSender;

/// <summary>
/// Runs postfix-mta-sts-resolver once against the host on port 443, in a network where nothing else is, and keeps what it said.
/// The records in its DNS are those that <c>records</c> prints.
/// </summary>
public sealed class SenderFixture : IDisposable
{
    /// <summary>The provider's zone, to which the delegated domain's names are CNAMEs. RFC 8461 §8.2.</summary>
    private const string Provider = "customer1.provider.example";

    private const string Delegated = "delegated.example";

    /// <summary>Has records and is not configured.</summary>
    private const string NotServed = "notserved.example";

    private const string Settings = """
        {
          "Kestrel": { "Endpoints": { "Https": { "Url": "https://*:443" }, "Management": { "Url": "http://localhost:9090" } } },
          "MtaSts": {
            "PublicHost": "192.0.2.1",
            "Defaults": { "Mode": "enforce", "MaxAge": 604800 },
            "Domains": {
              "plain.example": { "Mx": [ "mail.plain.example" ] },
              "several.example": { "Mx": [ "mx1.several.example", "mx2.several.example", "backup.example.net" ], "MaxAge": 86400 },
              "wildcard.example": { "Mx": [ "*.mx.example.net" ], "MaxAge": 31557600 },
              "Bücher.example": { "Mx": [ "post.bücher.example" ], "MaxAge": 1209600 },
              "delegated.example": { "Mx": [ "mail.delegated.example" ], "Id": "20260102T030405" },
              "testing.example": { "Mode": "testing", "Mx": [ "mail.testing.example" ] },
              "none.example": { "Mode": "none", "Mx": [ "mail.none.example" ], "MaxAge": 86400 },
              "noneatall.example": { "Mode": "none", "MaxAge": 86400 }
            }
          },
          "Tls": { "Certificates": [ CERTIFICATES ] }
        }
        """;

    private static readonly string[] s_domains =
    [
        "plain.example", "several.example", "wildcard.example", "xn--bcher-kva.example",
            Delegated, "testing.example", "none.example", "noneatall.example",
    ];

    private static readonly string[] s_notConfigured = ["missing.example", NotServed];

    private readonly Lock _lock = new();
    private Task<HostInstallation>? _run;

    public void Dispose()
    {
        if (_run is { IsCompletedSuccessfully: true }) _run.Result.Dispose();
    }

    /// <summary>What <c>mta-sts-query</c> printed.</summary>
    public Task<string> QueryAsync(string domain) => ReadAsync("query", domain);

    /// <summary>What the daemon answers to Postfix.</summary>
    public Task<string> SocketmapAsync(string domain) => ReadAsync("socketmap", domain);

    /// <summary>What our own <c>import</c> printed, of the policy and the records that the sender found.</summary>
    public Task<string> ImportAsync(string domain) => ReadAsync("import", domain);

    private async Task<string> ReadAsync(string folder, string domain)
    {
        foreach (var tool in new[] { "mta-sts-query", "mta-sts-daemon", "dnsmasq", "ip", "mount", "getent" }) Tools.Require(tool);
        await Tools.RequireNamespacesAsync();
        Task<HostInstallation> run;
        lock (_lock) run = _run ??= RunAsync();
        return await File.ReadAllTextAsync((await run).Folder[$"{folder}/{domain}"]);
    }

    private static async Task<HostInstallation> RunAsync()
    {
        using var ca = new TestCa();
        // One certificate each, for the domain's own policy host: with another one the sender must fail.
        var hosts = s_domains.Select(domain => $"mta-sts.{domain}").ToList();
        var host = new HostInstallation(Settings.Replace("CERTIFICATES",
            string.Join(", ", hosts.Select(name => $$"""{ "Path": "../tls/{{name}}.pem", "KeyPath": "../tls/{{name}}.key" }""")),
            StringComparison.Ordinal));
        foreach (var name in hosts) ca.Issue([name]).Write(host.Folder["tls"], name);
        host.Folder.Write("ca.pem", ca.RootPem);
        host.Folder.Write("resolv.conf", "nameserver 127.0.0.1\n");
        host.Folder.Write("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
        host.Folder.Write("mta-sts-daemon.yml",
            "host: 127.0.0.1\nport: 8461\ncache:\n  type: internal\n  options:\n    cache_size: 100\ndefault_zone:\n  strict_testing: "
            + "false\n  timeout: 10\n");

        var records = await host.RunAsync("records", "--format", "json");
        if (records.ExitCode != 0) throw new InvalidOperationException(records.Error);
        host.Folder.Write("dnsmasq.conf", NameServer(records.Output));

        var script = Path.Combine(HostBinary.Repository, "tests", "MtaStsHost.IntegrationTests", "RealSender", "ask-sender.sh");
        string[] arguments =
        [
            "-n", "-m", "-p", "-f", "--kill-child", "--mount-proc", "bash", script,
            host.Folder.Path, string.Join(' ', s_domains.Concat(s_notConfigured)), "--", .. host.Command,
        ];
        var (status, output) = await Tools.RunAsync(Tools.Require("unshare"), arguments);
        if (status == 0) return host;
        host.Dispose(); // the logs are in the output
        throw new InvalidOperationException(output);
    }

    /// <summary>The printed records as dnsmasq's configuration; it knows nothing else and has no upstream.</summary>
    private static string NameServer(string records)
    {
        var zone = new StringBuilder(
            "port=53\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\nno-daemon\nuser=root\npid-file=\nlocal=/example/\n");
        zone.Append("host-record=name-server-is-up.example,127.0.0.1\n");
        using var json = JsonDocument.Parse(records);
        foreach (var domain in json.RootElement.GetProperty("domains").EnumerateArray())
        {
            foreach (var record in domain.GetProperty("records").EnumerateArray())
            {
                var (name, type, value) = (Text(record, "name"), Text(record, "type"), Text(record, "value"));
                if (name.EndsWith($".{Delegated}", StringComparison.Ordinal))
                {
                    // The user's names are aliases of the provider's, which have the records.
                    var target = $"{name[..name.IndexOf('.', StringComparison.Ordinal)]}.{Provider}";
                    zone.Append("cname=").Append(name).Append(',').Append(target).Append('\n');
                    name = target;
                }

                zone.Append(Line(name, type, value));
                if (name.EndsWith(".plain.example", StringComparison.Ordinal)) zone.Append(
                    Line(name.Replace("plain.example", NotServed, StringComparison.Ordinal), type, value));
            }
        }

        return zone.ToString();

        static string Text(JsonElement record, string property) => record.GetProperty(property).GetString()!;

        static string Line(string name, string type, string value) => type switch
        {
            "TXT" => $"txt-record={name},\"{value}\"\n",
            "A" => $"host-record={name},{value}\n",
            _ => throw new InvalidOperationException($"no {type} record was expected"),
        };
    }
}
