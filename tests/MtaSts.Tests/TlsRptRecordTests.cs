namespace MtaSts.Tests;

public sealed class TlsRptRecordTests
{
    [Theory]
    [InlineData("v=TLSRPTv1; rua=mailto:reports@example.com", "mailto:reports@example.com")]
    [InlineData("v=TLSRPTv1;rua=mailto:reports@example.com;", "mailto:reports@example.com")]
    [InlineData("v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt", "https://reporting.example.com/v1/tlsrpt")]
    [InlineData("v=TLSRPTv1; rua=mailto:a@example.com , https://example.com/?a=b ; x=y;", "mailto:a@example.com",
        "https://example.com/?a=b")]
    [InlineData("v=TLSRPTv1; rua=mailto:a@example.com; rua=mailto:b@example.com", "mailto:a@example.com", "mailto:b@example.com")]
    [InlineData("v=TLSRPTv1; rua=https://192.0.2.1/t", "https://192.0.2.1/t")]
    [InlineData("v=TLSRPTv1; rua=https://192.0.2.1:8443", "https://192.0.2.1:8443")]
    [InlineData("v=TLSRPTv1; rua=https://[2001:db8::1]/t", "https://[2001:db8::1]/t")]
    [InlineData("v=TLSRPTv1; rua=https://[2001:db8::1]:8443/t", "https://[2001:db8::1]:8443/t")]
    [InlineData("v=TLSRPTv1; rua=mailto:a@example.com,mailto:a@EXAMPLE.com", "mailto:a@example.com")]
    public void TryParse_Record_HasUris(string text, params string[] expected)
    {
        Assert.True(TlsRptRecord.TryParse(text, out var record, out var error), error);
        Assert.Equal(expected, record.Rua);
        Assert.True(TlsRptRecord.TryParse(record.ToString(), out var again, out _));
        Assert.Equal(record, again);
        Assert.Equal(record.GetHashCode(), again.GetHashCode());
    }

    [Theory]
    [InlineData(null, "doesn't start with v=TLSRPTv1;")]
    [InlineData("v=TLSRPTv1", "doesn't start with v=TLSRPTv1;")]
    [InlineData("v=TLSRPT1; rua=mailto:a@example.com", "doesn't start with v=TLSRPTv1;")]
    [InlineData("v=TLSRPTv1; rua=mailto:a@example.com!10m", "has an exclamation mark in a rua URI; it must be written %21")]
    [InlineData("v=TLSRPTv1;", "has no rua")]
    [InlineData("v=TLSRPTv1; ruf=mailto:a@example.com", "has a field with a malformed value", "mailto:a@b=c")]
    [InlineData("v=TLSRPTv1; rua=", "has a rua URI that is empty")]
    [InlineData("v=TLSRPTv1; rua=https://192.0.2/", "has a rua URI that has a host that is an IP address")]
    [InlineData("v=TLSRPTv1; rua=https://2001:db8::1/",
        "has a rua URI that has a host that has a colon; a name has neither a port nor an IP address")]
    [InlineData("v=TLSRPTv1; rua=ftp://example.com; rua=tls@example.com", "has a rua URI that is not a mailto: or https:// URI")]
    [InlineData("v=TLSRPTv1; rua=ftp://example.com", "has a rua URI that is not a mailto: or https:// URI")]
    [InlineData("v=TLSRPTv1; rua=mailto:a@example.com; x", "has a field without an equals sign")]
    public void TryParse_NoRecord_SaysWhy(string? text, string expected, string? value = null)
    {
        if (value is not null)
            text = text!.Replace("mailto:a@example.com", value, StringComparison.Ordinal);
        Assert.False(TlsRptRecord.TryParse(text, out var record, out var error));
        Assert.Null(record);
        Assert.Equal(expected, error);
    }

    /// <summary>RFC 8460 §3: one bad URI doesn't take the good ones with it.</summary>
    [Theory]
    [InlineData("ftp://example.com,mailto:a@example.com", "has a rua URI that is not a mailto: or https:// URI")]
    [InlineData("mailto:a@example.com; rua=ftp://example.com", "has a rua URI that is not a mailto: or https:// URI")]
    [InlineData("mailto:a@example.com,", "has a rua URI that is empty")]
    [InlineData("mailto:a@example.com,mailto:b@example.com!10m", "has an exclamation mark in a rua URI; it must be written %21")]
    public void TryParse_BadUriBesideAGoodOne_IsDropped(string rua, string expected)
    {
        Assert.True(TlsRptRecord.TryParse($"v=TLSRPTv1; rua={rua}", out var record, out var error), error);
        Assert.Equal(["mailto:a@example.com"], record.Rua);
        Assert.Equal([expected], record.Dropped);
    }

    [Theory]
    [InlineData("mailto:tls@example.com", "mailto:tls@example.com")]
    [InlineData("MAILTO:Tls+a_b@Example.COM.", "mailto:Tls+a_b@example.com")]
    [InlineData("mailto:tls@b\u00FCcher.example", "mailto:tls@xn--bcher-kva.example")]
    [InlineData("mailto:a!b@example.com", "mailto:a%21b@example.com")]
    [InlineData("mailto:a@example.com?subject=a,b;c!", "mailto:a@example.com?subject=a%2Cb%3Bc%21")]
    [InlineData("https://example.com", "https://example.com")]
    [InlineData("HTTPS://Example.com:8443/A,b;c?d!%2c", "https://example.com:8443/A%2Cb%3Bc?d%21%2c")]
    public void TryNormaliseUri_Uri_IsNormalisedAndStays(string text, string expected)
    {
        Assert.True(TlsRptRecord.TryNormaliseUri(text, out var uri, out var error), error);
        Assert.Equal(expected, uri);
        Assert.True(TlsRptRecord.TryNormaliseUri(uri, out var again, out _));
        Assert.Equal(uri, again);
        Assert.Equal($"v=TLSRPTv1; rua={expected};", TlsRptRecord.Format([text]));
    }

