using System.Net;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Mx;
using MtaStsHost.Network;
using MtaStsHost.Testing;
using MtaStsHost.Transitions;

namespace MtaStsHost.Tests.Checks.Mx;

public sealed class MxCheckTests : MxFixture
{
    [Theory]
    [InlineData("Enforce")]
    [InlineData("Testing")]
    [InlineData("None")]
    public async Task CheckAsync_SoundDomain_FindsNothing(string mode)
    {
        AddHost();
        AddHost("mx2.example.net");

        var report = await CheckAsync(PolicyOf(mode, Mail, "*.example.net"));

        Assert.Empty(report.Findings);
        Assert.Equal([Mail, "mx2.example.net"], report.Hosts);
        Assert.NotEqual(MxOutcome.Fails, report.Verdict.Outcome);
    }

    [Fact]
    public async Task CheckAsync_NoMxAndNoAddress_IsMissing()
    {
        var report = await CheckAsync(null);

        Assert.Equal(["mx-missing Error"], Codes(report));
        Assert.Contains("example.com. MX 10", One(report, "mx-missing").Fix, StringComparison.Ordinal);
        Assert.Empty(report.Hosts);
    }

    [Fact]
    public async Task CheckAsync_NoMxButAnAddress_TakesTheDomainItself()
    {
        AddServer("127.0.0.2", Ca.Issue(["example.com"]));
        Dns.Addresses["example.com"] = [IPAddress.Parse("127.0.0.2")];

        var report = await CheckAsync(PolicyOf("Enforce", "example.com"));

        Assert.Equal(["mx-missing Info"], Codes(report));
        Assert.Equal(["example.com"], report.Hosts);
        Assert.Equal(["mx-missing Info", "mx-not-covered Error", "mx-pattern-unused Info", "mail-refused Error"],
            Codes(await CheckAsync(PolicyOf("Enforce", Mail))));
    }

    [Fact]
    public async Task CheckAsync_DnsFails_IsUnknown()
    {
        Dns.Failing["MX example.com"] = "no answer \u001b[31m";

        var report = await CheckAsync(PolicyOf("Enforce", Mail));

        Assert.Equal(["mx-missing Unknown"], Codes(report));
        Assert.NotEqual(MxOutcome.Fails, report.Verdict.Outcome);
    }

    [Theory]
    [InlineData("Enforce", "Warning")]
    [InlineData("Testing", "Warning")]
    [InlineData("None", "Info")]
    public async Task CheckAsync_NullMx_MakesAPolicyUseless(string mode, string severity)
    {
        Dns.Mx["example.com"] = [new MxRecord(0, "")];

        var report = await CheckAsync(PolicyOf(mode, Mail));

        Assert.Equal([$"mx-null {severity}"], Codes(report));
        Assert.Empty(report.Hosts);
    }

    [Fact]
    public async Task CheckAsync_NullMxBesideOthers_IsAnError()
    {
        AddHost();
        Dns.Mx["example.com"] = [new MxRecord(0, ""), .. Dns.Mx["example.com"]];

        Assert.Equal(["mx-null Error"], Codes(await CheckAsync(PolicyOf("Testing", Mail))));
    }

    [Theory]
    [InlineData("Enforce", "mx-not-covered Error,mail-refused Error")]
    [InlineData("Testing", "mx-not-covered Warning")]
    [InlineData("None", "")]
    public async Task CheckAsync_HostNotInThePolicy_IsNotCovered(string mode, string codes)
    {
        AddHost();
        AddHost("mx.two.example.net"); // the wildcard stands for one label

        var report = await CheckAsync(PolicyOf(mode, Mail, "*.example.net"));

        Assert.Equal(codes, string.Join(',', Codes(report).Where(code => !code.StartsWith("mx-pattern-unused", StringComparison.Ordinal))));
        Assert.Equal(mode != "None", report.Verdict.Outcome == MxOutcome.Fails);
        if (mode == "Enforce")
        {
            Assert.Equal("add to the domain's Mx: *.two.example.net; then publish the new id; or remove the MX record from DNS",
                One(report, "mx-not-covered").Fix);
            Assert.Equal(
                "mail is being refused: senders that honor the policy of example.com don't deliver to mx.two.example.net (not in the "
                + "policy); what still works: mail.example.com", One(report, "mail-refused").Message);
        }
    }

