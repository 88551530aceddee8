using MtaSts;
using MtaStsHost.Checks.Mail;

namespace MtaStsHost.Tests.Checks.Mail;

public sealed class TlsRptCheckTests
{
    [Theory]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto:a@example.com;|example.com MX mail.example.com", true, "")]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto:a@example.com;|example.com A", true, "")]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPTv1; rua=https://example.net/report|_smtp._tls.example.com TXT v=spf1 -all", true, "")]
    [InlineData("", true, "warning tlsrpt-missing")]
    [InlineData("", false, "info tlsrpt-missing")]
    [InlineData("_smtp._tls.example.com FAIL", true, "unknown tlsrpt-missing")]
    [InlineData(
        "_smtp._tls.example.com TXT v=TLSRPTv1; rua=https://a.example/|_smtp._tls.example.com TXT v=TLSRPTv1; rua=https://b.example/",
        true, "error tlsrpt-multiple")]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPTv1; rua=ftp://a.example/", true, "error tlsrpt-invalid")]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPTv1; rua=a@example.com", true, "error tlsrpt-invalid")]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPTv1; rua=ftp://a.example/,https://b.example/", true, "warning tlsrpt-invalid")]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPTv1; rua=https://a.example/; rua=https://b.example/", true, "")]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPTv1; rua=https://192.0.2.1/t", true, "warning tlsrpt-invalid")]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto:r%3Bx@example.com|example.com A", true, "warning tlsrpt-invalid")]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto://a@example.com|example.com A", true, "warning tlsrpt-invalid")]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPTv1;", true, "error tlsrpt-invalid")]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPT1; rua=mailto:a@example.com", true, "error tlsrpt-invalid")]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPTv1 \u001B[2J", true, "error tlsrpt-invalid")]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto:a@example.net?subject=x,mailto:b@example.net|example.net MX .",
        true, "warning tlsrpt-invalid")]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto:a@example.net", true, "warning tlsrpt-invalid")]
    [InlineData("_smtp._tls.example.com TXT v=TLSRPTv1; rua=mailto:a@example.net|example.net FAIL MX", true, "unknown tlsrpt-invalid")]
    public async Task CheckAsync_Zone_GivesTheseCodes(string zone, bool hasPolicy, string expected)
    {
        Assert.True(DomainName.TryParse("example.com", out var domain, out _));

        var findings = await TlsRptCheck.CheckAsync(domain, hasPolicy,
            [], MailZone.Of(zone.Split('|', StringSplitOptions.RemoveEmptyEntries)), CancellationToken.None);

        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries), MailZone.Codes(findings));
        Assert.All(findings.Where(finding => finding.Code != "tlsrpt-invalid" && finding.Fix is not null),
            finding => Assert.Contains("_smtp._tls.example.com. TXT \"v=TLSRPTv1; rua=mailto:tlsrpt@example.com;\"", finding.Fix));
    }

    /// <summary>mox accepts these, the grammar doesn't.</summary>
    [Theory]
    [InlineData("v=TLSRPTv1 ; rua=https://a.example/", "some senders (mox) accept it")]
    [InlineData("v=TLSRPTv1; rua=https://a.example/ ", "some senders (mox) accept it")]
    [InlineData("v=TLSRPTv1; rua=ftp://a.example/ ", "so no reports are sent")]
    [InlineData("v=TLSRPT1; rua=https://a.example/", "so no reports are sent")]
    public async Task CheckAsync_WhiteSpaceThatTheGrammarForbids_IsTakenBySome(string text, string expected)
    {
        Assert.True(DomainName.TryParse("example.com", out var domain, out _));

        var finding = Assert.Single(await TlsRptCheck.CheckAsync(domain, true, [],
            MailZone.Of($"_smtp._tls.example.com TXT {text}"), CancellationToken.None));

        Assert.Equal("tlsrpt-invalid", finding.Code);
        Assert.Contains(expected, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckAsync_AddressThatIsConfigured_StandsInTheRemedy()
    {
        Assert.True(DomainName.TryParse("example.com", out var domain, out _));

        var finding = Assert.Single(await TlsRptCheck.CheckAsync(domain,
            true, ["mailto:tls@example.net", "https://reports.example.net/"], MailZone.Of(), CancellationToken.None));

        Assert.Equal("publish _smtp._tls.example.com. TXT \"v=TLSRPTv1; rua=mailto:tls@example.net,https://reports.example.net/;\"",
            finding.Fix);
    }

    [Fact]
    public async Task CheckAsync_HundredReportAddresses_AreAskedTenTimes()
    {
        Assert.True(DomainName.TryParse("example.com", out var domain, out _));
        var resolver = MailZone.Of(
            $"_smtp._tls.example.com TXT v=TLSRPTv1; "
            + $"rua={string.Join(',', Enumerable.Range(0, 100).Select(i => $"mailto:a@h{i}.example"))}");

        await TlsRptCheck.CheckAsync(domain, true, [], resolver, CancellationToken.None);

        Assert.Equal(21, resolver.Asked.Count);
    }
}
