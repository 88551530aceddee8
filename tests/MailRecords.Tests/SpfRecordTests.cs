using System.Diagnostics;

namespace MailRecords.Tests;

public sealed class SpfRecordTests
{
    [Theory]
    [InlineData("v=spf1")]
    [InlineData("v=spf1 ")]
    [InlineData("V=SPF1 -ALL")]
    [InlineData("v=spf1 mx -all")]
    [InlineData("v=spf1  a:mail.example.com   mx/24 ~all  ")]
    [InlineData("v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.1 ip6:2001:db8::/32 ip6:::1 ip6:::ffff:192.0.2.1 -all")]
    [InlineData("v=spf1 a/24//64 mx//64 a:example.com//0 mx:example.com/0 ?all")]
    [InlineData("v=spf1 include:_spf.example.net redirect=_spf.example.com")]
    [InlineData("v=spf1 exists:%{ir}.%{v}._spf.%{d2} ptr ptr:example.com -all")]
    [InlineData("v=spf1 exists:%{i}._%{l1r+-}.example.com exp=explain._spf.%{d} -all")]
    [InlineData("v=spf1 a:%{d} a:_x.%{o}.example a:a%%b%_%-.example.com -all")]
    [InlineData("v=spf1 a:example.com. include:a.b-c.x1 -all")]
    [InlineData("v=spf1 moo=cow%{d} x.y-z_1= -all")]
    [InlineData("v=spf1 +all")]
    public void TryParse_Good_IsARecord(string text)
    {
        Assert.True(SpfRecord.TryParse(text, out var record, out var error), error?.ToString());
        Assert.Empty(record.Ignored);
    }

    [Theory]
    [InlineData("v=spf2.0 -all", 1, "expected v=spf1 and a space")]
    [InlineData("v=spf1 ipv4:192.0.2.1 -all", 8, "'ipv4' is not a mechanism; try ip4:")]
    [InlineData("v=spf1 192.0.2.1 -all", 8, "try ip4:192.0.2.1")]
    [InlineData("v=spf1 +2001:db8::1 -all", 8, "try ip6:2001:db8::1")]
    [InlineData("v=spf1 mx, -all", 8, "try mx, and separate terms with spaces only")]
    [InlineData("v=spf1 mx -all.", 11, "try all, and separate terms with spaces only")]
    [InlineData("v=spf1 mx \u2013all", 11, "'\\u2013all' is not a mechanism; try -all with a plain hyphen")]
    [InlineData("v=spf1 _spf.example.net -all", 8, "try include:_spf.example.net or a:_spf.example.net")]
    [InlineData("v=spf1 mx redirect:example.com", 11, "try redirect=")]
    [InlineData("v=spf1 moo -all", 8, "'moo' is not a mechanism")]
    [InlineData("v=spf1 -", 8, "'-' is not a mechanism")]
    [InlineData("v=spf1 --all", 8, "'-all' is not a mechanism")]
    [InlineData("v=spf1 all:example.com", 8, "found ':example.com' after all")]
    [InlineData("v=spf1 include: example.com -all", 8, "include: has no domain; add one")]
    [InlineData("v=spf1 include -all", 8, "include has no domain; try include:DOMAIN")]
    [InlineData("v=spf1 include/24 -all", 8, "found '/24' after include; try include:DOMAIN")]
    [InlineData("v=spf1 mx: -all", 8, "add one, or remove the colon")]
    [InlineData("v=spf1 ip4: -all", 8, "ip4 has no address; try ip4:ADDRESS")]
    [InlineData("v=spf1 ip4:2001:db8::1 -all", 12, "an IPv6 address; try ip6:")]
    [InlineData("v=spf1 ip6:192.0.2.1 -all", 12, "an IPv4 address; try ip4:")]
    [InlineData("v=spf1 ip4:192.0.2 -all", 12, "'192.0.2' is not an IPv4 address")]
    [InlineData("v=spf1 ip4:mail.example.com -all", 12, "try a: for a name")]
    [InlineData("v=spf1 ip4:192.0.2.0/33 -all", 21, "'/33' is not a prefix length")]
    [InlineData("v=spf1 ip4:192.0.2.0/024 -all", 21, "not a prefix length")]
    [InlineData("v=spf1 ip6:2001:db8::/129 -all", 22, "not a prefix length")]
    [InlineData("v=spf1 a:example.com/33 -all", 21, "'/33' is not a prefix length")]
    [InlineData("v=spf1 a/24/64 -all", 9, "not a prefix length")]
    [InlineData("v=spf1 a//129 -all", 9, "not a prefix length")]
    [InlineData("v=spf1 a:192.0.2.1 -all", 8, "try ip4:192.0.2.1")]
    [InlineData("v=spf1 mx:2001:db8::1 -all", 8, "try ip6:2001:db8::1")]
    [InlineData("v=spf1 include:localhost -all", 16, "has a single label")]
    [InlineData("v=spf1 include:a.1 -all", 18, "'1' is not a top-level domain")]
    [InlineData("v=spf1 include:a..  -all", 18, "'' is not a top-level domain")]
    [InlineData("v=spf1 exists:%{x}.example.com -all", 15, "'%{x}' is not a macro")]
    [InlineData("v=spf1 exists:%{d0}.example.com -all", 15, "keeps no part of the name")]
    [InlineData("v=spf1 exists:%{c}.example.com -all", 15, "%{c} is allowed in explanations only")]
    [InlineData("v=spf1 exists:a%.example.com -all", 16, "begins no macro")]
    [InlineData("v=spf1 exists:%{d.example.com -all", 15, "without a closing brace")]
    [InlineData("v=spf1 exists:%{}.example.com -all", 15, "without a letter")]
    [InlineData("v=spf1 a:ex\u00E4mple.com -all", 12, "found '\\u00E4'; expected visible ASCII")]
    [InlineData("v=spf1 a:example.com\u001B[2J -all", 21, "'\\u001B'")]
    [InlineData("v=spf1 redirect= -all", 17, "expected a domain")]
    [InlineData("v=spf1 redirect=a.example redirect=b.example", 27, "a second redirect=")]
    [InlineData("v=spf1 exp=a.example exp=b.example", 22, "a second exp=")]
    public void TryParse_Bad_SaysWhereAndWhatIsMeant(string text, int position, string what)
    {
        Assert.False(SpfRecord.TryParse(text, out _, out var error));
        Assert.Contains(what, error.Message);
        Assert.Equal(position, error.Position);
        Assert.DoesNotContain(error.ToString(), c => c is < ' ' or > '~');
    }

