using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Checks.Mail;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Checks.Mail;

public sealed class DmarcTests
{
    [Theory]
    [InlineData("example.com", "com")]
    [InlineData("a.b.example.com", "b.example.com example.com com")]
    [InlineData("a.b.c.d.e.f.g.h.i.example.com",
        "e.f.g.h.i.example.com f.g.h.i.example.com g.h.i.example.com h.i.example.com i.example.com example.com com")]
    public void Above_Domain_IsTheTreeWalk(string domain, string expected) =>
        Assert.Equal(expected, string.Join(' ', DmarcDiscovery.Above(domain)));

    [Theory]
    // Sound
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; rua=mailto:a@m.example.com", "")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=quarantine; np=reject|_dmarc.m.example.com TXT unrelated", "")]
    [InlineData("_dmarc.example.com TXT v=DMARC1; p=reject", "")]
    [InlineData("_dmarc.example.com TXT v=DMARC1; p=none; sp=reject", "")]
    [InlineData("_dmarc.com TXT v=DMARC1; p=none; np=reject; psd=y|_dmarc.example.com TXT v=DMARC1; p=reject", "")]
    [InlineData("_dmarc.example.com TXT v=DMARC1; p=reject; psd=n|_dmarc.com TXT v=DMARC1; p=none", "")]
    // Which record
    [InlineData("", "warning dmarc-missing")]
    [InlineData("_dmarc.m.example.com TXT v=dmarc1; p=none", "error dmarc-invalid")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1, p=none|_dmarc.m.example.com TXT v=DMARC1; p=reject", "warning dmarc-invalid")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1, p=none|_dmarc.example.com TXT v=DMARC1; p=reject", "warning dmarc-invalid")]
    [InlineData("_dmarc.com TXT v=DMARC1; psd=y", "warning dmarc-missing")]
    [InlineData("_dmarc.example.com TXT v=DMARC1; psd=Y|_dmarc.com TXT v=DMARC1; p=reject", "warning dmarc-missing")]
    [InlineData("_dmarc.example.com TXT v=DMARC1; p=reject; psd=N|_dmarc.com TXT v=DMARC1; p=none", "")]
    [InlineData("_dmarc.example.com TXT v=DMARC1; fo:0; p=reject", "warning dmarc-invalid")]
    [InlineData("m.example.com TXT v=DMARC1; p=reject", "warning dmarc-missing")]
    [InlineData("_dmarc.m.example.com FAIL", "unknown dmarc-missing")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject|_dmarc.m.example.com TXT v=DMARC1; p=none", "error dmarc-multiple")]
    [InlineData("_dmarc.example.com TXT v=DMARC1; p=reject; psd=y", "")]
    // Syntax
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=block", "error dmarc-invalid")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; sp=block", "error dmarc-invalid")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; sp=block; rua=mailto:a@m.example.com", "error dmarc-invalid")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; rua=mailto:a@m.example.com", "error dmarc-invalid")]
    [InlineData("_dmarc.example.com TXT v=DMARC1; p=block", "error dmarc-invalid")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1;; p=reject", "warning dmarc-invalid")]
    // What it asks for
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=none", "warning dmarc-none")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=none; rua=mailto:a@m.example.com", "info dmarc-none")]
    [InlineData("_dmarc.example.com TXT v=DMARC1; p=reject; sp=none", "warning dmarc-none")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; sp=none", "warning dmarc-none")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; sp=quarantine", "info dmarc-none")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; np=none", "warning dmarc-none")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; sp=none; np=none|_dmarc.example.com TXT v=DMARC1; p=reject", "")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; sp=none; psd=n|_dmarc.example.com TXT v=DMARC1; p=reject",
        "warning dmarc-none")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; t=y", "info dmarc-none")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; pct=0", "warning dmarc-none")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; pct=50", "info dmarc-none")]
    // Where reports go
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; rua=mailto:a@example.net", "warning dmarc-invalid")]
    [InlineData(
        "_dmarc.m.example.com TXT v=DMARC1; p=reject; rua=mailto:a@example.net|m.example.com._report._dmarc.example.net TXT v=DMARC1", "")]
    [InlineData(
        "_dmarc.m.example.com TXT v=DMARC1; p=reject; rua=mailto:a@example.net|m.example.com._report._dmarc.example.net TXT v=spf1",
        "warning dmarc-invalid")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; rua=mailto:a@example.net|m.example.com._report._dmarc.example.net FAIL",
        "unknown dmarc-invalid")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; rua=mailto:a@b.example.com", "warning dmarc-invalid")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; rua=mailto:a@b.example.com|_dmarc.example.com TXT v=DMARC1; p=none", "")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; psd=n; rua=mailto:a@b.example.com|_dmarc.example.com TXT v=DMARC1; p=none",
        "warning dmarc-invalid")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; rua=mailto:a@example.com", "info dmarc-invalid")]
    [InlineData("_dmarc.example.com TXT v=DMARC1; p=reject; rua=mailto:a@example.net|example.com._report._dmarc.example.net TXT v=DMARC1;",
        "")]
    public async Task CheckAsync_Zone_GivesTheseCodes(string zone, string expected)
    {
        var resolver = MailZone.Of(zone.Split('|', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries), MailZone.Codes(await CheckAsync(resolver)));
        Assert.InRange(resolver.Asked.Count, 1, 18);
    }

    [Fact]
    public async Task CheckAsync_Remedies_AreTheRecordsToSet()
    {
        Assert.Contains("_dmarc.m.example.com. TXT \"v=DMARC1; p=none; rua=mailto:dmarc@m.example.com\"",
            Assert.Single(await CheckAsync(MailZone.Of())).Fix);
        Assert.Contains("m.example.com._report._dmarc.example.net. TXT \"v=DMARC1;\"",
            Assert.Single(await CheckAsync(MailZone.Of("_dmarc.m.example.com TXT v=DMARC1; p=reject; rua=mailto:a@example.net"))).Fix);
        Assert.Contains("_dmarc.m.example.com. TXT \"v=DMARC1; p=reject\"",
            Assert.Single(
            await CheckAsync(MailZone.Of("_dmarc.m.example.com TXT v=DMARC1; x", "_dmarc.m.example.com TXT v=DMARC1; p=reject"))).Fix);
    }

    [Fact]
    public async Task CheckAsync_RecordAtTheDomainItself_IsToldWhereItBelongs()
    {
        var finding = Assert.Single(await CheckAsync(MailZone.Of("m.example.com TXT v=DMARC1; p=reject")));

        Assert.Equal("m.example.com itself has 'v=DMARC1; p=reject', where no receiver looks for it", finding.Message);
        Assert.Equal("move it to _dmarc.m.example.com", finding.Fix);
    }

    [Fact]
    public async Task CheckAsync_ThousandReportAddresses_AreAskedTenTimes()
    {
        var rua = string.Join(',', Enumerable.Range(0, 1000).Select(i => $"mailto:a@h{i}.example"));
        var resolver = MailZone.Of($"_dmarc.m.example.com TXT v=DMARC1; p=reject; rua={rua}");

        await CheckAsync(resolver);

        Assert.Equal(10, resolver.Asked.Count(asked => asked.Contains("._report.")));
    }

    [Fact]
    public async Task CheckAsync_HostileText_IsNotShownRaw()
    {
        var hostile = "v=DMARC1; p=none; \u001B]0;x\u0007=" + new string('a', 70_000);
        Assert.Equal(["warning dmarc-invalid", "warning dmarc-invalid", "warning dmarc-none"],
            MailZone.Codes(await CheckAsync(MailZone.Of($"_dmarc.m.example.com TXT {hostile}"))));
        Assert.Equal(["error dmarc-multiple"],
            MailZone.Codes(await CheckAsync(MailZone.Of($"_dmarc.m.example.com TXT {hostile}", $"_dmarc.m.example.com TXT {hostile}"))));
    }

    private static Task<IReadOnlyList<Finding>> CheckAsync(ScriptedResolver resolver) =>
        DmarcCheck.CheckAsync("m.example.com", resolver, CancellationToken.None);
}
