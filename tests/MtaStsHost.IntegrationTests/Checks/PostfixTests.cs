using System.Net;
using MtaSts;
using MtaStsHost.Checks.Mx;
using MtaStsHost.Network;
using MtaStsHost.Testing;
using MtaStsHost.Transitions;

namespace MtaStsHost.IntegrationTests.Checks;

/// <summary>The MX check against the mail server that most of the field runs.</summary>
public sealed class PostfixTests : IAsyncLifetime
{
    private const string May = "smtpd_tls_security_level=may";

    // The host's name, its address, and what the check says of it; none: nothing.
    private static readonly (string Host, string Address, string? Code, string? Seen)[] s_hosts =
    [
        ("good.example.com", "127.0.0.2", null, null),
        ("tls12.example.com", "127.0.0.3", null, null),
        ("expired.example.com", "127.0.0.4", "mx-certificate", "has expired or is not valid yet"),
        ("wrong.example.com", "127.0.0.5", "mx-certificate", "for another name (other.example)"),
        ("untrusted.example.com", "127.0.0.6", "mx-certificate", "isn't trusted"),
        ("nochain.example.com", "127.0.0.7", "mx-certificate", "neither sent nor known here"),
        ("plain.example.com", "127.0.0.8", "mx-no-starttls", "doesn't offer STARTTLS"),
        ("anonymous.example.com", "127.0.0.9", "mx-tls", "aborts the TLS handshake"),
        ("old.example.com", "127.0.0.10", "mx-tls-version", "has no TLS 1.2 or later"),
        ("nofile.example.com", "127.0.0.11", "mx-tls", "aborts the TLS handshake"), // a file that isn't there: Postfix goes on without
        ("noversion.example.com", "127.0.0.12", "mx-no-starttls", "offers STARTTLS and refuses it (454 4.7.0"),
    ];

    private readonly TestCa _ca = new();
    private readonly TestCa _other = new("Other CA");
    private readonly TempFolder _tls = new();
    private PostfixServer _postfix = null!;

    public async ValueTask InitializeAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        _postfix = await PostfixServer.StartAsync(new Dictionary<string, string[]>
        {
            ["127.0.0.2"] = [May, Chain("good", _ca.Issue(["good.example.com"]))],
            ["127.0.0.3"] = [May, Chain("tls12", _ca.Issue(["*.example.com"], key: TestKey.Rsa)), "smtpd_tls_protocols=TLSv1.2"],
            ["127.0.0.4"] = [May, Chain("expired", _ca.Issue(["expired.example.com"], now.AddDays(-90), now.AddDays(-1)))],
            ["127.0.0.5"] = [May, Chain("wrong", _ca.Issue(["other.example"]))],
            ["127.0.0.6"] = [May, Chain("untrusted", _other.Issue(["untrusted.example.com"]))],
            ["127.0.0.7"] = [May, Chain("nochain", _ca.Issue(["nochain.example.com"]) with { IntermediatePem = "" })],
            ["127.0.0.8"] = ["smtpd_tls_security_level=none"],
            ["127.0.0.9"] = [May, "smtpd_tls_cert_file=none"],
            ["127.0.0.10"] = [May, Chain("old", _ca.Issue(["old.example.com"])), "smtpd_tls_protocols=<=TLSv1.1"],
            ["127.0.0.11"] = [May, $"smtpd_tls_chain_files={_tls["missing.pem"]}"],
            ["127.0.0.12"] = [May, Chain("noversion", _ca.Issue(["noversion.example.com"])), "smtpd_tls_protocols=nonsense"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_postfix is not null) await _postfix.DisposeAsync();
        _ca.Dispose();
        _other.Dispose();
        _tls.Dispose();
    }

    private string Chain(string name, TestCertificate certificate)
    {
        var path = _tls[$"{name}.pem"];
        File.WriteAllText(path, certificate.KeyPem + certificate.ChainPem);
        return $"smtpd_tls_chain_files={path}";
    }

    private SmtpProbe Probe() => new(new SmtpProbeOptions(_postfix.Port, TimeSpan.FromSeconds(30), [_ca.Root()]), TimeProvider.System);

    [Fact]
    public async Task EachFaultOfAPostfixIsToldAndASoundOneIsSound()
    {
        var dns = new ScriptedResolver();
        foreach (var (host, address, _, _) in s_hosts) dns.Addresses[host] = [IPAddress.Parse(address)];
        dns.Mx["example.com"] = [.. s_hosts.Select((host, index) => new MxRecord(index, host.Host))];
        Assert.True(DomainName.TryParse("example.com", out var domain, out _));
        Assert.True(MxPattern.TryParse("*.example.com", out var pattern, out _));

        var report = await new MxCheck(dns, new MxProbes(Probe(), new SmtpReachability(TimeProvider.System), null, TimeProvider.System),
            TimeProvider.System)
            .CheckAsync(domain, new Policy(PolicyMode.Testing, [pattern], 604_800), true, null, CancellationToken.None);

        foreach (var (host, _, code, seen) in s_hosts)
        {
            var findings = report.Findings.Where(finding => finding.Message.StartsWith(host, StringComparison.Ordinal)).ToList();
            if (code is null)
            {
                Assert.Empty(findings);
                continue;
            }

            var finding = Assert.Single(findings);
            Assert.True(finding.Code == code, finding.ToString());
            Assert.Contains(seen!, finding.Message, StringComparison.Ordinal);
        }

        Assert.Equal(s_hosts.Count(host => host.Code is not null), report.Findings.Count);
        Assert.Equal(MxOutcome.Fails, report.Verdict.Outcome);
    }

    [Fact]
    public async Task TheTlsVersionOfAPostfixIsSeen()
    {
        var good = await Probe().ProbeAsync("good.example.com", IPAddress.Parse("127.0.0.2"), CancellationToken.None);
        var older = await Probe().ProbeAsync("tls12.example.com", IPAddress.Parse("127.0.0.3"), CancellationToken.None);

        Assert.Equal((SmtpOutcome.Good, "has STARTTLS with TLS 1.3 and a valid certificate"), (good.Outcome, good.Message));
        Assert.Equal((SmtpOutcome.Good, "has STARTTLS with TLS 1.2 and a valid certificate"), (older.Outcome, older.Message));
    }
}
