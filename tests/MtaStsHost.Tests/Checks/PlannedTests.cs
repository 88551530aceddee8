using MtaStsHost.Checks;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Checks;

/// <summary>A configuration that is about to be deployed: what the deployment changes does not count as a fault yet, and all else
/// counts.</summary>
public sealed class PlannedTests : IAsyncLifetime
{
    private readonly CheckWorld _world = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task A_new_domain_without_record_and_policy_host_has_things_to_do_and_no_fault()
    {
        Plan("enforce", CheckWorld.Mail);
        _world.Txt = [];
        _world.Dns.Addresses[CheckWorld.PolicyHost] = [];

        var findings = await _world.CheckAsync();

        Assert.All(findings, finding => Assert.True(finding.Severity == FindingSeverity.Info, finding.ToString()));
        Assert.StartsWith("after the deployment, publish _mta-sts.example.com. TXT",
            One(findings, "txt-missing").Fix, StringComparison.Ordinal);
        Assert.StartsWith("with the deployment, publish mta-sts.example.com. CNAME",
            One(findings, "host-missing").Fix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_that_changes_is_still_the_old_one_there()
    {
        Plan("testing", CheckWorld.Mail);

        var findings = await _world.CheckAsync();

        Assert.Equal((FindingSeverity.Info, FindingSeverity.Info),
            (One(findings, "txt-id-stale").Severity, One(findings, "policy-differs").Severity));
        Assert.All(findings, finding => Assert.True(finding.Severity == FindingSeverity.Info, finding.ToString()));
    }

    [Fact]
    public async Task A_new_policy_that_misses_a_mail_server_is_a_fault_and_no_sender_refuses_by_it_yet()
    {
        Plan("enforce", "mail.example.net");

        var findings = await _world.CheckAsync();

        Assert.Equal(FindingSeverity.Error, One(findings, "mx-not-covered").Severity);
        Assert.DoesNotContain(findings, finding => finding.Code == "mail-refused");
    }

    [Fact]
    public async Task A_mail_server_that_is_not_fit_for_the_new_mode_is_a_fault()
    {
        _world.Serve("testing", 1_209_600, CheckWorld.Mail);
        Plan("enforce", CheckWorld.Mail);
        _world.MailServer.Scripts[SmtpStep.Ehlo] = TestSmtpServer.Say("250 mail.example.com\r\n");

        Assert.Equal(FindingSeverity.Error, One(await _world.CheckAsync(), "mx-no-starttls").Severity);
    }

    [Fact]
    public async Task An_id_that_is_published_before_its_policy_is_a_fault()
    {
        Plan("testing", CheckWorld.Mail);
        _world.Txt = [_world.Subject.Served!.TxtValue];

        Assert.Equal(FindingSeverity.Error, One(await _world.CheckAsync(), "policy-differs").Severity);
    }

    [Fact]
    public async Task What_is_deployed_already_is_judged_as_ever()
    {
        _world.Subject = _world.Subject with { Purpose = CheckPurpose.Planned };
        _world.Txt = [];
        Assert.Equal(FindingSeverity.Error, One(await _world.CheckAsync(), "txt-missing").Severity);

        _world.Txt = [_world.Subject.Served!.TxtValue];
        Assert.All(await _world.CheckAsync(), finding => Assert.Equal(FindingSeverity.Info, finding.Severity));
    }

    [Fact]
    public async Task A_live_domain_whose_policy_host_fails_today_has_a_fault()
    {
        Plan("testing", CheckWorld.Mail);
        _world.Dns.Addresses[CheckWorld.PolicyHost] = [CheckWorld.Nowhere];

        Assert.Equal(FindingSeverity.Error, One(await _world.CheckAsync(), "host-unreachable").Severity);
    }

    /// <summary>Has the policy in the configuration, and leaves what is live as it is.</summary>
    private void Plan(string mode, params string[] mx)
    {
        var (body, txt) = (_world.Server.Body, _world.Subject.Served!.TxtValue);
        _world.Serve(mode, 1_209_600, mx);
        (_world.Server.Body, _world.Txt) = (body, [txt]);
        _world.Subject = _world.Subject with { Purpose = CheckPurpose.Planned };
    }

    private static Finding One(IEnumerable<Finding> findings, string code) => Assert.Single(findings, finding => finding.Code == code);
}