    [Fact]
    public async Task CheckAsync_PolicyThatNobodySeesYet_HasNobodyRefuse()
    {
        AddHost("other.example.net");

        Assert.Equal(["mx-not-covered Error", "mx-pattern-unused Info"], Codes(await CheckAsync(PolicyOf("Enforce", Mail), isSeen: false)));
        Assert.Contains("mail-refused Error", Codes(await CheckAsync(PolicyOf("Enforce", Mail))));
    }

    [Fact]
    public async Task CheckAsync_RecordsInAnotherOrder_FindsTheSame()
    {
        Dns.Mx["example.com"] = [new MxRecord(10, "b.example.com"), new MxRecord(10, "a.example.com"), new MxRecord(5, "c.example.com")];
        foreach (var name in new[] { "a.example.com", "b.example.com", "c.example.com" })
            Dns.Addresses[name] = [.. new[] { "127.0.0.12", "127.0.0.2", "::1", "127.0.0.3", "127.0.0.4" }.Select(IPAddress.Parse)];
        var one = await CheckAsync(PolicyOf("Enforce", "c.example.com"));

        Array.Reverse(Dns.Mx["example.com"]);
        foreach (var addresses in Dns.Addresses.Values) Array.Reverse(addresses);
        var other = await CheckAsync(PolicyOf("Enforce", "c.example.com"));

        Assert.Equal(["c.example.com", "a.example.com", "b.example.com"], one.Hosts);
        Assert.Equal(one.Hosts, other.Hosts);
        Assert.Equal(one.Findings, other.Findings);
        Assert.Equal(one.Verdict, other.Verdict);
    }

    [Fact]
    public async Task CheckAsync_PatternWithoutAnMx_IsUnused()
    {
        AddHost();

        var report = await CheckAsync(PolicyOf("Enforce", Mail, "*.example.net", "old.example.com"));

        Assert.Equal(["mx-pattern-unused Info"], Codes(report));
        Assert.Equal("the policy names *.example.net, old.example.com, which no MX record matches", report.Findings[0].Message);
    }

