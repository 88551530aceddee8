using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MtaStsHost.IntegrationTests.Checks;
using MtaStsHost.IntegrationTests.Deployment;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Field;

/// <summary>
/// A small internet in a network of its own, with <see cref="FieldDomains"/> in it: BIND as the domains' name server and as a resolver that
/// validates, Postfix as their MX hosts, the host for their policies, and nginx for those that are elsewhere. Started once, when the first
/// test asks.
/// </summary>
public sealed class FieldFixture : IAsyncDisposable
{
    private const string NameServer = "192.0.2.53";
    private const string Head = "$TTL 300\n@ SOA ns.example. hostmaster.example. 1 3600 600 86400 60\n@ NS ns.example.\n";

    private readonly Lazy<Task> _started;
    private readonly Lazy<Task<IReadOnlyDictionary<string, JsonNode>>> _checks;
    private readonly TestCa _ca = new();
    private HostInstallation? _host;
    private HostProcess? _servers;

    public FieldFixture()
    {
        _started = new(StartOnceAsync);
        _checks = new(CheckAllAsync);
    }

    private static IEnumerable<FieldDomain> Configured => FieldDomains.All.Where(domain => domain.Settings is not null);

    private TempFolder Folder => _host!.Folder;

    /// <summary>The ids of the policies in the host, by domain.</summary>
    internal IReadOnlyDictionary<string, string> Ids { get; private set; } = new Dictionary<string, string>();

    /// <summary>What one <c>check --json</c> of all domains found of one.</summary>
    internal async Task<JsonNode> CheckedAsync(FieldDomain domain) => (await _checks.Value)[domain.Domain];

    /// <summary>Runs the host's program inside, <c>check</c> for instance.</summary>
    internal async Task<HostResult> RunAsync(params string[] arguments)
    {
        await using var process = HostProcess.Start([.. await CommandAsync(), .. arguments],
            new HostStart { WorkingDirectory = Folder.Path });
        return await process.WaitForExitAsync();
    }

    /// <summary>The same on a terminal of so many columns.</summary>
    internal async Task<string> RunOnTerminalAsync(int columns, params string[] arguments)
    {
        var script = Tools.Require("script");
        var command = string.Join(' ', [.. await CommandAsync(), .. arguments]);
        var (_, output) = await Tools.RunAsync("env", "TERM=xterm-256color",
            script, "-qec", string.Create(CultureInfo.InvariantCulture, $"stty cols {columns}; {command}"), "/dev/null");
        return output;
    }

    public async ValueTask DisposeAsync()
    {
        if (_servers is not null) await _servers.DisposeAsync();
        _host?.Dispose();
        _ca.Dispose();
    }

    private async Task<string[]> CommandAsync()
    {
        await _started.Value;
        return [Tools.Require("nsenter"), "-t", _servers!.Id.ToString(CultureInfo.InvariantCulture), "-n", "--", .. _host!.Command];
    }

    private async Task<IReadOnlyDictionary<string, JsonNode>> CheckAllAsync()
    {
        var result = await RunAsync(["check", "--json", .. FieldDomains.All.Select(domain => domain.Domain)]);
        Assert.True(result.ExitCode == 1, result.Error);
        return JsonNode.Parse(result.Output)!["domains"]!.AsArray().ToDictionary(entry => (string)entry!["domain"]!, entry => entry!);
    }

