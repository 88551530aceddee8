using System.Net;
using System.Net.Sockets;
using MtaSts;
using MtaStsHost.Checks;
using MtaStsHost.Checks.Background;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Testing;
using MtaStsHost.Tests.Transitions;
using MtaStsHost.Transitions;

namespace MtaStsHost.Tests.Checks;

public sealed class DomainCheckerTests : IAsyncLifetime
{
    private readonly CheckWorld _world = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    /// <summary>RFC 8461 §3.1, §3.3: a sender that holds a policy keeps to it while it can't see the record or fetch the policy.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task CheckAsync_MxFailsWhileThePolicyHostOrTheRecordIsGone_MailIsRefusedAllTheSame(bool isHostGone, bool isRecordGone)
    {
        var served = _world.Subject.Served!;
        _world.Subject = _world.Subject
            with { History = new DomainHistory([Past.Row(served, _world.Time.GetUtcNow().AddDays(-10), null)], _world.Time.GetUtcNow()) };
        _world.Subject.Statistics!.NoteFromOutside(AddressFamily.InterNetwork, _world.Time.GetUtcNow().AddDays(-1).ToUnixTimeSeconds());
        _world.MailServer.Scripts[SmtpStep.Ehlo] = TestSmtpServer.Say("250 mail.example.com\r\n");
        Assert.Contains(await _world.CheckAsync(), finding => finding.Code == "mail-refused");

        if (isHostGone) _world.Dns.Addresses[CheckWorld.PolicyHost] = [CheckWorld.Nowhere];
        if (isRecordGone) _world.Txt = [];

        Assert.Contains(await _world.CheckAsync(), finding => finding.Code == "mail-refused");
    }

    /// <summary>As README, <c>history</c> and <c>safe-to-remove</c> say: the records first, then the domain out of the
    /// configuration.</summary>
    [Theory]
    [InlineData(10, true)]
    [InlineData(1, false)] // a week's copies are out
    public async Task CheckAsync_RecordsTakenOutOfDns_AreNoFaultOnceTheDomainIsSafeToRemove(int days, bool isSafe)
    {
        _world.Serve("none", 86_400, CheckWorld.Mail);
        var (now, served) = (_world.Time.GetUtcNow(), _world.Subject.Served!);
        _world.Subject = _world.Subject
            with { History = new DomainHistory([Past.Row(Past.Served(PolicyMode.Enforce), now.AddDays(-20), now.AddDays(-days)),
            Past.Row(served, now.AddDays(-days), null)], now) };
        _world.Txt = [];
        _world.Dns.Addresses[CheckWorld.PolicyHost] = [];

        var findings = await _world.CheckAsync();

        Assert.Equal(isSafe, findings.All(finding => finding.Severity <= FindingSeverity.Info));
        Assert.Equal(isSafe, findings.Single(finding =>
            finding.Code == "host-missing").Fix!.StartsWith("remove example.com from the configuration", StringComparison.Ordinal));
    }

    /// <summary>One error that blames the resolver, not the domain; it exits with 1, holds at the gate, and clears nothing.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CheckAsync_ResolverThatAnswersNothing_IsOneError(bool isRetired)
    {
        _world.Dns.Silence = "the resolver gave no usable answer for . NS (ConnectionTimeout)";
        var served = _world.Subject.Served!;
        if (isRetired)
            _world.Subject = new CheckSubject(served.Domain,
                Past.Retired(served, _world.Time.GetUtcNow()));

        var check = await _world.RunAsync();

        var finding = Assert.Single(check.Findings);
        Assert.Equal((FindingSeverity.Error, "resolver-unreachable"), (finding.Severity, finding.Code));
        Assert.Contains("192.0.2.53:53 (Dns:Resolvers)", finding.Message, StringComparison.Ordinal);
        Assert.Equal("unknown", check.Status);
        Assert.Equal(MxOutcome.Fails, check.Verdict.Outcome);
        var before = DomainFindings.After(null, check with { Findings = [new(PolicyFindings.MaxAgeShort, FindingSeverity.Warning,
            CheckWorld.Domain, 1, 2), new(MxFindings.Missing, CheckWorld.Domain)] }, new FindingPool());
        Assert.Equal(["max-age-short", "mx-missing", "resolver-unreachable"],
            DomainFindings.After(before, check, new FindingPool()).Findings.Select(kept => kept.Code).Order(StringComparer.Ordinal));
    }

    /// <summary>The resolver works, and the domain's own name servers don't.</summary>
    [Fact]
    public async Task CheckAsync_DomainWhoseNameServersAreDown_IsNotBlamedOnTheResolver()
    {
        foreach (var name in new[] { "", "_mta-sts.", "mta-sts.", "_dmarc.", "_smtp._tls." })
            _world.Dns.Failing[name + CheckWorld.Domain] = "the resolver answered ServerFailure";

        var check = await _world.RunAsync();

        Assert.DoesNotContain(check.Findings, finding => finding.Code == "resolver-unreachable");
        Assert.Equal(MxOutcome.Unknown, check.Verdict.Outcome);
    }

    /// <summary>Anyone who publishes the records chooses the addresses: no connection to another host of this network.</summary>
    [Fact]
    public async Task CheckAsync_AddressesThatAreNotGlobal_AreNotConnectedTo()
    {
        var inner = IPAddress.Parse("10.254.253.252");
        _world.Dns.Addresses[CheckWorld.PolicyHost] = [inner];
        _world.Dns.Addresses[CheckWorld.Mail] = [inner];

        var check = await _world.RunAsync();

        Assert.Equal("mta-sts.example.com has addresses that are not global and were not connected to: 10.254.253.252",
            Assert.Single(check.Findings, finding => finding.Code == "host-unreachable").Message);
        Assert.Equal("these MX hosts have addresses that are not global and were not connected to: mail.example.com (10.254.253.252)",
            Assert.Single(check.Findings, finding => finding.Code == "mx-unreachable").Message);
        Assert.Equal((MxOutcome.Unknown, "warning"), (check.Verdict.Outcome, check.Status));
    }

    /// <summary>Another server may write the same policy in another way.</summary>
    [Fact]
    public async Task CheckAsync_SamePolicyWithOtherLineEnds_IsTheSame()
    {
        _world.Server.Body = _world.Server.Body.ReplaceLineEndings("\n");

        Assert.DoesNotContain(await _world.CheckAsync(), finding => finding.Code == "policy-differs");
    }

    /// <summary>Removed here because it has gone to another host, which serves a policy under an id of its own, and is published: nothing
    /// is wrong with it.</summary>
    [Fact]
    public async Task CheckAsync_RemovedDomainThatIsHostedElsewhereNow_HasNoError()
    {
        var served = _world.Subject.Served!;
        _world.Subject = new CheckSubject(served.Domain, Past.Retired(served, _world.Time.GetUtcNow())) { Purpose = CheckPurpose.Explain };

        Assert.DoesNotContain(await _world.CheckAsync(), finding => finding.Severity == FindingSeverity.Error);
    }
}
