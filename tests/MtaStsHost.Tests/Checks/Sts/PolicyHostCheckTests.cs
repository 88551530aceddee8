using System.Net;
using System.Net.Sockets;
using MtaSts;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Checks.Sts;

/// <summary>Which addresses of a policy host are asked, and what is said of those that answer.</summary>
public sealed class PolicyHostCheckTests : IAsyncLifetime
{
    private const string Public = "sts.example.net";

    private readonly CheckWorld _world = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task CheckAsync_SeveralAddresses_AsksEachAndTellsTheDeadOne()
    {
        _world.Dns.Addresses[CheckWorld.PolicyHost] = [CheckWorld.Nowhere, IPAddress.IPv6Loopback, IPAddress.Loopback];

        var finding = One(await _world.CheckAsync(), "host-unreachable");

        Assert.Equal(FindingSeverity.Warning, finding.Severity);
        Assert.Contains(CheckWorld.Nowhere.ToString(), finding.Message, StringComparison.Ordinal);
        Assert.Contains("(at 127.0.0.99, ::1); other addresses of mta-sts.example.com work", finding.Message, StringComparison.Ordinal);
        Assert.Equal(1, _world.Server.Connections);
    }

    /// <summary>A network without hairpin NAT: the service can't reach itself, and senders can.</summary>
    [Fact]
    public async Task CheckAsync_AddressThatOthersReach_IsNoFault()
    {
        _world.Dns.Addresses[CheckWorld.PolicyHost] = [CheckWorld.Nowhere];
        var fault = One(await _world.CheckAsync(), "host-unreachable");
        Assert.Equal(FindingSeverity.Error, fault.Severity);
        Assert.Contains("only this network lacks hairpin NAT, name a resolver in Dns:Resolvers",
            fault.Fix, StringComparison.Ordinal);

        Fetch(AddressFamily.InterNetwork);
        var findings = await _world.CheckAsync();

        var found = One(findings, "host-unreachable");
        Assert.Equal((FindingSeverity.Unknown, HostFindings.NoHairpin), (found.Severity, found.Descriptor));
        Assert.Equal("mta-sts.example.com can't be reached (127.0.0.99 port " + _world.Server.Port
            + ": connection refused), but senders outside fetch the policy there: this network has no hairpin NAT",
            found.Message);
        Assert.DoesNotContain(findings, finding => finding.Severity > FindingSeverity.Unknown);
    }

    [Fact]
    public async Task CheckAsync_PolicyThatOthersFetch_BindsThem()
    {
        _world.Dns.Addresses[CheckWorld.PolicyHost] = [CheckWorld.Nowhere];
        _world.MailServer.Scripts[SmtpStep.Ehlo] = TestSmtpServer.Say("250 mail.example.com\r\n");
        Assert.DoesNotContain(await _world.CheckAsync(), finding => finding.Code == "mail-refused");

        Fetch(AddressFamily.InterNetwork);

        Assert.Contains(await _world.CheckAsync(), finding => finding.Code == "mail-refused");
    }

    [Theory]
    [InlineData("127.0.0.99", AddressFamily.InterNetworkV6)] // by another address that was in DNS, perhaps
    [InlineData("127.0.0.99 127.0.0.98", AddressFamily.InterNetwork)] // by one of the two
    public async Task CheckAsync_FetchThatMayHaveGoneElsewhere_ProvesNothing(string addresses, AddressFamily family)
    {
        _world.Dns.Addresses[CheckWorld.PolicyHost] = [.. addresses.Split(' ').Select(IPAddress.Parse)];
        await _world.CheckAsync();

        Fetch(family);

        Assert.Equal(FindingSeverity.Error, One(await _world.CheckAsync(), "host-unreachable").Severity);
    }

    [Fact]
    public async Task CheckAsync_AddressesOfOneFamilyThatCantBeLookedUp_AreTold()
    {
        _world.Dns.Missed[CheckWorld.PolicyHost] = "the resolver answered ServerFailure for mta-sts.example.com AAAA";

        var findings = await _world.CheckAsync();

        Assert.Equal(("host-missing", FindingSeverity.Unknown,
            "not all addresses of mta-sts.example.com could be looked up: the resolver answered ServerFailure for mta-sts.example.com "
            + "AAAA"),
            findings.Where(finding => finding.Severity != FindingSeverity.Info)
                .Select(finding => (finding.Code, finding.Severity, finding.Message)).Single());
        Assert.Equal(1, _world.Server.Connections);
    }

    [Fact]
    public async Task CheckAsync_HundredAddresses_AreAskedAtEightAndThatIsTold()
    {
        _world.Dns.Addresses[CheckWorld.PolicyHost] = [.. Enumerable.Range(101, 100).Select(i => IPAddress.Parse($"127.0.0.{i}"))];

        var findings = (await _world.CheckAsync()).Where(finding => finding.Code == "host-unreachable").ToList();

        Assert.Equal([FindingSeverity.Error, FindingSeverity.Unknown], findings.Select(finding => finding.Severity));
        Assert.Equal(8, findings[0].Message.Split("127.0.0.").Skip(1).Select(part => part[..3]).Distinct().Count());
        Assert.Equal("mta-sts.example.com has more than 8 addresses; only that many were checked", findings[1].Message);
    }