    private async Task StartOnceAsync()
    {
        foreach (var tool in new[] { "named", "dnssec-signzone", "nginx", "postfix", "ip", "nsenter" }) Tools.Require(tool);
        await Tools.RequireNamespacesAsync();
        _host = new HostInstallation(Settings());
        Folder.Write("roots.pem", _ca.RootPem);
        _ca.Issue(FieldDomains.All.Where(domain => (domain.Settings is not null || domain.Past.Count > 0) && !domain.HasNoCertificate)
            .Select(domain => domain.PolicyHost)).Write(Folder["tls"]);
        var result = await _host.RunAsync("validate", "--json");
        if (result.ExitCode != 0) throw new InvalidOperationException(result.Error);
        Ids = JsonNode.Parse(result.Output)!["domains"]!.AsArray()
            .ToDictionary(entry => (string)entry!["domain"]!, entry => (string)entry!["id"]!);
        await FieldHistory.WriteAsync(Folder["store/mtastshost.db"]);
        WriteNameServers();
        WriteWebServer();
        await WriteMailServerAsync();
        string[] addresses = [FieldDomain.HostAddress, FieldDomain.HostAddress6,
            FieldDomain.DeadAddress6, FieldDomain.ElsewhereAddress, NameServer, .. MailServices().Keys, FieldMail.Dead];
        Folder.Write("addresses",
            string.Concat(addresses.Select(address => address + (address.Contains(':', StringComparison.Ordinal) ? "/128\n" : "/32\n"))));
        Folder.Write("listeners", string.Join('\n', [
            $"{NameServer} 53", "127.0.0.1 53", $"{FieldDomain.HostAddress} 443",
                $"{FieldDomain.HostAddress6} 443", $"{FieldDomain.ElsewhereAddress} 443",
            .. MailServices().Keys.Select(address => $"{address} 25")]) + "\n");

        var script = Path.Combine(HostBinary.Repository, "tests", "MtaStsHost.IntegrationTests", "Field", "field.sh");
        _servers = HostProcess.Start(
            [Tools.Require("unshare"), "-n", "-m", "-p", "-f", "--kill-child",
                "--mount-proc", "bash", script, Folder.Path, "--", .. _host.Command],
            new HostStart { WorkingDirectory = Folder.Path });
        var servers = _servers;
        await Eventually.IsTrueAsync(() => servers.HasExited || servers.Output.Contains("ready", StringComparison.Ordinal),
            "the field is ready", TimeSpan.FromSeconds(60));
        if (servers.HasExited) throw new InvalidOperationException($"the field ended: {servers.Output}{servers.Error}");
    }

    private static string Settings()
    {
        var domains = string.Join(",\n",
            Configured.Select(domain => $"{JsonSerializer.Serialize(domain.Domain)}: {domain.Fill(domain.Settings!, "")}"));
        return $$"""
            { "Kestrel": { "Endpoints": {
                "Https": { "Url": "https://{{FieldDomain.HostAddress}}:443" }, "Https6": { "Url": "https://[{{FieldDomain.HostAddress6}}]:443" },
                "Management": { "Url": "http://127.0.0.1:9090" } } },
              "MtaSts": { "Domains": { {{domains}} } },
              "Tls": { "Certificates": [ { "Path": "../tls/tls.pem", "KeyPath": "../tls/tls.key" } ] },
              "Dns": { "Resolvers": [ "127.0.0.1" ] },
              "Storage": { "ConnectionString": "Data Source=../store/mtastshost.db" },
              "Checks": { "TrustedRootsFile": "../roots.pem" } }
            """;
    }