    [Theory]
    [InlineData(null, "is empty")]
    [InlineData("", "is empty")]
    [InlineData("tls@example.com", "is not a mailto: or https:// URI")]
    [InlineData("http://example.com/", "is not a mailto: or https:// URI")]
    [InlineData("https:/example.com/", "is not a mailto: or https:// URI")]
    [InlineData("mailto:", "has no mail address")]
    [InlineData("mailto:@example.com", "has no mail address")]
    [InlineData("mailto:tls", "has no mail address")]
    [InlineData("mailto:a@b@example.com", "has no mail address")]
    [InlineData("mailto:.a@example.com", "has no mail address")]
    [InlineData("mailto:a..b@example.com", "has no mail address")]
    [InlineData("mailto:a@localhost", "has a domain that has a single label")]
    [InlineData("mailto:a@example.com,b@example.net", "has no mail address")]
    [InlineData("mailto:a b@example.com", "has a character that must be percent-encoded in a URI")]
    [InlineData("mailto:\u00E9@example.com", "has a character that must be percent-encoded in a URI")]
    [InlineData("mailto:a%@example.com", "has a malformed percent escape")]
    [InlineData("mailto:a%0D%0ABcc:b@example.com", "has an escaped control character")]
    [InlineData("mailto:a%7f@example.com", "has an escaped control character")]
    [InlineData("mailto:a@example.com?subject=%0a", "has an escaped control character")]
    [InlineData("mailto:a@example.com#x", "has a domain that has the character '#'")]
    [InlineData("https://", "has a host that is empty")]
    [InlineData("https:///path", "has a host that is empty")]
    [InlineData("https://localhost/", "has a host that has a single label")]
    [InlineData("https://192.0.2.1/", "has a host that is an IP address")]
    [InlineData("https://user@example.com/", "has a host that has an @; expected a domain, not a mail address")]
    [InlineData("https://example.com:/", "has a malformed port")]
    [InlineData("https://example.com:0/", "has a malformed port")]
    [InlineData("https://example.com:65536/", "has a malformed port")]
    [InlineData("https://example.com:+443/", "has a malformed port")]
    [InlineData("https://example.com/a b", "has a character that must be percent-encoded in a URI")]
    [InlineData("https://example.com/#x", "has a character that must be percent-encoded in a URI")]
    [InlineData("https://example.com/%zz", "has a malformed percent escape")]
    public void TryNormaliseUri_NoUri_SaysWhy(string? text, string expected)
    {
        Assert.False(TlsRptRecord.TryNormaliseUri(text, out var uri, out var error));
        Assert.Null(uri);
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("mailto:tls@example.com", null)]
    [InlineData("https://example.com/%2c", null)]
    [InlineData("mailto:a;b@example.com", "has a percent escape, which some senders (mox) don't decode")]
    [InlineData("mailto:a,b@example.com", "has a percent escape, which some senders (mox) don't decode")]
    [InlineData("mailto://a@example.com", "begins with mailto://, which some senders (mox) don't accept")]
    public void RemarkOn_Uri_SaysWhatSomeSendersMakeOfIt(string text, string? expected)
    {
        Assert.True(TlsRptRecord.TryNormaliseUri(text, out var uri, out _));
        Assert.Equal(expected, TlsRptRecord.RemarkOn(uri));
    }

    [Fact]
    public void TryNormaliseUri_LongLocalPart_IsRefusedOver64()
    {
        Assert.True(TlsRptRecord.TryNormaliseUri($"mailto:{new string('a', 64)}@example.com", out _, out _));
        Assert.False(TlsRptRecord.TryNormaliseUri($"mailto:{new string('a', 65)}@example.com", out _, out var error));
        Assert.Equal("has 65 characters before the @; SMTP allows 64", error);
    }

    [Fact]
    public void Constructor_NoUriOrABadOne_Throws()
    {
        Assert.Throws<ArgumentException>(static () => new TlsRptRecord([]));
        Assert.Throws<ArgumentException>(static () => TlsRptRecord.Format(["mailto:a@example.com", "no-scheme"]));
    }

    [Theory]
    [InlineData(TxtSelection.Missing, "v=spf1 -all", "v=TLSRPTv1")]
    [InlineData(TxtSelection.Valid, "v=TLSRPTv1; rua=mailto:a@example.com", "v=spf1 -all")]
    [InlineData(TxtSelection.Multiple, "v=TLSRPTv1; rua=mailto:a@example.com", "v=TLSRPTv1; rua=mailto:b@example.com")]
    [InlineData(TxtSelection.Invalid, "v=TLSRPTv1; rua=a@example.com")]
    public void Select_Records_FollowsSection3(TxtSelection expected, params string[] txts)
    {
        Assert.Equal(expected, TlsRptRecord.Select(txts, out var record, out var error));
        Assert.Equal(expected == TxtSelection.Valid, record is not null);
        Assert.Equal(expected == TxtSelection.Invalid, error is not null);
    }

    [Fact]
    public void NameFor_Domain_HasTheUnderscoreLabels()
    {
        Assert.True(DomainName.TryParse("example.com", out var domain, out _));
        Assert.Equal("_smtp._tls.example.com", TlsRptRecord.NameFor(domain));
    }
}