    [Fact]
    public async Task CheckAsync_ManyAddresses_TakesSomeOfBothFamilies()
    {
        _world.Dns.Addresses[CheckWorld.PolicyHost] =
            [.. Enumerable.Range(101, 12).Select(i => IPAddress.Parse($"127.0.0.{i}")), IPAddress.IPv6Loopback];

        var error = Assert.Single(await _world.CheckAsync(),
            finding => finding is { Code: "host-unreachable", Severity: FindingSeverity.Error });

        Assert.Contains("::1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Public, "127.0.0.1", null)] // by CNAME
    [InlineData("a.example " + Public, "192.0.2.1", null)] // the last of a chain, whatever addresses it has at this moment
    [InlineData("", "192.0.2.1", "mta-sts.example.com points to 127.0.0.1, which is not MtaSts:PublicHost")]
    [InlineData("", "127.0.0.1", null)] // A and AAAA of its own, with the same addresses
    [InlineData("other.example", "192.0.2.1", "mta-sts.example.com points to 127.0.0.1, which is not MtaSts:PublicHost")]
    public async Task CheckAsync_PublicHostIsAName_TheHostMustLeadThere(string aliases, string addressOfPublic, string? message)
    {
        Assert.True(DomainName.TryParse(Public, out var name, out _));
        _world.Subject = _world.Subject with { PublicHost = new PublicHost(name, []) };
        _world.Dns.Addresses[Public] = [IPAddress.Parse(addressOfPublic)];
        _world.Dns.Aliases[CheckWorld.PolicyHost] = aliases.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        var finding = (await _world.CheckAsync()).SingleOrDefault(finding => finding.Code == "host-elsewhere");

        Assert.Equal(message, finding?.Message);
        if (finding is not null) Assert.Equal("publish mta-sts.example.com. CNAME sts.example.net.", finding.Fix);
    }

    [Theory]
    [InlineData(Public, "publish mta-sts.example.com. CNAME sts.example.net.")]
    [InlineData("192.0.2.1 2001:db8::1", "publish mta-sts.example.com. A 192.0.2.1 and mta-sts.example.com. AAAA 2001:db8::1")]
    // no CNAME to itself
    [InlineData("mta-sts.example.com",
        "publish mta-sts.example.com. CNAME with the name of the host that serves the policy, or A and AAAA with its addresses")]
    public async Task CheckAsync_NoAddress_RemedyHasTheRecordsOfPublicHost(string publicHost, string fix)
    {
        var addresses = publicHost.Split(' ').Select(text => IPAddress.TryParse(text, out var address)
            ? address : null).OfType<IPAddress>();
        _world.Subject = _world.Subject
            with { PublicHost = new PublicHost(DomainName.TryParse(publicHost, out var name, out _) ? name : null, [.. addresses]) };
        _world.Dns.Addresses[CheckWorld.PolicyHost] = [];

        Assert.Equal(fix, One(await _world.CheckAsync(), "host-missing").Fix);
    }

    [Theory]
    [InlineData(2.0, false)]
    [InlineData(2.1, true)]
    public async Task CheckAsync_AnswerThatTheStrictestSenderDoesNotWaitFor_IsSlow(double seconds, bool isFound)
    {
        _world.Server.BeforeAnswer = () => _world.Time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Equal(isFound, (await _world.CheckAsync()).Any(finding => finding.Code == "policy-slow"));
    }

    /// <summary>The record was changed to a wrong address a moment ago; senders have the right one in their caches for an hour.</summary>
    [Fact]
    public async Task CheckAsync_FetchByTheAddressThatWasInDnsBefore_ProvesNothing()
    {
        Assert.DoesNotContain(await _world.CheckAsync(), finding => finding.Code == "host-unreachable");
        _world.Dns.Addresses[CheckWorld.PolicyHost] = [CheckWorld.Nowhere];
        Assert.Equal(FindingSeverity.Error, One(await _world.CheckAsync(), "host-unreachable").Severity);

        _world.Time.Advance(TimeSpan.FromMinutes(10));
        _world.Subject.Statistics!.NoteFromOutside(AddressFamily.InterNetwork, _world.Time.GetUtcNow().ToUnixTimeSeconds());

        Assert.Equal(FindingSeverity.Error, One(await _world.CheckAsync(), "host-unreachable").Severity);
    }

    [Fact]
    public async Task CheckAsync_PublicHostOfWhichOnlyHalfIsKnown_IsNothingToCompareWith()
    {
        Assert.True(DomainName.TryParse(Public, out var name, out _));
        _world.Subject = _world.Subject with { PublicHost = new PublicHost(name, []) };
        _world.Dns.Addresses[CheckWorld.PolicyHost] = [IPAddress.Loopback, IPAddress.IPv6Loopback];
        _world.Dns.Addresses[Public] = [IPAddress.Loopback];
        _world.Dns.Missed[Public] = "the resolver answered ServerFailure for sts.example.net AAAA";

        Assert.DoesNotContain(await _world.CheckAsync(), finding => finding.Code == "host-elsewhere");
    }

    private static Finding One(IEnumerable<Finding> findings, string code) => Assert.Single(findings, finding => finding.Code == code);

    /// <summary>A sender outside does, hours later.</summary>
    private void Fetch(AddressFamily family)
    {
        _world.Time.Advance(TimeSpan.FromHours(2));
        _world.Subject.Statistics!.NoteFromOutside(family, _world.Time.GetUtcNow().ToUnixTimeSeconds());
    }
}