    private void WriteNameServers()
    {
        Folder.Write("root.zone", Head + $"ns.example. A {NameServer}\nexample. NS ns.example.\n");
        var example = new StringBuilder(Head
            + $"ns A {NameServer}\ncustomer1.provider A {FieldDomain.HostAddress}\n_mta-sts.customer1.provider TXT \"v=STSv1; "
            + $"id={Ids["delegated.example"]};\"\n");
        foreach (var domain in FieldDomains.All)
        {
            var lines = string.Join('\n', domain.ZoneLines(Ids.GetValueOrDefault(domain.Domain, "1"))) + "\n";
            if (domain.Zone == FieldZone.Shared) example.Append("$ORIGIN ").Append(domain.Domain).Append(".\n").Append(lines);
            else if (domain.Zone != FieldZone.Missing) example.Append(domain.Domain).Append(". NS ns.example.\n");
            if (domain.Zone is FieldZone.Signed or FieldZone.BadlySigned) Folder.Write($"{domain.Domain}.zone", Head + lines);
        }

        Folder.Write("example.zone", example.ToString());
        const string Options = "pid-file none; session-keyfile none; listen-on-v6 { none; };";
        Folder.Write("auth.conf", $$"""
            options { directory "{{Folder.Path}}"; {{Options}} listen-on { {{NameServer}}; }; recursion no; };
            controls { };
            zone "." { type primary; file "root.zone"; };
            zone "example" { type primary; file "example.zone"; };
            zone "sound.example" { type primary; file "sound.example.signed"; };
            zone "bogus.example" { type primary; file "bogus.example.signed"; };

            """);
        Folder.Write("hints.zone", $". 3600 NS ns.example.\nns.example. 3600 A {NameServer}\n");
        Folder.Write("resolver.conf", $$"""
            options { directory "{{Folder["cache"]}}"; {{Options}} listen-on { 127.0.0.1; }; recursion yes; dnssec-validation yes; empty-zones-enable no; };
            controls { };
            zone "." { type hint; file "{{Folder["hints.zone"]}}"; };
            include "{{Folder["anchors.conf"]}}";

            """);
    }

    private void WriteWebServer()
    {
        var servers = new StringBuilder();
        var now = TimeProvider.System.GetUtcNow();
        foreach (var domain in FieldDomains.All.Where(domain => domain.Elsewhere is not null))
        {
            var (chain, key) = _ca.Issue([domain.ElsewhereName ?? domain.PolicyHost],
                now.AddDays(-90), domain.IsElsewhereExpired ? now.AddDays(-1) : now.AddDays(60)).Write(Folder["elsewhere"], domain.Label);
            servers.Append(CultureInfo.InvariantCulture,
                $"server {{ listen {FieldDomain.ElsewhereAddress}:443 ssl; server_name {domain.PolicyHost}; ssl_certificate {chain}; "
                + $"ssl_certificate_key {key}; location / {{ {domain.Elsewhere} }} }}\n");
        }

        var arguments = Nginx.Arguments(Folder, $"http {{\n{Nginx.TemporaryFolders(Folder)}access_log off;\n{servers}}}\n");
        File.Copy(arguments[^1], Folder["nginx.conf"]);
    }

    private Dictionary<string, string[]> MailServices()
    {
        string[] good = ["smtpd_tls_security_level=may", $"smtpd_tls_chain_files={Folder["mail/good.pem"]}"];
        return new Dictionary<string, string[]>
        {
            [FieldMail.Good] = good,
            [FieldMail.Good6] = good,
            [FieldMail.OtherName] = ["smtpd_tls_security_level=may", $"smtpd_tls_chain_files={Folder["mail/other.pem"]}"],
            [FieldMail.Expired] = ["smtpd_tls_security_level=may", $"smtpd_tls_chain_files={Folder["mail/expired.pem"]}"],
            [FieldMail.Plain] = ["smtpd_tls_security_level=none"],
            [FieldMail.NoCertificate] = ["smtpd_tls_security_level=may", "smtpd_tls_cert_file=none"],
        };
    }

    private async Task WriteMailServerAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        Write("good", _ca.Issue([.. FieldDomains.All.SelectMany(domain => (string[])[$"mail.{domain.Domain}", $"mail2.{domain.Domain}"]),
            "mail.site1.mx.pattern.example"]));
        Write("other", _ca.Issue(["mail.provider.example"]));
        Write("expired", _ca.Issue(["mail.outdated.example"], now.AddDays(-90), now.AddDays(-1)));
        await PostfixServer.ConfigureAsync(Folder, "postfix", 25, MailServices());

        void Write(string name, TestCertificate certificate) => Folder.Write($"mail/{name}.pem", certificate.KeyPem + certificate.ChainPem);
    }
}
