using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using MtaSts;
using MtaStsHost.Checks;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Configuration;
using MtaStsHost.Network;
using MtaStsHost.Serving;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Checks;

/// <summary>A sound domain, example.com, with a policy host and an MX host of its own. A test breaks it, and fixes it.</summary>
internal sealed class CheckWorld : IAsyncDisposable
{
    public const string Domain = "example.com";
    public const string PolicyHost = "mta-sts.example.com";
    public const string Mail = "mail.example.com";

    /// <summary>Of the loopback, where no server is.</summary>
    public static readonly IPAddress Nowhere = IPAddress.Parse("127.0.0.99");

    private readonly SharedObservations _memory;

    public CheckWorld()
    {
        _memory = new SharedObservations(Time);
        Server = new TestPolicyHost { Certificate = Ca.Issue([PolicyHost]) };
        MailServer = new TestSmtpServer(Ca.Issue([Mail]), IPAddress.Parse("127.0.0.2"));
        Dns.Addresses[PolicyHost] = [IPAddress.Loopback];
        Dns.Addresses[Mail] = [IPAddress.Parse("127.0.0.2")];
        Dns.Mx[Domain] = [new MxRecord(10, Mail)];
        Dns.Txt[Domain] = ["v=spf1 mx -all"];
        Dns.Txt["_dmarc." + Domain] = ["v=DMARC1; p=reject"];
        Dns.Txt["_smtp._tls." + Domain] = ["v=TLSRPTv1; rua=mailto:tls@example.com"];
        Serve("enforce", 1_209_600, Mail);
    }

    public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    public ScriptedResolver Dns { get; } = new();

    public TestCa Ca { get; } = new();

    public TestPolicyHost Server { get; }

    public TestSmtpServer MailServer { get; }

    /// <summary>What the host knows of the domain.</summary>
    public CheckSubject Subject { get; set; } = null!;

    public string[] Txt
    {
        set => Dns.Txt["_mta-sts." + Domain] = value;
    }

    /// <summary>Sets the DKIM selectors that are configured.</summary>
    public void Sign(params string[] selectors)
    {
        var served = Subject.Served!;
        Subject = Subject with { Served = new ServedPolicy(served.Domain,
            served.Policy, served.Id, served.Body, served.TlsRpt) { DkimSelectors = [.. selectors] } };
    }

    /// <summary>Has the policy active, and published.</summary>
    public void Serve(string mode, int maxAge, params string[] mx)
    {
        var policy = new Policy(Enum.Parse<PolicyMode>(mode, true),
            mx.Select(text => MxPattern.TryParse(text, out var pattern, out _) ? pattern : throw new ArgumentException(text)), maxAge);
        Assert.True(DomainName.TryParse(Domain, out var domain, out _));
        var served = new ServedPolicy(domain, policy, PolicyId.Compute(policy), PolicyFormatter.Format(policy), []);
        Subject = new CheckSubject(domain, served) { Statistics = new() };
        Server.Body = Encoding.ASCII.GetString(served.Body.Span);
        Txt = [served.TxtValue];
    }

    public async Task<IReadOnlyList<Finding>> CheckAsync() => (await RunAsync()).Findings;

    public async Task<DomainCheck> RunAsync()
    {
        var settings = CheckSettings.Default with { SmtpPort = MailServer.Port, HttpsPort = Server.Port };
        var check = await new DomainChecker(Dns, settings, [Ca.Root()], _memory, Time)
            .CheckAsync(Subject, TestContext.Current.CancellationToken);
        Assert.All(check.Findings, finding => Assert.Contains(finding.Severity, finding.Descriptor.Severities));
        return check;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await MailServer.DisposeAsync();
        Ca.Dispose();
    }
}
