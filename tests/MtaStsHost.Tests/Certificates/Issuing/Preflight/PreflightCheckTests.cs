using System.Net;
using MailRecords;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Certificates.Issuing.Preflight;

public sealed class PreflightCheckTests
{
    private const string Host = "mta-sts.example.com";

    private readonly ScriptedResolver _dns = new();

    public PreflightCheckTests() => _dns.Addresses[Host] = [IPAddress.Loopback];

    private Task<PreflightFinding?> CheckAsync(params string[] identities) =>
        new PreflightCheck(() => _dns, new SelfCheck(), PreflightPorts.Default, TimeProvider.System)
            .CheckAsync(Host, identities, "http-01", "https://ca.example/acct/1", CancellationToken.None);

    private static CaaRecord[] Issue(string value) => [new(false, "issue", value)];

    [Fact]
    public async Task CheckAsync_NothingWrong_IsNull() => Assert.Null(await CheckAsync("ca.example"));

    [Fact]
    public async Task CheckAsync_NoAddress_NamesTheRecordToPublish()
    {
        _dns.Addresses.Clear();

        var finding = await CheckAsync("ca.example");

        Assert.Equal(
            "mta-sts.example.com has no address in DNS; publish a CNAME for mta-sts.example.com that points to this machine, or A and AAAA "
            + "records with its addresses", finding!.ToString());
        Assert.Equal(["A mta-sts.example.com"], _dns.Asked);
    }

    [Theory]
    [InlineData(Host)]
    [InlineData("example.com")]
    [InlineData("com")]
    public async Task CheckAsync_CaaForbidsOnAnyLevel_IsFound(string name)
    {
        _dns.Caa[name] = Issue("other.example");

        Assert.StartsWith($"the CAA records of {name} don't permit this CA",
            (await CheckAsync("ca.example"))!.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckAsync_NoCaa_AsksUpToTheTopLevelDomain()
    {
        await CheckAsync("ca.example");

        Assert.Equal(["A mta-sts.example.com", "CAA mta-sts.example.com", "CAA example.com", "CAA com"], _dns.Asked);
    }

    [Fact]
    public async Task CheckAsync_FirstNameWithRecords_DecidesAlone()
    {
        _dns.Caa[Host] = [new(false, "iodef", "mailto:a@example.com")];
        _dns.Caa["example.com"] = Issue(";");

        Assert.Null(await CheckAsync("ca.example"));
        Assert.DoesNotContain("CAA example.com", _dns.Asked);
    }

    [Fact]
    public async Task CheckAsync_CaWithoutIdentities_IsNotJudged()
    {
        _dns.Caa[Host] = Issue(";");

        Assert.Null(await CheckAsync());
    }

    [Fact]
    public async Task CheckAsync_ChallengeAndAccount_AreThoseAskedFor()
    {
        _dns.Caa[Host] = Issue("ca.example; validationmethods=tls-alpn-01");
        Assert.Contains("http-01", (await CheckAsync("ca.example"))!.What, StringComparison.Ordinal);

        _dns.Caa[Host] = Issue("ca.example; accounturi=https://ca.example/acct/1");
        Assert.Null(await CheckAsync("ca.example"));
    }

    [Fact]
    public async Task CheckAsync_AddressesFail_GoesOnToCaa()
    {
        _dns.Failing["A " + Host] = "no answer";
        Assert.Null(await CheckAsync("ca.example"));

        _dns.Caa["example.com"] = Issue(";");
        Assert.NotNull(await CheckAsync("ca.example"));
    }

    [Fact]
    public async Task CheckAsync_CaaFailsBelow_IsUnknownWhateverStandsAbove()
    {
        _dns.Failing["CAA " + Host] = "no answer";
        _dns.Caa["example.com"] = Issue(";");

        Assert.Null(await CheckAsync("ca.example"));
    }

    [Fact]
    public async Task CheckAsync_Cancelled_Throws()
    {
        var check = new PreflightCheck(() => _dns, new SelfCheck(), PreflightPorts.Default, TimeProvider.System);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            check.CheckAsync(Host, [], "http-01", "", new CancellationToken(true)));
    }
}
