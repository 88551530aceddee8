using MailRecords;
using MtaStsHost.Certificates.Issuing.Preflight;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Mail;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Checks.Mail;

public sealed class CaaCheckTests
{
    private static readonly MtaSts.DomainName s_domain = Sts.TxtCheckTests.Domain("example.com");
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

        var findings = await CaaCheck.CheckAsync(s_domain, [new("ca", s_request)], resolver, CancellationToken.None);

        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries), MailZone.Codes(findings));
        Assert.All(findings, finding => Assert.Contains($"{name} CAA 0 issue \"ca.example\"", finding.Fix));
    }

    [Fact]
    public async Task CheckAsync_ServerFails_IsUnknown() =>
        Assert.Equal(["unknown caa-forbids"],
            MailZone.Codes(await CaaCheck.CheckAsync(s_domain,
            [new("ca", s_request)], MailZone.Of("example.com FAIL"), CancellationToken.None)));

    [Theory]
    [InlineData("ca.example,second.example", "")]
    [InlineData("ca.example", "info caa-forbids")] // the fallback would be asked in vain
    [InlineData("other.example", "error caa-forbids,error caa-forbids")]
    [InlineData("second.example", "warning caa-forbids")] // the first is asked in vain, and the second issues
    public async Task CheckAsync_SeveralCas_OneIsEnough(string permitted, string expected)
    {
        var resolver = new ScriptedResolver();
        resolver.Caa["example.com"] = [.. permitted.Split(',').Select(name => new CaaRecord(false, "issue", name))];
        CaaAuthority[] authorities = [new("first", s_request), new("second", s_request with { CaaIdentities = ["second.example"] })];

        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries),
            MailZone.Codes(await CaaCheck.CheckAsync(s_domain, authorities, resolver, CancellationToken.None)));
    }

    [Fact]
    public async Task CheckAsync_CaWhoseNameIsNotKnown_IsUnknown()
    {
        var finding = Assert.Single(await CaaCheck.CheckAsync(s_domain,
            [new CaaAuthority("ca.example:14000", null, "no answer")], new ScriptedResolver(), CancellationToken.None));

        Assert.Equal(("caa-forbids", FindingSeverity.Unknown), (finding.Code, finding.Severity));
        Assert.Equal("it is not known whether the CAA records of mta-sts.example.com permit ca.example:14000: no answer", finding.Message);
    }

    [Fact]
    public async Task CheckAsync_CaWithoutIdentities_AsksNobody()
    {
        var resolver = new ScriptedResolver();

        Assert.Empty(await CaaCheck.CheckAsync(s_domain, [new("ca", s_request with { CaaIdentities = [] })],
            resolver, CancellationToken.None));
        Assert.Empty(resolver.Asked);
    }
}
