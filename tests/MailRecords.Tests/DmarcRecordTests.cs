namespace MailRecords.Tests;

public sealed class DmarcRecordTests
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
    [InlineData("v=dmarc1; p=reject", 1, "expected v=DMARC1;")]
    [InlineData("v=DMARC1, p=reject", 3, "expected a semicolon after DMARC1")]
    [InlineData("v=DMARC1; rua=mailto:a@example.com", 35, "p= is missing")]
    [InlineData("v=DMARC1; p=block", 13, "p='block' is not a policy")]
    [InlineData("v=DMARC1; p=none; p=reject", 19, "a second p=")]
    [InlineData("v=DMARC1;; p=none", 10, "an empty tag")]
    [InlineData("v=DMARC1; p=none; rua", 19, "'rua' has no equals sign")]
    [InlineData("v=DMARC1; p=none; \u202Erua=x", 19, "'\\u202Erua' is not a tag name")]
    [InlineData("v=DMARC1; p=none; rua=a\u0007b", 24, "found '\\u0007'; expected visible ASCII")]
    public void TryParse_Bad_SaysWhere(string text, int position, string what)
    {
        Assert.False(DmarcRecord.TryParse(text, out _, out var error));
        Assert.Contains(what, error.Message);
        Assert.Equal(position, error.Position);
        Assert.DoesNotContain(error.ToString(), c => c is < ' ' or > '~');
    }

    [Theory]
    [InlineData("sp=all", 22, "sp='all' is not a policy")]
    [InlineData("adkim=x", 25, "r (relaxed) or s (strict)")]
    [InlineData("fo=2", 22, "0, 1, d and s")]
    [InlineData("pct=101", 23, "a number from 0 to 100")]
    [InlineData("t=x", 21, "y or n")]
    [InlineData("psd=x", 23, "y, n or u")]
    [InlineData("ri=day", 22, "a number of seconds")]
    [InlineData("rua=a@example.com", 23, "try mailto: before the address")]
    [InlineData("rua=mailto:a@example.com,mailto:x", 44, "'mailto:x' has no mail address")]
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
