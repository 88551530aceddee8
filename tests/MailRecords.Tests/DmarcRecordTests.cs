namespace MailRecords.Tests;

public sealed class DmarcRecordTests
{
    [Theory]
    [InlineData("v=DMARC1; p=reject")]
    [InlineData("v=DMARC1;p=none;")]
    [InlineData("v = DMARC1 ; p = Quarantine ; ")]
    [InlineData("v=DMARC1; p=none; fo=0:d:s")]
    [InlineData("v=DMARC1; p=none; fo=d:1:s")]
    [InlineData("v=DMARC1; p=none; rua=mailto:a@example.com!10, mailto:b@example.com!1G")]
    [InlineData(
        "v=DMARC1; p=reject; sp=quarantine; np=reject; psd=n; t=n; adkim=s; aspf=r; fo=1:d:s; pct=100; rf=afrf; ri=86400; "
        + "rua=mailto:a@example.com!10m,mailto:b@example.net; ruf=mailto:c@example.com")]
    public void TryParse_Good_IsARecord(string text)
    {
        Assert.True(DmarcRecord.TryParse(text, out var record, out var error), error?.ToString());
        Assert.Empty(record.Ignored);
        Assert.Null(record.Fault);
    }

    [Theory]
    [InlineData("v=dmarc1; p=reject", 1, "expected v=DMARC1;")]
    [InlineData("V=DMARC1; p=reject", 1, "expected v=DMARC1;")]
    [InlineData(" v=DMARC1; p=reject", 1, "expected v=DMARC1;")]
    [InlineData("v=DMARC1, p=reject", 1, "expected v=DMARC1;")]
    [InlineData("v=DMARC1 p=reject", 1, "expected v=DMARC1;")]
    [InlineData("p=reject; v=DMARC1", 1, "expected v=DMARC1;")]
    [InlineData("v=DMARC1; p=none; p=reject", 19, "a second p=")]
    public void TryParse_Bad_SaysWhere(string text, int position, string what)
    {
        Assert.False(DmarcRecord.TryParse(text, out _, out var error));
        Assert.Contains(what, error.Message);
        Assert.Equal(position, error.Position);
        Assert.DoesNotContain(error.ToString(), c => c is < ' ' or > '~');
    }

    /// <summary>RFC 9989 §4.10.1: with an address for reports, receivers act as if the record had p=none; otherwise as if it did not exist.
    /// </summary>
    [Theory]
    [InlineData("v=DMARC1", 9, "p= is missing", null)]
    [InlineData("v=DMARC1; psd=y", 16, "p= is missing", null)]
    [InlineData("v=DMARC1; rua=mailto:a@example.com", 35, "p= is missing", DmarcPolicy.None)]
    [InlineData("v=DMARC1; rua=https://example.com/", 35, "p= is missing", DmarcPolicy.None)]
    [InlineData("v=DMARC1; rua=a@example.com", 28, "p= is missing", null)]
    [InlineData("v=DMARC1; rua=mailto:a@b!", 26, "p= is missing", null)]
    [InlineData("v=DMARC1; p=block", 13, "p='block' is not a policy", null)]
    [InlineData("v=DMARC1; p=; rua=mailto:a@example.com", 13, "p='' is not a policy", DmarcPolicy.None)]
    [InlineData("v=DMARC1; p=reject; sp=all", 24, "sp='all' is not a policy", null)]
    [InlineData("v=DMARC1; p=reject; np=all; rua=mailto:a@example.com", 24, "np='all' is not a policy", DmarcPolicy.None)]
    public void TryParse_PolicyIsBad_ReceiversGoByNoneOfIt(string text, int position, string what, DmarcPolicy? policy)
    {
        Assert.True(DmarcRecord.TryParse(text, out var record, out _));
        Assert.Equal((policy, null, null), (record.Policy, record.Subdomains, record.NonExistent));
        Assert.Contains(what, record.Fault!.Message);
        Assert.Equal(position, record.Fault.Position);
    }

