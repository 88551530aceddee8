using System.Net;
using Acme.Testing;
using Microsoft.Extensions.Time.Testing;
using MtaSts;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Mx;
using MtaStsHost.Network;
using MtaStsHost.Testing;
using MtaStsHost.Text;

namespace MtaStsHost.Tests.Checks.Mx;

/// <summary>A domain whose MX hosts are servers on addresses of the loopback, all on one port, as in the field.</summary>
public abstract class MxFixture : IAsyncLifetime
{
    private protected const string Mail = "mail.example.com";

    private readonly List<TestSmtpServer> _servers = [];
    private readonly int _port = FreePorts.Next();

    private protected TestCa Ca { get; } = new();

    private protected FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    private protected ScriptedResolver Dns { get; } = new();

    private protected SmtpReachability Reachability { get; private set; } = null!;

    public ValueTask InitializeAsync()
    {
        Reachability = new SmtpReachability(Time);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
        Ca.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static Policy PolicyOf(string mode, params string[] mx) =>
        new(Enum.Parse<PolicyMode>(mode), mx.Select(text => MxPattern.TryParse(text, out var pattern, out _)
            ? pattern : throw new ArgumentException(text)), 604_800);

    /// <summary>A host in the MX records with a good server at an address of its own.</summary>
    private protected TestSmtpServer AddHost(string name = Mail, TestCertificate? certificate = null) =>
        AddServer(AddName(name, $"127.0.0.{_servers.Count + 2}"), certificate ?? Ca.Issue([name]));

    private protected TestSmtpServer AddServer(string address, TestCertificate? certificate)
    {
        var server = new TestSmtpServer(certificate, IPAddress.Parse(address), _port);
        _servers.Add(server);
        return server;
    }

    /// <summary>A host in the MX records, and one more address of it. Returns the address.</summary>
    private protected string AddName(string name, string address)
    {
        var records = Dns.Mx.GetValueOrDefault("example.com", []);
        if (!records.Any(record => record.Exchange == name)) Dns.Mx["example.com"] =
            [.. records, new MxRecord(10 * (records.Length + 1), name)];
        Dns.Addresses[name] = [.. Dns.Addresses.GetValueOrDefault(name, []), IPAddress.Parse(address)];
        return address;
    }

    private protected async Task<MxReport> CheckAsync(Policy? policy, TimeSpan? timeout = null, bool isSeen = true)
    {
        Assert.True(DomainName.TryParse("example.com", out var domain, out _));
        var probe = new SmtpProbe(new SmtpProbeOptions(_port, timeout ?? TimeSpan.FromSeconds(20), [Ca.Root()]), Time);
        var report = await new MxCheck(Dns, new MxProbes(probe, Reachability, null, Time), Time)
            .CheckAsync(domain, policy, isSeen, null, CancellationToken.None);
        Assert.All(report.Findings, finding => Assert.True(Printable.IsPrintable(finding.Message + finding.Fix), finding.Message));
        return report;
    }

    private protected static Finding One(MxReport report, string code) => Assert.Single(report.Findings, finding => finding.Code == code);

    private protected static string[] Codes(MxReport report) =>
        [.. report.Findings.Select(finding => $"{finding.Code} {finding.Severity}")];
}
