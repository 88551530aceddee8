using System.Net;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Checks;

/// <summary>
/// The verb over 50 domains with a name server that takes 100 ms for each answer. How long that took is printed and not judged; that they
/// are
/// checked side by side shows in the order of the queries.
/// </summary>
public sealed class ManyDomainsTests(ITestOutputHelper output) : IDisposable
{
    private const int Count = 50;
    private const string Mail = "mail.shared.example";

    private readonly FakeDnsServer _dns = new() { Delay = TimeSpan.FromMilliseconds(100) };
    private readonly TestCa _ca = new();
    private readonly HostInstallation _host = new("{ }");

    public void Dispose()
    {
        _host.Dispose();
        _ca.Dispose();
        _dns.Dispose();
    }

    [Fact]
    public async Task Fifty_domains_are_checked_side_by_side()
    {
        var domains = Enumerable.Range(0, Count).Select(i => $"d{i}.example").ToList();
        await using var policyHost = new TestPolicyHost
        {
            Certificate = _ca.Issue(domains.Select(domain => $"mta-sts.{domain}")),
            Body = $"version: STSv1\r\nmode: enforce\r\nmx: {Mail}\r\nmax_age: 1209600\r\n",
        };
        await using var mail = new TestSmtpServer(_ca.Issue([Mail]), IPAddress.Parse("127.0.0.2"));
        _dns.Answer(Mail, 1, [127, 0, 0, 2]);
        foreach (var domain in domains) AddRecords(domain);
        _host.Folder.Write("roots.pem", _ca.RootPem);
        _host.Write($$"""
            { "Kestrel": { "Endpoints": { "Http": { "Url": "{{_host.Http}}" } } },
              "Dns": { "Resolvers": [ "{{_dns.EndPoint}}" ] },
              "Checks": { "TrustedRootsFile": "{{_host.Folder["roots.pem"]}}", "HttpsPort": {{policyHost.Port}}, "SmtpPort": {{mail.Port}}, "Timeout": "00:01:00" } }
            """);

        var started = TimeProvider.System.GetTimestamp();
        var result = await _host.RunAsync(["check", .. domains, "--fail-on", "error"]);
        output.WriteLine(
            $"{Count} domains, {_dns.Asked.Count} questions at 100 ms: {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s");

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.All(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Matches($@"^checking {Count} domains: \d+ done$", line));
        Assert.Equal(domains, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('\t')[0]).Distinct());
        var asked = _dns.Asked.ToList();
        var lastToBegin = domains.Max(domain => asked.FindIndex(name => IsOf(name, domain)));
        var done = domains.Count(domain => asked.FindLastIndex(name => IsOf(name, domain)) < lastToBegin);
        Assert.InRange(done, 0, 10); // when the last began; none on a machine that has nothing else to do
    }

    private static bool IsOf(string name, string domain) => name == domain || name.EndsWith("." + domain, StringComparison.Ordinal);

    private void AddRecords(string domain)
    {
        _dns.Answer($"_mta-sts.{domain}", 16, FakeDnsServer.Txt("v=STSv1; id=20260101;"));
        _dns.Answer($"mta-sts.{domain}", 1, [127, 0, 0, 1]);
        _dns.Answer(domain, 15, FakeDnsServer.Mx(10, Mail));
        _dns.Answer($"_dmarc.{domain}", 16, FakeDnsServer.Txt("v=DMARC1; p=reject"));
        _dns.Answer($"_smtp._tls.{domain}", 16, FakeDnsServer.Txt($"v=TLSRPTv1; rua=mailto:tls@{domain}"));
        _dns.Answer(domain, 16,
            FakeDnsServer.Txt($"v=spf1 {string.Join(' ', Enumerable.Range(0, 10).Select(i => $"include:s{i}.{domain}"))} -all"));
        foreach (var i in Enumerable.Range(0, 10)) _dns.Answer($"s{i}.{domain}", 16, FakeDnsServer.Txt("v=spf1 ip4:192.0.2.1 -all"));
    }
}
