using System.Net;
using Acme.Testing;
using Microsoft.Extensions.Time.Testing;
using MtaSts;
using MtaStsHost.Checks;
using MtaStsHost.Configuration;
using MtaStsHost.Network;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Checks;

/// <summary>Many domains side by side: none waits for another.</summary>
public sealed class ManyDomainsTests
{
    private static readonly TimeSpan s_answer = TimeSpan.FromMilliseconds(100);

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly ScriptedResolver _dns;

    public ManyDomainsTests() => _dns = new ScriptedResolver(_time);

    /// <summary>
    /// With 100 ms an answer, as many tenths of a second as there are questions one after the other. The interface wants 50 domains in 10
    /// s; the
    /// longest way is that of a record with all ten look-ups that SPF allows.
    /// </summary>
    [Fact]
    public void Fifty_domains_take_as_many_rounds_of_questions_as_one()
    {
        _dns.Delay = s_answer;
        foreach (var i in Enumerable.Range(0, 50)) AddDomain($"d{i}.example");
        var checker = Checker(FreePorts.Next(), FreePorts.Next(), []);

        var one = Rounds(() => checker.CheckAsync(Subject("d0.example"), CancellationToken.None));
        var fifty = Rounds(() => Task.WhenAll(Enumerable.Range(0, 50)
            .Select(i => checker.CheckAsync(Subject($"d{i}.example"), CancellationToken.None))));

        Assert.Equal(one, fifty);
        Assert.InRange(one, 5, 15);
    }

    [Fact]
    public async Task A_mail_server_that_stalls_holds_up_its_own_domain_alone()
    {
        using var ca = new TestCa();
        await using var good = new TestSmtpServer(ca.Issue(Enumerable.Range(0, 50).Select(i => $"mail.d{i}.example")),
            IPAddress.Parse("127.0.0.2"));
        await using var slow = new TestSmtpServer(null, IPAddress.Parse("127.0.0.3"), good.Port);
        slow.Scripts[SmtpStep.Greeting] = TestSmtpServer.Stall;
        foreach (var i in Enumerable.Range(0, 50))
        {
            AddDomain($"d{i}.example");
            _dns.Addresses[$"mail.d{i}.example"] = [IPAddress.Parse(i == 0 ? "127.0.0.3" : "127.0.0.2")];
        }

        var checker = Checker(good.Port, FreePorts.Next(), [ca.Root()]);
        var checks = Enumerable.Range(0, 50)
            .Select(i => checker.CheckAsync(Subject($"d{i}.example"), TestContext.Current.CancellationToken)).ToList();

        var others = await Task.WhenAll(checks.Skip(1)); // the clock stands still: a wait for a timeout would never end
        await Eventually.IsTrueAsync(() => slow.Connections == 1, "the slow one is connected to");
        Assert.False(checks[0].IsCompleted);
        Assert.All(others, check => Assert.DoesNotContain(check.Findings,
            finding => finding.Code.StartsWith("mx-", StringComparison.Ordinal)));

        _time.Advance(CheckSettings.Default.Timeout);
        Assert.Contains((await checks[0]).Findings, finding => finding.Code == "mx-unreachable"
            && finding.Message.Contains("waiting for the greeting", StringComparison.Ordinal));
    }

    private void AddDomain(string domain)
    {
        _dns.Txt[$"_mta-sts.{domain}"] = ["v=STSv1; id=1;"];
        _dns.Mx[domain] = [new MxRecord(10, $"mail.{domain}")];
        _dns.Txt[domain] = [$"v=spf1 {string.Join(' ', Enumerable.Range(0, 10).Select(i => $"include:spf{i}.{domain}"))} -all"];
        foreach (var i in Enumerable.Range(0, 10)) _dns.Txt[$"spf{i}.{domain}"] = ["v=spf1 ip4:192.0.2.1 -all"];
    }

    private DomainChecker Checker(int smtpPort, int httpsPort,
        System.Security.Cryptography.X509Certificates.X509Certificate2Collection roots) =>
        new(_dns, CheckSettings.Default with { SmtpPort = smtpPort, HttpsPort = httpsPort }, roots, new SharedObservations(_time), _time);

    private static CheckSubject Subject(string name) =>
        new(DomainName.TryParse(name, out var domain, out var error) ? domain : throw new ArgumentException(error, nameof(name)));

    /// <summary>How often all that is asked must be answered until the work is done. Nothing in it may wait for the network.</summary>
    private int Rounds(Func<Task> work)
    {
        var outer = SynchronizationContext.Current;
        using var pump = new Pump();
        SynchronizationContext.SetSynchronizationContext(pump);
        try
        {
            var task = work();
            for (var rounds = 0; ; rounds++)
            {
                pump.RunAll();
                if (task.IsCompleted)
                {
                    task.GetAwaiter().GetResult();
                    return rounds;
                }

                Assert.True(rounds < 1000, "it never ends");
                _time.Advance(s_answer);
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>Runs what has become ready, on the test's own thread: when it is empty, all wait for the clock.</summary>
    private sealed class Pump : SynchronizationContext, IDisposable
    {
        private readonly System.Collections.Concurrent.BlockingCollection<(SendOrPostCallback Callback, object? State)> _ready = [];

        public override void Post(SendOrPostCallback d, object? state) => _ready.Add((d, state));

        public void RunAll()
        {
            while (_ready.TryTake(out var next)) next.Callback(next.State);
        }

        public void Dispose() => _ready.Dispose();
    }
}