    [Theory]
    [InlineData("v=spf1 include=_spf.example.net -all", 8, "include= has no effect; try include:")]
    [InlineData("v=spf1 -all ip4:192.0.2.1", 13, "'ip4:192.0.2.1' after all has no effect")]
    public void TryParse_WhatDoesNothing_IsTold(string text, int position, string what)
    {
        Assert.True(SpfRecord.TryParse(text, out var record, out _));
        var ignored = Assert.Single(record.Ignored);
        Assert.Contains(what, ignored.Message);
        Assert.Equal(position, ignored.Position);
    }

    [Fact]
    public void TryParse_Directives_AreWhatStandsThere()
    {
        Assert.True(SpfRecord.TryParse("v=spf1 ~A:a.example/20//48 Include:%{d}.b.example redirect=c.example", out var record, out _));

        Assert.Equal(
            [new(SpfQualifier.SoftFail, SpfMechanism.A, "~A:a.example/20//48", 8, "a.example", new SpfPrefix(20, 48)),
                new SpfDirective(SpfQualifier.Pass, SpfMechanism.Include, "Include:%{d}.b.example", 28, "%{d}.b.example", null)],
            record.Directives);
        Assert.Equal("c.example", record.EffectiveRedirect);
    }

    [Theory]
    [InlineData("_spf.%{d}", "_spf.sub.example.com")]
    [InlineData("%{d2}", "example.com")]
    [InlineData("%{dr}.x.example.", "com.example.sub.x.example")]
    [InlineData("%{d1r}.example", "sub.example")]
    [InlineData("%{D99}", "sub.example.com")]
    [InlineData("%{o}", "example.org")]
    [InlineData("%{d-}.a%%.example", "sub.example.com.a%.example")]
    [InlineData("%{i}.example", null)]
    [InlineData("a%_b.example", null)]
    public void Expand_Macros_AreThoseThatNeedNoMessage(string text, string? expected)
    {
        Assert.Null(SpfMacros.CheckDomain(text, 1));
        Assert.Equal(expected, SpfMacros.Expand(text, "sub.example.com", "example.org"));
    }

    [Theory]
    [InlineData("%{d.")]
    [InlineData("a%%")]
    [InlineData("ip4:1.1.1.1 ")]
    [InlineData("/")]
    [InlineData("all ")]
    public void TryParse_Long_EndsSoon(string part)
    {
        var text = "v=spf1 a:" + string.Concat(Enumerable.Repeat(part, 65_000 / part.Length));
        var start = Stopwatch.GetTimestamp();

        Assert.Equal(part is "all " or "a%%", SpfRecord.TryParse(text.Replace("a:all", "all"), out _, out _));
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }
}
