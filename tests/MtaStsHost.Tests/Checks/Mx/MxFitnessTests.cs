using MtaStsHost.Checks.Mx;
using MtaStsHost.Network;

namespace MtaStsHost.Tests.Checks.Mx;

public sealed class MxFitnessTests : MxFixture
{
    [Theory]
    [InlineData("Enforce")]
    [InlineData("Testing")]
    public async Task Fitness_GoodHost_IsFitInEitherMode(string mode)
    {
        AddHost();

        Assert.Equal(MxFit.Fit, (await CheckAsync(PolicyOf(mode, Mail))).Fitness.Fit);
    }

    [Theory]
    [InlineData("Enforce")]
    [InlineData("Testing")]
    public async Task Fitness_HostThatThePolicyDoesntName_IsUnfitInEitherMode(string mode)
    {
        AddHost();
        AddHost("backup.example.com");

        Assert.Equal(new MxFitness(MxFit.Unfit, "senders would not deliver to backup.example.com (not in the policy)"),
            (await CheckAsync(PolicyOf(mode, Mail))).Fitness);
    }

    [Fact]
    public async Task Fitness_CertificateForAnotherNameAtOneOfTwoHosts_IsUnfit()
    {
        AddHost();
        AddHost("backup.example.com", Ca.Issue(["other.example"]));

        var fitness = (await CheckAsync(PolicyOf("Testing", Mail, "backup.example.com"))).Fitness;

        Assert.Equal(MxFit.Unfit, fitness.Fit);
        Assert.StartsWith("senders would not deliver to backup.example.com (127.0.0.3 ", fitness.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fitness_HostThatDoesntAnswer_IsUnknownUnlessThePortIsKnownToBeOpen()
    {
        AddName(Mail, "127.0.0.2");
        Assert.Equal(MxFit.Unknown, (await CheckAsync(PolicyOf("Testing", Mail))).Fitness.Fit);

        AddServer(AddName("backup.example.com", "127.0.0.3"), Ca.Issue(["backup.example.com"]));

        Assert.Equal(MxFit.Unfit, (await CheckAsync(PolicyOf("Testing", Mail, "backup.example.com"))).Fitness.Fit);
    }

    [Fact]
    public async Task Fitness_DnsThatDoesntAnswer_IsUnknown()
    {
        Dns.Failing["MX example.com"] = "no answer";
        Assert.Equal(MxFit.Unknown, (await CheckAsync(PolicyOf("Testing", Mail))).Fitness.Fit);
    }

    [Fact]
    public async Task Fitness_NoMail_IsFitWhereTheDomainSaysSoAlone()
    {
        Assert.Equal(MxFit.Unfit, (await CheckAsync(PolicyOf("Testing", Mail))).Fitness.Fit);

        Dns.Mx["example.com"] = [new MxRecord(0, "")];

        Assert.Equal(MxFit.Fit, (await CheckAsync(PolicyOf("Testing", Mail))).Fitness.Fit);
    }

    [Fact]
    public async Task Fitness_HostsWithoutAnyAddress_AreUnfit()
    {
        Dns.Mx["example.com"] = [new MxRecord(10, Mail)];

        Assert.Equal(new MxFitness(MxFit.Unfit, "no MX host of example.com has an address"),
            (await CheckAsync(PolicyOf("Testing", Mail))).Fitness);
    }
}