    [Theory]
    [InlineData("192.0.2.1",
        "the MX 192.0.2.1 of example.com is not a valid host name, so no certificate can be valid for it: it is an IP address")]
    [InlineData(
        "mail", "the MX mail of example.com is not a valid host name, so no certificate can be valid for it: it has a single label")]
    [InlineData("\u001b]0;x\u0007.example.com",
        "the MX \\u001B]0;x\\u0007.example.com of example.com is not a valid host name, so no certificate can be valid for it: it has "
            + "the character "
        + "U+001B")]
    public async Task CheckAsync_NameThatIsNone_IsInvalidAndNotAskedFor(string name, string message)
    {
        AddHost();
        Dns.Mx["example.com"] = [.. Dns.Mx["example.com"], new MxRecord(99, name)];

        var report = await CheckAsync(PolicyOf("Enforce", Mail));

        Assert.Equal(["mx-invalid Error"], Codes(report));
        Assert.Equal(message, report.Findings[0].Message);
        Assert.DoesNotContain(Dns.Asked, asked => asked.EndsWith(name, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Enforce", "Error")]
    [InlineData("Testing", "Warning")]
    public async Task CheckAsync_Underscore_DependsOnTheMode(string mode, string severity)
    {
        Dns.Mx["example.com"] = [new MxRecord(10, "_dc-mx.example.com")];

        Assert.Equal([$"mx-invalid {severity}"], Codes(await CheckAsync(PolicyOf(mode, "*.example.com"))));
    }

    [Fact]
    public async Task CheckAsync_RepeatedRecord_IsProbedOnce()
    {
        var server = AddHost();
        Dns.Mx["example.com"] = [.. Dns.Mx["example.com"], new MxRecord(20, Mail)];

        Assert.Equal(["mx-repeated Info"], Codes(await CheckAsync(PolicyOf("Enforce", Mail))));
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task CheckAsync_Alias_IsNoted()
    {
        AddHost();
        Dns.Aliases[Mail] = ["mx.provider.example"];

        Assert.Equal(["mx-alias Info"], Codes(await CheckAsync(PolicyOf("Enforce", Mail))));
    }

    [Fact]
    public async Task CheckAsync_Tlsa_IsNoted()
    {
        AddHost();
        Dns.Tlsa["_25._tcp." + Mail] = 2;
        Assert.Equal(["mx-dane Info"], Codes(await CheckAsync(PolicyOf("Enforce", Mail))));

        Dns.Failing["_25._tcp." + Mail] = "SERVFAIL";
        Assert.Equal(["mx-dane Unknown"], Codes(await CheckAsync(PolicyOf("Enforce", Mail))));
    }

    [Fact]
    public async Task CheckAsync_HostWithoutAnAddress_IsUnreachable()
    {
        Dns.Mx["example.com"] = [new MxRecord(10, "gone.example.com")];
        Assert.Equal(["mx-unreachable Error"], Codes(await CheckAsync(PolicyOf("Testing", "*.example.com"))));

        AddHost();
        Assert.Equal(["mx-unreachable Warning"], Codes(await CheckAsync(PolicyOf("Testing", "*.example.com"))));

        Dns.Failing["gone.example.com"] = "SERVFAIL";
        Assert.Equal(["mx-unreachable Unknown"], Codes(await CheckAsync(PolicyOf("Testing", "*.example.com"))));
    }

    [Fact]
    public async Task CheckAsync_NothingAnswersOnPort25_IsUnknownUntilAnyOtherHas()
    {
        AddName(Mail, "127.0.0.77"); // nothing listens
        var report = await CheckAsync(PolicyOf("Enforce", Mail));
        Assert.Equal(["mx-unreachable Unknown"], Codes(report));
        Assert.NotEqual(MxOutcome.Fails, report.Verdict.Outcome);

        Reachability.Proven(IPAddress.IPv6Loopback); // says nothing of IPv4
        Assert.Equal(["mx-unreachable Unknown"], Codes(await CheckAsync(PolicyOf("Enforce", Mail))));

        Reachability.Proven(IPAddress.Loopback);
        Assert.Equal(["mx-unreachable Warning"], Codes(await CheckAsync(PolicyOf("Enforce", Mail))));

        Time.Advance(TimeSpan.FromDays(1)); // networks change
        Assert.Equal(["mx-unreachable Unknown"], Codes(await CheckAsync(PolicyOf("Enforce", Mail))));
    }

    [Fact]
    public async Task CheckAsync_OneAddressOfTwoIsDead_IsAWarningThatNamesIt()
    {
        AddHost();
        AddName(Mail, "127.0.0.77");

        var finding = Assert.Single((await CheckAsync(PolicyOf("Enforce", Mail))).Findings);

        Assert.Equal((FindingSeverity.Warning, "mail.example.com (127.0.0.77) refuses connections"), (finding.Severity, finding.Message));
    }

    [Fact]
    public async Task CheckAsync_ServerRefusesThisClient_IsUnknown()
    {
        AddHost().Scripts[SmtpStep.Greeting] = TestSmtpServer.Say("554 blocked, see \u001b[0m\r\n");
        AddHost("mx2.example.com");

        Assert.Equal(["mx-unreachable Unknown"], Codes(await CheckAsync(PolicyOf("Enforce", "*.example.com"))));
    }

    [Theory]
    [InlineData("Enforce", "mx-no-starttls Error,mail-refused Error")]
    [InlineData("Testing", "mx-no-starttls Warning")]
    [InlineData("None", "mx-no-starttls Warning")]
    [InlineData(null, "mx-no-starttls Warning")]
    public async Task CheckAsync_NoStartTls_DependsOnTheMode(string? mode, string codes)
    {
        AddServer(AddName(Mail, "127.0.0.2"), null);

        var report = await CheckAsync(mode is null ? null : PolicyOf(mode, Mail));

        Assert.Equal(codes, string.Join(',', Codes(report)));
        Assert.Equal(MxOutcome.Fails, report.Verdict.Outcome);
        if (mode == "Enforce") Assert.EndsWith("no other MX host works, so such senders deliver nothing",
            One(report, "mail-refused").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SmtpStep.StartTls, "454 no\r\n", "mx-no-starttls Warning")]
    [InlineData(SmtpStep.StartTls, "220 go\r\n250 injected\r\n", "mx-tls Warning")]
    [InlineData(SmtpStep.Handshake, "\u0015\u0003\u0002\0\u0002\u0002\u0046", "mx-tls-version Warning")]
    [InlineData(SmtpStep.Handshake, "\u0015\u0003\u0003\0\u0002\u0002\u0028", "mx-tls Warning")]
    [InlineData(SmtpStep.Ehlo, "garbage\r\n", "mx-unreachable Warning")]
    public async Task CheckAsync_ServerWithAFault_HasItsCode(SmtpStep step, string answer, string code)
    {
        var server = AddHost();
        server.Scripts[step] = TestSmtpServer.SayAndClose(System.Text.Encoding.Latin1.GetBytes(answer));
        Assert.Equal([code], Codes(await CheckAsync(PolicyOf("Testing", Mail))));

        server.Scripts.Clear();
        Assert.Empty((await CheckAsync(PolicyOf("Testing", Mail))).Findings);
    }

    [Fact]
    public async Task CheckAsync_LargeHelloIsRefused_IsAWarningThatNamesBothGroups()
    {
        var server = AddHost();
        server.Scripts[SmtpStep.Handshake] = TestSmtpServer.Close;
        server.AcceptsHello = TestSmtpServer.IsSmallHello;

        var report = await CheckAsync(PolicyOf("Enforce", Mail));

        Assert.Equal(["mx-tls Warning"], Codes(report)); // other senders deliver, so mail is not refused
        Assert.Contains("-groups X25519MLKEM768 -connect mail.example.com:25", One(report, "mx-tls").Fix, StringComparison.Ordinal);
        Assert.Equal(MxOutcome.Fails, report.Verdict.Outcome); // not ready for enforce
    }

    [Fact]
    public async Task CheckAsync_BadCertificates_SayWhatWasSeen()
    {
        using var other = new TestCa("Other");
        AddHost("wrong.example.com", Ca.Issue(["other.example"]));
        AddHost("untrusted.example.com", other.Issue(["untrusted.example.com"]));
        AddHost("expired.example.com", Ca.Issue(["expired.example.com"], Time.GetUtcNow().AddDays(-90), Time.GetUtcNow().AddDays(-1)));

        var report = await CheckAsync(PolicyOf("Enforce", "*.example.com"));

        Assert.Equal(["mx-certificate Error", "mx-certificate Error", "mx-certificate Error", "mail-refused Error"], Codes(report));
        Assert.Contains("for another name (other.example)", report.Findings[0].Message, StringComparison.Ordinal);
        Assert.Contains("isn't trusted", report.Findings[1].Message, StringComparison.Ordinal);
        Assert.Contains("has expired or is not valid yet", report.Findings[2].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(90, 6.9, true)]
    [InlineData(90, 7.1, false)]
    [InlineData(6, 1.3, false)] // a life of six days
    [InlineData(6, 1.1, true)]
    public async Task CheckAsync_CertificateEndsSoon_IsAWarning(double life, double left, bool isFound)
    {
        var end = Time.GetUtcNow().AddDays(left);
        AddHost(Mail, Ca.Issue([Mail], end.AddDays(-life), end));

        Assert.Equal(isFound ? ["mx-certificate Warning"] : [], Codes(await CheckAsync(PolicyOf("Enforce", Mail))));
    }

    [Fact]
    public async Task CheckAsync_OneOfTwoAddressesFails_IsSaidSo()
    {
        AddHost();
        AddServer(AddName(Mail, "127.0.0.9"), null);

        var report = await CheckAsync(PolicyOf("Enforce", Mail));

        Assert.Equal(["mx-no-starttls Error", "mail-refused Error"], Codes(report));
        Assert.Contains("mail.example.com (at 1 of 2 addresses)", One(report, "mail-refused").Message, StringComparison.Ordinal);
        Assert.StartsWith("mail.example.com (127.0.0.9) doesn't", report.Findings[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckAsync_HostThatStalls_HoldsUpNoOther()
    {
        var stalling = AddHost();
        stalling.Scripts[SmtpStep.Ehlo] = TestSmtpServer.Stall;
        var others = Enumerable.Range(0, 15).Select(i => AddHost($"mx{i}.example.com")).ToList();

        var check = CheckAsync(PolicyOf("Enforce", "*.example.com"));
        // Time stands still, so nothing but the stalled host is left when all others have been asked.
        await Eventually.IsTrueAsync(() => others.All(server => server.Commands.Contains("TLS QUIT")), "all others are done");
        Assert.False(check.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(21));

        Assert.Equal(["mx-unreachable Warning"], Codes(await check));
    }

    [Fact]
    public async Task CheckAsync_ThousandMx_CostNoMoreThanTheBound()
    {
        var servers = Enumerable.Range(2, 6).Select(i => AddServer($"127.0.0.{i}", Ca.Issue(["*.example.com"]))).ToList();
        foreach (var i in Enumerable.Range(0, 1000)) Dns.Addresses[$"mx{i}.example.com"] =
            [.. Enumerable.Range(2, 6).Select(j => IPAddress.Parse($"127.0.0.{j}"))];
        Dns.Mx["example.com"] = [.. Enumerable.Range(0, 1000).Select(i => new MxRecord(10, $"mx{i}.example.com"))];
        var (now, most) = (0, 0);
        foreach (var server in servers)
        {
            server.Scripts[SmtpStep.Greeting] = async (stream, cancellationToken) =>
            {
                var count = Interlocked.Increment(ref now);
                lock (servers) most = Math.Max(most, count);
                Interlocked.Decrement(ref now);
                return await TestSmtpServer.Say("220 hello\r\n")(stream, cancellationToken);
            };
        }

        var report = await CheckAsync(PolicyOf("Enforce", "*.example.com"));

        Assert.Equal(["mx-left-out Unknown", "mx-left-out Unknown"], Codes(report));
        Assert.Contains("these were not checked: mx116.example.com", report.Findings[0].Message, StringComparison.Ordinal);
        Assert.All(report.Findings, finding => Assert.True(finding.Message.Length < 2000, finding.Message));
        Assert.Equal(MxCheck.MaxHosts * MxFacts.MaxAddresses, servers.Sum(server => server.Connections));
        Assert.InRange(most, 1, MxCheck.MaxConnections);
        Assert.Equal(MxCheck.MaxNames, report.Hosts.Count);
    }

    [Fact]
    public async Task CheckAsync_ManyAddresses_TakesSomeOfBothFamilies()
    {
        foreach (var i in Enumerable.Range(2, 5)) AddName(Mail, $"100::{i}");
        AddHost();

        var report = await CheckAsync(PolicyOf("Enforce", Mail), TimeSpan.FromMilliseconds(200));

        Assert.Contains(report.Findings, finding => finding.Code == "mx-left-out"
            && finding.Message == "not all addresses of mail.example.com were checked: only 4 of each");
        Assert.NotEqual(MxOutcome.Fails, report.Verdict.Outcome);
        Assert.True(Reachability.IsProven(IPAddress.Loopback));
    }

    [Fact]
    public async Task CheckAsync_ThousandsOfMxNames_OnlyTheFirstHundredAreKept()
    {
        Dns.Mx["example.com"] = [.. Enumerable.Range(0, 3000).Select(i => new MxRecord(i, $"mx{i:0000}.example.com"))];

        var report = await CheckAsync(PolicyOf("Enforce", "*.example.net"));

        Assert.Equal(100, report.Hosts.Count);
        Assert.Contains(", and 2900 beyond the first 100", One(report, "mx-left-out").Message, StringComparison.Ordinal);
        Assert.InRange(report.Findings.Sum(finding => finding.Letters), 1, 20_000);
    }

    /// <summary>A wildcard stands for one label: RFC 8461 §4.1.</summary>
    [Theory]
    [InlineData("*.mx.example.net", "*.h-v1.mx.example.net")]
    [InlineData("mail.example.com", "example-com.h-v1.mx.example.net")]
    public async Task CheckAsync_HostBelowAWildcard_RemedyIsTheWildcardThatCoversIt(string pattern, string expected)
    {
        AddHost("example-com.h-v1.mx.example.net");

        var finding = One(await CheckAsync(PolicyOf("Enforce", pattern)), "mx-not-covered");

        Assert.StartsWith($"add to the domain's Mx: {expected};", finding.Fix, StringComparison.Ordinal);
    }
}
