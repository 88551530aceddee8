using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Checks.Mail;
using MtaStsHost.Dns;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Checks.Mail;

public sealed class CaaCheckTests
{
    private static readonly CaaRequest s_request = new(["ca.example"], [], null);

    [Theory]
    [InlineData("example.com", "ca.example", "")]
    [InlineData("example.com", "other.example", "error caa-forbids")]
    [InlineData("mta-sts.example.com", ";", "error caa-forbids")]
    [InlineData("com", "other.example", "error caa-forbids")]
    [InlineData("example.net", "other.example", "")]
    // Whose account, and which challenge: not known, and so not judged.
    [InlineData("example.com", "ca.example; accounturi=https://ca.example/1; validationmethods=dns-01", "")]
    public async Task CheckAsync_Records_GiveTheseCodes(string name, string value, string expected)
    {
        var resolver = new ScriptedResolver();
        resolver.Caa[name] = [new CaaRecord(false, "issue", value)];

        var findings = await CaaCheck.CheckAsync("mta-sts.example.com", s_request, resolver, CancellationToken.None);

        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries), MailZone.Codes(findings));
        Assert.All(findings, finding => Assert.Contains($"{name} CAA 0 issue \"ca.example\"", finding.Fix));
    }

    [Fact]
    public async Task CheckAsync_ServerFails_IsUnknown() =>
        Assert.Equal(["unknown caa-forbids"], MailZone.Codes(await CaaCheck.CheckAsync("mta-sts.example.com", s_request, MailZone.Of("example.com FAIL"), CancellationToken.None)));

    [Fact]
    public async Task CheckAsync_CaWithoutIdentities_AsksNobody()
    {
        var resolver = new ScriptedResolver();

        Assert.Empty(await CaaCheck.CheckAsync("mta-sts.example.com", s_request with { CaaIdentities = [] }, resolver, CancellationToken.None));
        Assert.Empty(resolver.Asked);
    }
}
