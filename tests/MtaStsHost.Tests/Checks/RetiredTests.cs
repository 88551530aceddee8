using System.Text;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Serving;
using MtaStsHost.Tests.Transitions;

namespace MtaStsHost.Tests.Checks;

/// <summary>A domain that is not configured any more, while senders may hold its policy: they must come to see that it has none
/// now.</summary>
public sealed class RetiredTests : IAsyncLifetime
{
    private readonly CheckWorld _world = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task The_record_of_the_old_policy_is_a_fault_until_that_of_none_is_published()
    {
        var retired = Retire();

        Assert.Equal("publish _mta-sts.example.com. TXT \"" + retired.TxtValue + "\"", Assert.Single(await FaultsAsync()).Fix);
        _world.Txt = [retired.TxtValue];

        Assert.Empty(await FaultsAsync());
    }

    [Fact]
    public async Task A_policy_host_that_was_taken_out_of_DNS_too_early_is_a_fault_and_its_mail_servers_are_nobodys_matter()
    {
        var retired = Retire();
        _world.Txt = [retired.TxtValue];
        _world.Dns.Addresses[CheckWorld.PolicyHost] = [];
        _world.Dns.Mx.Clear();

        Assert.Equal("host-missing", Assert.Single(await FaultsAsync()).Code);
    }

    private ServedPolicy Retire()
    {
        var retired = Past.Retired(_world.Subject.Served!, _world.Time.GetUtcNow());
        _world.Subject = _world.Subject with { Served = retired };
        _world.Server.Body = Encoding.ASCII.GetString(retired.Body.Span);
        return retired;
    }

    private async Task<IReadOnlyList<Finding>> FaultsAsync() =>
        [.. (await _world.CheckAsync()).Where(finding => finding.Severity >= FindingSeverity.Warning)];
}