    /// <summary>RFC 9989 §4.7: syntax errors behind the version are discarded.</summary>
    [Theory]
    [InlineData("v=DMARC1;; p=reject", 10, "an empty tag")]
    [InlineData("v=DMARC1; fo:0; p=reject", 11, "'fo:0' has no equals sign")]
    [InlineData("v=DMARC1; p=reject; rua", 21, "'rua' has no equals sign")]
    [InlineData("v=DMARC1; =x; p=reject", 11, "'' is not a tag name")]
    [InlineData("v=DMARC1; p=reject; \u202Erua=x", 21, "'\\u202Erua' is not a tag name")]
    [InlineData("v=DMARC1; p=reject; rua=a\u0007b", 26, "found '\\u0007'; expected visible ASCII")]
    [InlineData("v=DMARC1; p=reject; fo=\u00E9", 24, "found '\\u00E9'; expected visible ASCII")]
    public void TryParse_MalformedTag_IsDiscarded(string text, int position, string what)
    {
        Assert.True(DmarcRecord.TryParse(text, out var record, out _));
        Assert.Equal((DmarcPolicy.Reject, null), (record.Policy, record.Fault));
        var ignored = Assert.Single(record.Ignored);
        Assert.Contains(what, ignored.Message);
        Assert.Equal(position, ignored.Position);
        Assert.DoesNotContain(ignored.ToString(), c => c is < ' ' or > '~');
    }

    [Theory]
    [InlineData("t=Y", true, 'u')]
    [InlineData("psd=Y", false, 'y')]
    [InlineData("psd=N", false, 'n')]
    public void TryParse_CaseOfValues_DoesNotMatter(string tag, bool isTest, char psd)
    {
        Assert.True(DmarcRecord.TryParse($"v=DMARC1; p=Reject; {tag}", out var record, out _));
        Assert.Equal((DmarcPolicy.Reject, isTest, psd), (record.Policy, record.IsTest, record.Psd));
    }

    [Theory]
    [InlineData("v=DMARC1, p=reject", true)]
    [InlineData("V=DMARC1; p=reject", true)]
    [InlineData(" v=DMARC1; p=reject", true)]
    [InlineData("\"v=DMARC1; p=reject\"", true)]
    [InlineData("v=DMARC; p=reject", true)]
    [InlineData("DMARC1; p=reject", true)]
    [InlineData("v=DMARC1; p=reject", false)]
    [InlineData("v=DMARC10; p=reject", false)]
    [InlineData("v=spf1 include:dmarc1.example -all", false)]
    public void IsMistyped_Text_IsMeantAsARecord(string text, bool expected) => Assert.Equal(expected, DmarcRecord.IsMistyped(text));

    [Theory]
    [InlineData("adkim=x", 25, "r (relaxed) or s (strict)")]
    [InlineData("fo=2", 22, "0 or 1, d and s")]
    [InlineData("fo=0:1", 22, "0 or 1, d and s")]
    [InlineData("fo=d:s:d", 22, "0 or 1, d and s")]
    [InlineData("fo=", 22, "0 or 1, d and s")]
    [InlineData("pct=101", 23, "a number from 0 to 100")]
    [InlineData("t=x", 21, "y or n")]
    [InlineData("psd=x", 23, "y, n or u")]
    [InlineData("ri=day", 22, "a number of seconds")]
    [InlineData("rua=a@example.com", 23, "try mailto: before the address")]
    [InlineData("rua=mailto:a@example.com,mailto:x", 44, "'mailto:x' has no mail address")]
    [InlineData("rua=mailto:a@example.com!", 23, "must be written %21")]
    [InlineData("rua=mailto:a@example.com!10q", 23, "must be written %21")]
    [InlineData("rua=mailto:a!b@example.com", 23, "must be written %21")]
    [InlineData("ruf=https://example.com/", 23, "by mail only")]
    [InlineData("policy=none", 19, "'policy' is not a known tag")]
    public void TryParse_WhatReceiversPassOver_IsTold(string tag, int position, string what)
    {
        Assert.True(DmarcRecord.TryParse($"v=DMARC1; p=none; {tag}", out var record, out _));
        var ignored = Assert.Single(record.Ignored);
        Assert.Contains(what, ignored.Message);
        Assert.Equal(position, ignored.Position);
    }
}
