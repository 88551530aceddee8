using MtaStsHost.Configuration;

namespace MtaStsHost.Tests.Configuration;

public sealed class TextAttributeTests
{
    private static readonly Dictionary<string, TextAttribute> s_attributes = new()
    {
        ["path"] = new FilePathAttribute(),
        ["include"] = new IncludePathAttribute(),
        ["text"] = new PrintableTextAttribute(),
        ["listen"] = new ListenUrlAttribute(),
        ["mail"] = new MailAddressAttribute(),
        ["https"] = new HttpsUrlAttribute(),
        ["host"] = new HostOrAddressAttribute(),
        ["network"] = new NetworkAttribute(),
        ["resolver"] = new ResolverAddressAttribute(),
        ["traefik"] = new TraefikNameAttribute("a name", "write one"),
        ["service"] = new ServiceUrlAttribute(),
        ["choice"] = new ChoiceAttribute("One", "Two", "Three"),
    };

    [Theory]
    [InlineData("path", "a/b.pem")]
    [InlineData("path", "/")]
    [InlineData("include", "domains.d/*.json")]
    [InlineData("include", "../**/x.json")]
    [InlineData("text", "ISRG Root X1")]
    [InlineData("listen", "http://*:8080")]
    [InlineData("listen", "http://unix:/run/x.sock")]
    [InlineData("mail", "a+b@example.com")]
    [InlineData("https", "https://ca.example:8443/dir")]
    [InlineData("host", "sts.example.net")]
    [InlineData("host", "2001:db8::1")]
    [InlineData("network", "10.0.0.0/8")]
    [InlineData("network", "127.0.0.1")]
    [InlineData("network", "::ffff:10.0.0.0/104")]
    [InlineData("resolver", "192.0.2.53")]
    [InlineData("resolver", "[2001:db8::53]:5353")]
    [InlineData("traefik", "le.prod_1-a")]
    [InlineData("service", "h2c://mtastshost:8080")]
    [InlineData("choice", "Two")]
    public void Fault_GoodText_IsNone(string attribute, string text) => Assert.Null(s_attributes[attribute].Fault(text));

    [Theory]
    [InlineData("path", "a\0b", "is not a path; ")]
    [InlineData("include", "a\0b", "is not a path; ")]
    [InlineData("include", "*/../x.json", "has .. after a *; ")]
    [InlineData("text", "a\nb", "has characters that are not text; ")]
    [InlineData("listen", "8080", "is not an address to listen on; ")]
    [InlineData("listen", "http://localhost:0", "is not an address to listen on; ")]
    [InlineData("mail", "a@b@example.com", "is not an e-mail address; ")]
    [InlineData("mail", "", "is not an e-mail address; ")]
    [InlineData("https", "http://ca.example/dir", "is not an https URL; ")]
    [InlineData("https", "https://user:x@ca.example/dir", "is not an https URL; ")]
    [InlineData("host", "a b", "is neither a host name nor an address: it ")]
    [InlineData("host", "", "is neither a host name nor an address: it ")]
    [InlineData("network", "10.0.0.0/33", "is not a network; ")]
    [InlineData("network", "1", "is not a network; ")]
    [InlineData("network", "", "is not a network; ")]
    [InlineData("resolver", "53", "is not an address; ")]
    [InlineData("resolver", "dns.example", "is not an address; ")]
    [InlineData("traefik", "le@file", "is not a name; write one")]
    [InlineData("traefik", "", "is not a name; write one")]
    [InlineData("service", "http://0.0.0.0:8080", "is not an address of this service's Http listener; ")]
    [InlineData("choice", "two", "is not known here; use One, Two or Three")] // the binder spells it
    public void Fault_BadText_SaysWhatAndHowToFixIt(string attribute, string text, string expected) =>
        Assert.StartsWith(expected, s_attributes[attribute].Fault(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("00:01:00", true)]
    [InlineData("7.00:00:00", true)]
    [InlineData("00:00:59", false)]
    [InlineData("7.00:00:01", false)]
    public void Duration_Span_IsWithinItsLimits(string text, bool isGood)
    {
        Assert.True(DurationAttribute.TryParse(text, out var span));
        Assert.Equal(isGood, new DurationAttribute("00:01:00", "7.00:00:00").IsValid(span));
    }

    [Theory]
    [InlineData("60")] // to TimeSpan, 60 days
    [InlineData("soon")]
    [InlineData("")]
    public void Duration_NoSpan_IsNotParsed(string text) => Assert.False(DurationAttribute.TryParse(text, out _));
}
