using System.Text.Json.Nodes;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Certificates;

/// <summary>A CA that we did not write: Caddy's, which validates on ports 80 and 443 through the system's resolver. And a real sender
/// takes what it issued.</summary>
public sealed class CaddyTests
{
    private const string Domain = "caddy.example";

    [Theory]
    [InlineData("TlsAlpn01")]
    [InlineData("Http01")]
    public async Task A_certificate_from_Caddy_is_served_and_curl_and_a_real_sender_accept_it(string challenge)
    {
        foreach (var tool in new[] { "caddy", "dnsmasq", "ip", "mount", "getent", "curl", "mta-sts-query" }) Tools.Require(tool);
        await Tools.RequireNamespacesAsync();
        using var host = new HostInstallation($$"""
            {
              "Kestrel": { "Endpoints": {
                "Http": { "Url": "http://*:80" }, "Https": { "Url": "https://*:443" }, "Management": { "Url": "http://localhost:9090" } } },
              "MtaSts": {
                "Domains": { "{{Domain}}": { "Mode": "enforce", "Mx": [ "mail.{{Domain}}" ], "MaxAge": 604800 } }, "PublicHost": "192.0.2.1" },
              "Acme": {
                "AcceptTermsOfService": true, "EmailAddress": "hostmaster@caddy.example", "AllowedChallengeTypes": [ "{{challenge}}" ],
                "DirectoryUrl": "https://ca.example:9443/acme/local/directory",
                "TrustedRootsFile": "../caddy/pki/authorities/local/root.crt"
              },
              "Storage": { "ConnectionString": "Data Source=../data/store.db" }
            }
            """);
        host.Folder.Write("resolv.conf", "nameserver 127.0.0.1\n");
        host.Folder.Write("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
        host.Folder.Write("Caddyfile",
            $"{{\n  admin off\n  http_port 9080\n  https_port 9443\n  skip_install_trust\n  storage file_system "
            + $"{host.Folder["caddy"]}\n}}\nhttps://ca.example:9443 {{\n  tls internal\n  acme_server\n}}\n");
        host.Folder.Write("dnsmasq.conf", await NameServerAsync(host));

        var script = Path.Combine(HostBinary.Repository, "tests", "MtaStsHost.IntegrationTests", "Certificates", "order-from-caddy.sh");
        var (status, output) = await Tools.RunAsync(
            Tools.Require("unshare"), ["-n", "-m", "-p", "-f", "--kill-child",
                "--mount-proc", "bash", script, host.Folder.Path, Domain, "--", .. host.Command]);

        Assert.True(status == 0, output);
        Assert.Equal("version: STSv1\r\nmode: enforce\r\nmx: mail.caddy.example\r\nmax_age: 604800\r\n",
            await File.ReadAllTextAsync(host.Folder["policy"], TestContext.Current.CancellationToken));
        Assert.Contains("enforce", await File.ReadAllTextAsync(host.Folder["query"], TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        Assert.Contains("mail.caddy.example", await File.ReadAllTextAsync(host.Folder["query"], TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        var log = await File.ReadAllTextAsync(host.Folder["host.log"], TestContext.Current.CancellationToken);
        Assert.Contains("Certificate for mta-sts.caddy.example obtained from Caddy", log, StringComparison.Ordinal);
        Assert.DoesNotContain("No certificate obtained", log, StringComparison.Ordinal); // at the first attempt, after the DNS check
    }

    /// <summary>The printed records, and the CA's name.</summary>
    private static async Task<string> NameServerAsync(HostInstallation host)
    {
        // The CA's root, which the settings name, is there when Caddy has made it.
        var records = await host.RunAsync("records", "--format", "json", "--Acme:TrustedRootsFile=");
        Assert.True(records.ExitCode == 0, records.Error);
        var lines = JsonNode.Parse(records.Output)!["domains"]![0]!["records"]!.AsArray().Select(record => (string)record!["type"]! switch
        {
            "TXT" => $"txt-record={record["name"]},\"{record["value"]}\"",
            "A" => $"host-record={record["name"]},{record["value"]}",
            var type => throw new InvalidOperationException($"no {type} record was expected"),
        });
        string[] fix = ["port=53", "listen-address=127.0.0.1", "bind-interfaces",
            "no-resolv", "no-hosts", "no-daemon", "user=root", "pid-file=", "local=/example/", "host-record=ca.example,192.0.2.1"];
        return string.Join('\n', fix.Concat(lines)) + "\n";
    }
}
