using System.Text;
using System.Text.Json.Nodes;
using Acme.Testing;
using MtaSts;
using MtaStsHost.Network;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>The steps of docs/guides/move-here.md, from an old server (Caddy with a static file) to the host: a sender gets the same policy
/// and id
/// at each.</summary>
public sealed class MigrationTests : IDisposable
{
    private const string Domain = "example.com";
    private const string OldId = "20240131T120000";
    private const string OldPolicy = "version: STSv1\nmode: enforce\nmx: mx1.example.com\nmx: *.mx.example.net\nmax_age: 1209600\n";

    private readonly TestCa _ca = new();
    private readonly FakeDnsServer _dns = new();
    private readonly HostInstallation _host = new("{}");
    private readonly Uri _old = new($"https://127.0.0.1:{FreePorts.Next()}");

    [Fact]
    public async Task A_sender_gets_the_same_policy_and_id_before_during_and_after_the_move_and_a_new_id_with_the_next_change()
    {
        Tools.Require("curl");
        var certificate = _ca.Issue([$"mta-sts.{Domain}"]);
        certificate.Write(_host.Folder["app"], "old");
        _host.Folder.Write("root.pem", _ca.RootPem);
        PublishId(OldId);
        await using var old = StartOldServer(Tools.Require("caddy"));
        using var root = _ca.Root();
        await Eventually.IsTrueAsync(async () => (await PolicyClient.GetAsync(_old, $"mta-sts.{Domain}", trusted: root)).Status == 200,
            "the old server answers", TimeSpan.FromSeconds(60));
        var before = await SeenAsync(_old);
        Assert.Equal(OldId, before.Id);

        // 1. Import, with the id that is published.
        await CurlAsync(_old, "old.txt");
        var import = await _host.RunAsync("import", "--domain", Domain,
            "old.txt", "--output", $"app/domains.d/{Domain}.json", $"--Dns:Resolvers:0={_dns.EndPoint}");
        Assert.True(import.ExitCode == 0, import.Error);

        // 2. The new host beside the old one, with the old certificate; the DNS records still point to the old one.
        _host.Write("""
            { "MtaSts": { "Include": [ "domains.d/*.json" ] }, "Tls": { "Certificates": [ { "Path": "old.pem", "KeyPath": "old.key" } ] } }
            """);
        await using var process = await _host.StartHttpsAsync();
        await CurlAsync(_host.Https, "new.txt");
        var compare = await Tools.RunAsync("diff", "--strip-trailing-cr", _host.Folder["old.txt"], _host.Folder["new.txt"]);
        Assert.True(compare.ExitCode == 0, compare.Output);
        Assert.Equal(before, await SeenAsync(_old));
        Assert.Equal(OldId, await ServedIdAsync());

        // 3. The switch of mta-sts.example.com, and the old server's end.
        Assert.Equal(before, await SeenAsync(_host.Https));
        await old.SignalAsync("TERM");
        await old.WaitForExitAsync();
        Assert.Equal(before, await SeenAsync(_host.Https));

        // 4. The next change: without Id, the new policy has a new id, which is then published.
        var file = JsonNode.Parse(await File.ReadAllTextAsync(_host.Folder[$"app/domains.d/{Domain}.json"],
            TestContext.Current.CancellationToken))!;
        var settings = file["MtaSts"]!["Domains"]![Domain]!.AsObject();
        Assert.True(settings.Remove("Id"));
        settings["MaxAge"] = 86400;
        _host.Folder.Replace($"app/domains.d/{Domain}.json", file.ToJsonString());
        await Eventually.IsTrueAsync(async () => await ServedIdAsync() != OldId, "the new policy is active");
        PublishId(await ServedIdAsync());
        var after = await SeenAsync(_host.Https);
        Assert.NotEqual(before.Id, after.Id);
        Assert.Contains("max_age: 86400", after.Policy, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _host.Dispose();
        _dns.Dispose();
        _ca.Dispose();
    }

    private HostProcess StartOldServer(string caddy)
    {
        _host.Folder.Write("www/.well-known/mta-sts.txt", OldPolicy);
        _host.Folder.Write("Caddyfile", $$"""
            {
              admin off
              auto_https off
              storage file_system {{_host.Folder["caddy"]}}
            }
            https://mta-sts.{{Domain}}:{{_old.Port}} {
              tls {{_host.Folder["app/old.pem"]}} {{_host.Folder["app/old.key"]}}
              root * {{_host.Folder["www"]}}
              file_server
            }
            """);
        return HostProcess.Start([caddy, "run", "--config", _host.Folder["Caddyfile"], "--adapter", "caddyfile"],
            new HostStart { Environment = new Dictionary<string, string?> { ["HOME"] = _host.Folder.Path } });
    }

    private void PublishId(string id)
    {
        var text = Encoding.ASCII.GetBytes($"v=STSv1; id={id};");
        _dns.Answer($"_mta-sts.{Domain}", 16, [(byte)text.Length, .. text]);
        _dns.Answer($"_smtp._tls.{Domain}", 16);
    }

    /// <summary>The page's curl, which asks one of the two servers whatever DNS says.</summary>
    private async Task CurlAsync(Uri server, string file)
    {
        var result = await Tools.RunAsync(
            "curl", "-fsS", "--cacert", _host.Folder["root.pem"], "--resolve", $"mta-sts.{Domain}:{server.Port}:127.0.0.1",
            $"https://mta-sts.{Domain}:{server.Port}/.well-known/mta-sts.txt", "-o", _host.Folder[file]);
        Assert.True(result.ExitCode == 0, result.Output);
    }

    /// <summary>What a sender makes of the server and the published record.</summary>
    private async Task<(string Policy, string Id)> SeenAsync(Uri server)
    {
        using var root = _ca.Root();
        var (status, body) = await PolicyClient.GetAsync(server, $"mta-sts.{Domain}", trusted: root);
        Assert.Equal(200, status);
        Assert.True(PolicyParser.TryParse(Encoding.UTF8.GetBytes(body), out var policy, out _));
        var resolved = await new Resolver([_dns.EndPoint]).TxtAsync($"_mta-sts.{Domain}", TestContext.Current.CancellationToken);
        Assert.Equal(TxtSelection.Valid, StsRecord.Select(resolved, out var record, out _));
        return (Encoding.ASCII.GetString(PolicyFormatter.Format(policy!)), record!.Id.Value);
    }

    private async Task<string> ServedIdAsync()
    {
        using var client = new HttpClient();
        var health = JsonNode.Parse(await client.GetStringAsync(new Uri(_host.Management, "/health")))!;
        return (string)health["domains"]![0]!["id"]!;
    }
}
