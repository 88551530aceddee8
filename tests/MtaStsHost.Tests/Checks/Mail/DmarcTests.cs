using MtaStsHost.Checks;
using MtaStsHost.Checks.Mail;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Checks.Mail;

public sealed class DmarcTests
{
    [Theory]
    [InlineData("v=DMARC1; p=reject")]
    [InlineData("v=DMARC1;p=none;")]
    [InlineData("v = DMARC1 ; p = Quarantine ; ")]
    [InlineData(
        "v=DMARC1; p=reject; sp=quarantine; np=reject; psd=n; t=n; adkim=s; aspf=r; fo=1:d:s; pct=100; rf=afrf; ri=86400; "
        + "rua=mailto:a@example.com!10m,mailto:b@example.net; ruf=mailto:c@example.com")]
    public void TryParse_Good_IsARecord(string text)
    {
        Assert.True(DmarcRecord.TryParse(text, out var record, out var error), error?.ToString());
        Assert.Empty(record.Ignored);
    }

    [Theory]
    [InlineData("v=dmarc1; p=reject", 1, "doesn't begin with v=DMARC1;")]
    [InlineData("v=DMARC1, p=reject", 3, "with a semicolon after it")]
    [InlineData("v=DMARC1; rua=mailto:a@example.com", 35, "p= is lacking")]
    [InlineData("v=DMARC1; p=block", 13, "p='block' is no policy")]
    [InlineData("v=DMARC1; p=none; p=reject", 19, "a second p=")]
    [InlineData("v=DMARC1;; p=none", 10, "an empty tag")]
    [InlineData("v=DMARC1; p=none; rua", 19, "'rua' is no tag")]
    [InlineData("v=DMARC1; p=none; \u202Erua=x", 19, "is no tag's name")]
    [InlineData("v=DMARC1; p=none; rua=a\u0007b", 24, "no visible ASCII")]
    public void TryParse_Bad_SaysWhere(string text, int position, string what)
    {
        Assert.False(DmarcRecord.TryParse(text, out _, out var error));
        Assert.Contains(what, error.What);
        Assert.Equal(position, error.Position);
        Assert.True(MtaStsHost.Text.Printable.IsPrintable(error.ToString()));
    }

    [Theory]
    [InlineData("sp=all", 22, "sp='all' is no policy")]
    [InlineData("adkim=x", 25, "r (relaxed) or s (strict)")]
    [InlineData("fo=2", 22, "0, 1, d and s")]
    [InlineData("pct=101", 23, "a number from 0 to 100")]
    [InlineData("t=x", 21, "y or n")]
    [InlineData("psd=x", 23, "y, n or u")]
    [InlineData("ri=day", 22, "a number of seconds")]
    [InlineData("rua=a@example.com", 23, "mailto: before the address is meant")]
    [InlineData("rua=mailto:a@example.com,mailto:x", 44, "'mailto:x' has no mail address")]
    [InlineData("ruf=https://example.com/", 23, "by mail alone")]
    [InlineData("policy=none", 19, "'policy' is no tag")]
    public void TryParse_WhatReceiversPassOver_IsTold(string tag, int position, string what)
    {
        Assert.True(DmarcRecord.TryParse($"v=DMARC1; p=none; {tag}", out var record, out _));
        var ignored = Assert.Single(record.Ignored);
        Assert.Contains(what, ignored.What);
        Assert.Equal(position, ignored.Position);
    }

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
    [InlineData("_dmarc.m.example.com TXT v=dmarc1; p=none", "warning dmarc-missing")]
    [InlineData("m.example.com TXT v=DMARC1; p=reject", "warning dmarc-missing")]
    [InlineData("_dmarc.m.example.com FAIL", "unknown dmarc-missing")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject|_dmarc.m.example.com TXT v=DMARC1; p=none", "error dmarc-multiple")]
    [InlineData("_dmarc.example.com TXT v=DMARC1; p=reject; psd=y", "")]
    // Syntax
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=block", "error dmarc-invalid")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; sp=block", "warning dmarc-invalid")]
    // What it asks for
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=none", "warning dmarc-none")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=none; rua=mailto:a@m.example.com", "info dmarc-none")]
    [InlineData("_dmarc.example.com TXT v=DMARC1; p=reject; sp=none", "warning dmarc-none")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; sp=none", "warning dmarc-none")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; sp=quarantine", "info dmarc-none")]
    [InlineData("_dmarc.m.example.com TXT v=DMARC1; p=reject; np=none", "warning dmarc-none")]
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
        Assert.Equal(["error dmarc-invalid"], MailZone.Codes(await CheckAsync(MailZone.Of($"_dmarc.m.example.com TXT {hostile}"))));
        Assert.Equal(["error dmarc-multiple"],
            MailZone.Codes(await CheckAsync(MailZone.Of($"_dmarc.m.example.com TXT {hostile}", $"_dmarc.m.example.com TXT {hostile}"))));
    }

    private static Task<IReadOnlyList<Finding>> CheckAsync(ScriptedResolver resolver) =>
        DmarcCheck.CheckAsync("m.example.com", resolver, CancellationToken.None);
}
