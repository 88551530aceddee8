using MtaStsHost.Network;
using MtaStsHost.Transitions;

namespace MtaStsHost.Tests.Checks.Mx;

public sealed class MxReadinessTests : MxFixture
{
    [Theory]
    [InlineData("Enforce")]
    [InlineData("Testing")]
    public async Task Judge_GoodHost_PassesInEitherMode(string mode)
    {
        AddHost();

        Assert.Equal(MxOutcome.Passes, (await CheckAsync(PolicyOf(mode, Mail))).Verdict.Outcome);
    }

    [Theory]
    [InlineData("Enforce")]
    [InlineData("Testing")]
    public async Task Judge_HostThatThePolicyDoesntName_FailsInEitherMode(string mode)
    {
        AddHost();
        AddHost("backup.example.com");

        Assert.Equal(new MxVerdict(MxOutcome.Fails, "senders would not deliver to backup.example.com (not in the policy)"),
            (await CheckAsync(PolicyOf(mode, Mail))).Verdict);
    }

    [Fact]
    public async Task Judge_CertificateForAnotherNameAtOneOfTwoHosts_Fails()
    {
        AddHost();
        AddHost("backup.example.com", Ca.Issue(["other.example"]));

        var verdict = (await CheckAsync(PolicyOf("Testing", Mail, "backup.example.com"))).Verdict;

        Assert.Equal(MxOutcome.Fails, verdict.Outcome);
        Assert.StartsWith("senders would not deliver to backup.example.com (127.0.0.3 ", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Judge_HostThatDoesntAnswer_IsUnknownUnlessThePortIsKnownToBeOpen()
    {
        AddName(Mail, "127.0.0.2");
        Assert.Equal(MxOutcome.Unknown, (await CheckAsync(PolicyOf("Testing", Mail))).Verdict.Outcome);

        AddServer(AddName("backup.example.com", "127.0.0.3"), Ca.Issue(["backup.example.com"]));

        Assert.Equal(MxOutcome.Fails, (await CheckAsync(PolicyOf("Testing", Mail, "backup.example.com"))).Verdict.Outcome);
    }

    [Fact]
    public async Task Judge_DnsThatDoesntAnswer_IsUnknown()
    {
        Dns.Failing["MX example.com"] = "no answer";
        Assert.Equal(MxOutcome.Unknown, (await CheckAsync(PolicyOf("Testing", Mail))).Verdict.Outcome);
    }

    [Fact]
    public async Task Judge_NoMail_PassesIfTheDomainSaysSoAlone()
    {
        Assert.Equal(MxOutcome.Fails, (await CheckAsync(PolicyOf("Testing", Mail))).Verdict.Outcome);

        Dns.Mx["example.com"] = [new MxRecord(0, "")];

        Assert.Equal(MxOutcome.Passes, (await CheckAsync(PolicyOf("Testing", Mail))).Verdict.Outcome);
    }

    [Fact]
    public async Task Judge_HostsWithoutAnyAddress_Fail()
    {
        Dns.Mx["example.com"] = [new MxRecord(10, Mail)];

        Assert.Equal(new MxVerdict(MxOutcome.Fails, "no MX host of example.com has an address"),
            (await CheckAsync(PolicyOf("Testing", Mail))).Verdict);
    }
}
