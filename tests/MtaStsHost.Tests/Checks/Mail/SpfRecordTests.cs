using System.Diagnostics;
using MtaStsHost.Checks.Mail;

namespace MtaStsHost.Tests.Checks.Mail;

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
        Assert.Empty(record.Idle);
    }

    [Theory]
    [InlineData("v=spf2.0 -all", 1, "doesn't begin with v=spf1")]
    [InlineData("v=spf1 ipv4:192.0.2.1 -all", 8, "'ipv4' is no mechanism; ip4: is meant")]
    [InlineData("v=spf1 192.0.2.1 -all", 8, "ip4:192.0.2.1 is meant")]
    [InlineData("v=spf1 +2001:db8::1 -all", 8, "ip6:2001:db8::1 is meant")]
    [InlineData("v=spf1 mx, -all", 8, "mx is meant, and spaces alone")]
    [InlineData("v=spf1 mx -all.", 11, "all is meant, and spaces alone")]
    [InlineData("v=spf1 mx \u2013all", 11, "-all with a plain hyphen is meant")]
    [InlineData("v=spf1 _spf.example.net -all", 8, "include:_spf.example.net or a:_spf.example.net is meant")]
    [InlineData("v=spf1 mx redirect:example.com", 11, "redirect= is meant")]
    [InlineData("v=spf1 moo -all", 8, "'moo' is no mechanism")]
    [InlineData("v=spf1 -", 8, "'-' is no mechanism")]
    [InlineData("v=spf1 --all", 8, "'-all' is no mechanism")]
    [InlineData("v=spf1 all:example.com", 8, "after all, which takes nothing")]
    [InlineData("v=spf1 include: example.com -all", 8, "nothing after the colon")]
    [InlineData("v=spf1 include -all", 8, "include without a domain")]
    [InlineData("v=spf1 include/24 -all", 8, "include:DOMAIN is meant")]
    [InlineData("v=spf1 mx: -all", 8, "leave the colon out")]
    [InlineData("v=spf1 ip4: -all", 8, "write ip4:ADDRESS")]
    [InlineData("v=spf1 ip4:2001:db8::1 -all", 12, "an IPv6 address; ip6: is meant")]
    [InlineData("v=spf1 ip6:192.0.2.1 -all", 12, "an IPv4 address; ip4: is meant")]
    [InlineData("v=spf1 ip4:192.0.2 -all", 12, "'192.0.2' is no IPv4 address")]
    [InlineData("v=spf1 ip4:mail.example.com -all", 12, "a: takes a name")]
    [InlineData("v=spf1 ip4:192.0.2.0/33 -all", 21, "'/33' is no prefix length")]
    [InlineData("v=spf1 ip4:192.0.2.0/024 -all", 21, "no prefix length")]
    [InlineData("v=spf1 ip6:2001:db8::/129 -all", 22, "no prefix length")]
    [InlineData("v=spf1 a:example.com/33 -all", 21, "'/33' is no prefix length")]
    [InlineData("v=spf1 a/24/64 -all", 9, "no prefix length")]
    [InlineData("v=spf1 a//129 -all", 9, "no prefix length")]
    [InlineData("v=spf1 a:192.0.2.1 -all", 8, "ip4:192.0.2.1 is meant")]
    [InlineData("v=spf1 mx:2001:db8::1 -all", 8, "ip6:2001:db8::1 is meant")]
    [InlineData("v=spf1 include:localhost -all", 16, "it has a single label")]
    [InlineData("v=spf1 include:a.1 -all", 18, "'1' is no top-level domain")]
    [InlineData("v=spf1 include:a..  -all", 18, "'' is no top-level domain")]
    [InlineData("v=spf1 exists:%{x}.example.com -all", 15, "'%{x}' is no macro")]
    [InlineData("v=spf1 exists:%{d0}.example.com -all", 15, "takes no part at all")]
    [InlineData("v=spf1 exists:%{c}.example.com -all", 15, "for explanations alone")]
    [InlineData("v=spf1 exists:a%.example.com -all", 16, "begins no macro")]
    [InlineData("v=spf1 exists:%{d.example.com -all", 15, "without its closing brace")]
    [InlineData("v=spf1 exists:%{}.example.com -all", 15, "without a letter")]
    [InlineData("v=spf1 a:ex\u00E4mple.com -all", 12, "no visible ASCII")]
    [InlineData("v=spf1 a:example.com\u001B[2J -all", 21, "'\\u001B'")]
    [InlineData("v=spf1 redirect= -all", 17, "a domain is lacking")]
    [InlineData("v=spf1 redirect=a.example redirect=b.example", 27, "a second redirect=")]
    [InlineData("v=spf1 exp=a.example exp=b.example", 22, "a second exp=")]
    public void TryParse_Bad_SaysWhereAndWhatIsMeant(string text, int position, string what)
    {
        Assert.False(SpfRecord.TryParse(text, out _, out var error));
        Assert.Contains(what, error.What);
        Assert.Equal(position, error.Position);
        Assert.True(MtaStsHost.Text.Printable.IsPrintable(error.ToString()));
    }

    [Theory]
    [InlineData("v=spf1 include=_spf.example.net -all", 8, "include: is meant")]
    [InlineData("v=spf1 -all ip4:192.0.2.1", 13, "after all, where nobody looks")]
    public void TryParse_WhatDoesNothing_IsTold(string text, int position, string what)
    {
        Assert.True(SpfRecord.TryParse(text, out var record, out _));
        var idle = Assert.Single(record.Idle);
        Assert.Contains(what, idle.What);
        Assert.Equal(position, idle.Position);
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
        Assert.Null(SpfMacros.JudgeDomain(text, 1));
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
