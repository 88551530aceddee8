using System.Text.Json;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Cli;

public sealed class RecordsTests
{
    private const string Settings = """
        {
          "Kestrel": { "Endpoints": { "Http": { "Url": "http://127.0.0.1:1" } } },
          "MtaSts": {
            "Domains": {
              "example.com": { "Mode": "enforce", "Mx": [ "mail.example.com" ], "MaxAge": 604800, "TlsRpt": [ "mailto:tls@example.com" ] },
              "münchen.example": { "Mode": "none", "MaxAge": 86400 }
            },
            "PublicHost": "sts.example.net"
          }
        }
        """;

    [Fact]
    public async Task A_zone_file_has_every_record()
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync("records");

        Assert.Equal(
            """
            ; example.com: mode enforce, max_age 604800
            _mta-sts.example.com. 3600 IN TXT "v=STSv1; id=ddcfc28c0c2a59db89ddc447d331ecff;"
            mta-sts.example.com. 3600 IN CNAME sts.example.net.
            _smtp._tls.example.com. 3600 IN TXT "v=TLSRPTv1; rua=mailto:tls@example.com;"

            ; xn--mnchen-3ya.example: mode none, max_age 86400
            ; _smtp._tls.xn--mnchen-3ya.example: set TlsRpt to have senders report failures (RFC 8460)
            _mta-sts.xn--mnchen-3ya.example. 3600 IN TXT "v=STSv1; id=67b2e486a9f7a6161699c05594bf71cf;"
            mta-sts.xn--mnchen-3ya.example. 3600 IN CNAME sts.example.net.

            """,
            result.Output);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task A_zone_file_is_one_that_a_name_server_reads()
    {
        var dnsmasq = Tools.Require("named-checkzone");
        using var installation = new HostInstallation(Settings);
        var uris = string.Join(' ', Enumerable.Range(0, 12)
            .Select(i => $"--MtaSts:Domains:example.com:TlsRpt:{i}=mailto:a-rather-long-mailbox-{i}@reports.example.net").ToArray());

        var records = await installation.RunAsync(["records", "example.com", .. uris.Split(' ')]);
        var zone = installation.Folder.Write("zone",
            $"$ORIGIN example.com.\n@ 3600 IN SOA ns.example.com. h.example.com. 1 2 3 4 5\n@ 3600 IN NS ns.example.com.\nns 3600 IN A "
            + $"127.0.0.1\n{records.Output}");
        var (status, output) = await Tools.RunAsync(dnsmasq, "-D", "example.com", zone);

        Assert.True(status == 0, output);
        Assert.Contains("mailto:a-rather-long-mailbox-11@reports.example.net",
            output.Replace("\" \"", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_domain_of_many_by_its_name_in_any_form()
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync("records", "MÜNCHEN.example.", "--json");

        using var json = JsonDocument.Parse(result.Output);
        var domain = Assert.Single(json.RootElement.GetProperty("domains").EnumerateArray());
        Assert.Equal("xn--mnchen-3ya.example", domain.GetProperty("domain").GetString());
        var records = domain.GetProperty("records").EnumerateArray()
            .Select(
            record => $"{record.GetProperty("name")} {record.GetProperty("ttl")} {record.GetProperty("type")} "
            + $"{record.GetProperty("value")}");
        Assert.Equal(
            ["_mta-sts.xn--mnchen-3ya.example 3600 TXT v=STSv1; id=67b2e486a9f7a6161699c05594bf71cf;",
                "mta-sts.xn--mnchen-3ya.example 3600 CNAME sts.example.net"],
            records);
        Assert.Single(domain.GetProperty("notes").EnumerateArray());
    }

    [Fact]
    public async Task DNSControl_gets_javascript()
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync("records", "example.com", "--format", "dnscontrol");

        Assert.Equal(
            """
            // example.com: mode enforce, max_age 604800
            D_EXTEND("example.com",
              TXT("_mta-sts", "v=STSv1; id=ddcfc28c0c2a59db89ddc447d331ecff;", TTL(3600)),
              CNAME("mta-sts", "sts.example.net.", TTL(3600)),
              TXT("_smtp._tls", "v=TLSRPTv1; rua=mailto:tls@example.com;", TTL(3600))
            );

            """,
            result.Output);
    }

    [Fact]
    public async Task Terraform_gets_one_resource_for_all_addresses_of_a_kind()
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync(
            "records", "example.com", "--format", "terraform", "--MtaSts:PublicHost=",
                "--MtaSts:PublicHost:0=192.0.2.1", "--MtaSts:PublicHost:1=192.0.2.2", "--MtaSts:PublicHost:2=2001:db8::1");

        Assert.Contains(
            """
            resource "dns_a_record_set" "mta-sts_example_com" {
              zone = "example.com."
              name = "mta-sts"
              addresses = ["192.0.2.1", "192.0.2.2"]
              ttl = 3600
            }
            resource "dns_aaaa_record_set" "mta-sts_example_com" {
              zone = "example.com."
              name = "mta-sts"
              addresses = ["2001:db8::1"]
              ttl = 3600
            }
            """,
            result.Output,
            StringComparison.Ordinal);
        Assert.Contains("""txt = ["v=STSv1; id=ddcfc28c0c2a59db89ddc447d331ecff;"]""", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_public_host_a_comment_says_what_to_set()
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync("records", "example.com", "--MtaSts:PublicHost=");

        Assert.Contains("; mta-sts.example.com: point it to this server; if MtaSts:PublicHost", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("CNAME", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_is_never_an_alias_of_itself()
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync("records", "example.com", "--MtaSts:PublicHost=mta-sts.example.com");

        Assert.DoesNotContain("CNAME", result.Output, StringComparison.Ordinal);
        Assert.Contains("; mta-sts.example.com is MtaSts:PublicHost itself", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_domain_that_is_not_configured_is_an_error()
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync("records", "example.org");

        Assert.Equal(["error: example.org: is not configured; add it to MtaSts:Domains, or check the spelling"], result.ErrorLines);
        Assert.Empty(result.Output);
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task A_format_that_is_not_known_is_wrong_usage()
    {
        using var installation = new HostInstallation(Settings);

        var result = await installation.RunAsync("records", "--format", "bind");

        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("error: command line: ", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }
}
