using System.Text;
using CsCheck;

namespace MtaSts.Tests;

public sealed class PolicyParserTests
{
    private const string Head = "version: STSv1\nmode: enforce\nmax_age: 86400\n";
    private const string Good = Head + "mx: mail.example.com\n";

    public static TheoryData<string> GoodBodies =>
    [
        "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 86400\n",
        "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmax_age: 86400\r\n",
        "version: STSv1\r\nmode: enforce\nmx: mail.example.com\r\nmax_age: 86400", // mixed ends, none at the last
        "max_age: 86400\nmx: mail.example.com\nmode: enforce\nversion: STSv1\n",
        "version:STSv1\nmode:enforce\nmx:mail.example.com\nmax_age:86400\n",
        "version: \t STSv1 \t\nmode:\tenforce\t\nmx:  mail.example.com  \r\nmax_age: 86400  ",
        Good + "mx: MAIL.EXAMPLE.COM\n",
        Good + "x: y\n",
        Good + "x-y_z.1: any : thing = \u00E9 \u65E5\u672C \U0001F600\n",
        Good + "a234567890123456789012345678901b: 32 characters\n",
        Good + "version: STSv2\nmode: report\nmax_age: forever\nversion: STSv1\nmode: none\nmax_age: 1\n", // the first of each counts
        Good + "Mode: none\nVERSION: 2\nMax_Age: 1\nMX: *\n", // other case: unknown fields
        "version: STSv1\nmode: enforce\nmax_age: 0000086400\nmx: mail.example.com",
    ];

    [Theory]
    [MemberData(nameof(GoodBodies))]
    public void TryParse_GoodBody_IsThePolicy(string body)
    {
        Assert.True(PolicyParser.TryParse(Encoding.UTF8.GetBytes(body), out var policy, out var error), error?.ToString());
        Assert.Equal(Policies.Make(PolicyMode.Enforce, 86400, "mail.example.com"), policy);
    }

    [Theory]
    [InlineData("version: STSv1\nmode: none\nmax_age: 0\n", PolicyMode.None, 0)]
    [InlineData("version: STSv1\nmode: none\nmax_age: 31557600\nmx: *.example.com\n", PolicyMode.None, 31557600, "*.example.com")]
    [InlineData("version: STSv1\nmode: testing\nmax_age: 1\nmx: xn--bcher-kva.example\nmx: *.b.example\nmx: a.example\n",
        PolicyMode.Testing, 1, "xn--bcher-kva.example", "*.b.example", "a.example")]
    public void TryParse_GoodBody_KeepsValuesAndOrder(string body, PolicyMode mode, int maxAge, params string[] mx)
    {
        Assert.True(PolicyParser.TryParse(Encoding.UTF8.GetBytes(body), out var policy, out var error), error?.ToString());
        Assert.Equal(Policies.Make(mode, maxAge, mx), policy);
    }

    public static TheoryData<string, PolicyParseErrorKind, int, int> BadBodies => new()
    {
        { "", PolicyParseErrorKind.Empty, 1, 1 },
        { "\uFEFF" + Good, PolicyParseErrorKind.ByteOrderMark, 1, 1 },
        { "\n" + Good, PolicyParseErrorKind.BlankLine, 1, 1 },
        { Good + "\n", PolicyParseErrorKind.BlankLine, 5, 1 },
        { Good + "\r\n", PolicyParseErrorKind.BlankLine, 5, 1 },
        { Good + " \t", PolicyParseErrorKind.BlankLine, 5, 1 },
        { Head + "\nmx: mail.example.com\n", PolicyParseErrorKind.BlankLine, 4, 1 },
        { Head + " mx: mail.example.com\n", PolicyParseErrorKind.LeadingSpace, 4, 1 },
        { "\t" + Good, PolicyParseErrorKind.LeadingSpace, 1, 1 },
        { Head + "mx: mail.example.com\rx: y\n", PolicyParseErrorKind.ControlCharacter, 4, 21 },
        { Good + "x: y\r", PolicyParseErrorKind.ControlCharacter, 5, 5 },
        { Head + "mx: mail.example.com\r\r\n", PolicyParseErrorKind.ControlCharacter, 4, 21 },
        { Good.Replace('\n', '\r'), PolicyParseErrorKind.ControlCharacter, 1, 15 },
        { Head + "mx: mail\0.example.com\n", PolicyParseErrorKind.ControlCharacter, 4, 9 },
        { Good + "x: \u007F\n", PolicyParseErrorKind.ControlCharacter, 5, 4 },
        { Good + "x: a\u000Bb\n", PolicyParseErrorKind.ControlCharacter, 5, 5 },
        { Good + "hello\n", PolicyParseErrorKind.MissingColon, 5, 1 },
        { "<!DOCTYPE html>\n", PolicyParseErrorKind.MissingColon, 1, 1 },
        { Good + ": y\n", PolicyParseErrorKind.InvalidName, 5, 1 },
        { Good + "x : y\n", PolicyParseErrorKind.InvalidName, 5, 1 },
        { Good + "_x: y\n", PolicyParseErrorKind.InvalidName, 5, 1 },
        { Good + "\u00E9: y\n", PolicyParseErrorKind.InvalidName, 5, 1 },
        { Good + "a234567890123456789012345678901bc: y\n", PolicyParseErrorKind.InvalidName, 5, 1 },
        { "version: STSv2\n", PolicyParseErrorKind.InvalidVersion, 1, 10 },
        { "version: stsv1\n", PolicyParseErrorKind.InvalidVersion, 1, 10 },
        { "version:\n", PolicyParseErrorKind.InvalidVersion, 1, 9 },
        { "version: STSv1;\n", PolicyParseErrorKind.InvalidVersion, 1, 10 },
        { "version: STSv1\nmode:  Enforce\n", PolicyParseErrorKind.InvalidMode, 2, 8 },
        { "mode:\n", PolicyParseErrorKind.InvalidMode, 1, 6 },
        { "mode: report\n", PolicyParseErrorKind.InvalidMode, 1, 7 },
        { "mode: enforced\n", PolicyParseErrorKind.InvalidMode, 1, 7 },
        { "max_age: \n", PolicyParseErrorKind.InvalidMaxAge, 1, 9 },
        { "max_age: -1\n", PolicyParseErrorKind.InvalidMaxAge, 1, 10 },
        { "max_age: 1d\n", PolicyParseErrorKind.InvalidMaxAge, 1, 10 },
        { "max_age: 1 000\n", PolicyParseErrorKind.InvalidMaxAge, 1, 10 },
        { "max_age: 00000086400\n", PolicyParseErrorKind.InvalidMaxAge, 1, 10 },
        { "max_age: \u0661\n", PolicyParseErrorKind.InvalidMaxAge, 1, 10 },
        { "max_age: 31557601\n", PolicyParseErrorKind.MaxAgeOutOfRange, 1, 10 },
        { "max_age: 9999999999\n", PolicyParseErrorKind.MaxAgeOutOfRange, 1, 10 },
        { "mx:\n", PolicyParseErrorKind.InvalidMx, 1, 4 },
        { "mx: mail.example.com.\n", PolicyParseErrorKind.InvalidMx, 1, 5 },
        { "mx: b\u00FCcher.example\n", PolicyParseErrorKind.InvalidMx, 1, 5 },
        { Head + "mx: xn--a.example\n", PolicyParseErrorKind.InvalidMx, 4, 5 }, // without another mx
        { Head + "mx: localhost\nmx:  mail.123\n", PolicyParseErrorKind.InvalidMx, 4, 5 },
        { "mx: [192.0.2.1]\n", PolicyParseErrorKind.InvalidMx, 1, 5 },
        { "mx: 2001:db8::1\n", PolicyParseErrorKind.InvalidMx, 1, 5 },
        { "mx: a-.example.com\n", PolicyParseErrorKind.InvalidMx, 1, 5 },
        { "mx: a_b.example.com\n", PolicyParseErrorKind.InvalidMx, 1, 5 },
        { "mx: mail.example.com mx2.example.com\n", PolicyParseErrorKind.InvalidMx, 1, 5 },
        { "mx: mail.example.com, mx2.example.com\n", PolicyParseErrorKind.InvalidMx, 1, 5 },
        { "mx: *.*.example.com\n", PolicyParseErrorKind.InvalidMx, 1, 5 },
        { "mx: *\n", PolicyParseErrorKind.InvalidMx, 1, 5 },
        { Head + "mx: 192.0.2.1\n", PolicyParseErrorKind.InvalidMx, 4, 5 },
        { "mx: .example.com\n", PolicyParseErrorKind.InvalidMx, 1, 5 },
        { Good + "x:\n", PolicyParseErrorKind.InvalidExtension, 5, 3 },
        { Good + "x: a\tb\n", PolicyParseErrorKind.InvalidExtension, 5, 4 },
        { Good + "mode:\n", PolicyParseErrorKind.InvalidExtension, 5, 6 },
        { "mode: none\nmax_age: 1\n", PolicyParseErrorKind.MissingVersion, 2, 11 },
        { "version: STSv1\nmax_age: 1\n", PolicyParseErrorKind.MissingMode, 2, 11 },
        { "version: STSv1\nmode: none", PolicyParseErrorKind.MissingMaxAge, 2, 11 },
        { "version: STSv1\nmax_age: 1\nmode: testing\r\n", PolicyParseErrorKind.MissingMx, 3, 14 },
        { Head, PolicyParseErrorKind.MissingMx, 3, 15 },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public void TryParse_BadBody_SaysWhatAndWhere(string body, PolicyParseErrorKind kind, int line, int column)
    {
        Assert.False(PolicyParser.TryParse(Encoding.UTF8.GetBytes(body), out var policy, out var error));
        Assert.Null(policy);
        Assert.Equal((kind, line, column), (error.Kind, error.Line, error.Column));
        Assert.DoesNotContain(error.ToString(), char.IsControl);
    }

    [Theory]
    [InlineData("80")]
    [InlineData("C080")] // overlong
    [InlineData("C3")]
    [InlineData("E28228")]
    [InlineData("EDA080")] // surrogate
    [InlineData("F4908080")] // over U+10FFFF
    [InlineData("FF")]
    public void TryParse_ExtensionThatIsNotUtf8_IsRefused(string hex)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(Good + "x: a"), .. Convert.FromHexString(hex), .. "b\n"u8];
        Assert.False(PolicyParser.TryParse(body, out _, out var error));
        Assert.Equal((PolicyParseErrorKind.InvalidExtension, 5, 4), (error.Kind, error.Line, error.Column));
    }

    [Theory]
    [InlineData(65535, true)]
    [InlineData(65536, true)]
    [InlineData(65537, false)]
    [InlineData(200000, false)]
    public void TryParse_BodyAroundTheLimit_IsTakenUpToIt(int length, bool expected)
    {
        var body = (Good + "x: ").PadRight(length, 'y');
        Assert.Equal(expected, PolicyParser.TryParse(Encoding.ASCII.GetBytes(body), out _, out var error));
        Assert.Equal(expected ? null : PolicyParseErrorKind.TooLarge, error?.Kind);
    }

    [Fact]
    public void TryParse_ThousandsOfMx_KeepsThemAll()
    {
        var body = Head + string.Concat(Enumerable.Range(0, 3000).Select(static i => $"mx: a{i}.example\n"));
        Assert.True(PolicyParser.TryParse(Encoding.ASCII.GetBytes(body), out var policy, out _));
        Assert.Equal(3000, policy.Mx.Length);
    }

    /// <summary>RFC 8461 §3.2 and RFC 5321 §4.1.2 allow these, and no MX host has such a name.</summary>
    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("localhost")]
    [InlineData("*.com")]
    [InlineData("mail.123")]
    [InlineData("xn--a.example")]
    [InlineData("*.192.0.2.1")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234.example")]
    public void TryParse_MxThatCantBeAHost_AllowsNoneBesideGoodOnes(string mx)
    {
        Assert.True(PolicyParser.TryParse(Encoding.ASCII.GetBytes(Good + $"mx: {mx}\n"), out var policy, out var remarks, out var error),
            error?.ToString());
        Assert.Equal(Policies.Make(PolicyMode.Enforce, 86400, "mail.example.com"), policy);
        var remark = Assert.Single(remarks);
        Assert.Equal((5, PolicyRemarkKind.IdleMx), (remark.Line, remark.Kind));
    }

    [Theory]
    [InlineData(Good)]
    [InlineData(Good + "x: y\n")]
    [InlineData(Good + "mode: enforce\n", PolicyRemarkKind.RepeatedField)]
    [InlineData(Good + "mode: enforced\n", PolicyRemarkKind.RepeatedField)]
    [InlineData(Good + "max_age: forever\n", PolicyRemarkKind.RepeatedField)]
    [InlineData(Good + "version: STSv2\nversion: STSv1\n", PolicyRemarkKind.RepeatedField)]
    [InlineData(Good + "x: https://example.com/\n", PolicyRemarkKind.ExtensionWithColon)]
    [InlineData(Good + "x: \u00E9\n", PolicyRemarkKind.ExtensionOutsideAscii)]
    [InlineData(Good + "x: \u00E9:\n", PolicyRemarkKind.ExtensionWithColon, PolicyRemarkKind.ExtensionOutsideAscii)]
    [InlineData(Good + "mx: ab--cd.example.com\n", PolicyRemarkKind.RLdhLabel)]
    [InlineData(Good + "mx: abc--d.example.com\nmx: xn--bcher-kva.example\n")]
    [InlineData("version: STSv1\nmode: none\nmax_age: 86400\n", PolicyRemarkKind.NoneWithoutMx)]
    [InlineData("version: STSv1\nmode: none\nmax_age: 86400\nmx: mail.example.com")]
    public void TryParse_TextThatSomeSendersReadDifferently_IsRemarked(string body, params PolicyRemarkKind[] expected)
    {
        Assert.True(PolicyParser.TryParse(Encoding.UTF8.GetBytes(body), out _, out var remarks, out var error), error?.ToString());
        Assert.Equal(expected, remarks.Select(remark => remark.Kind));
        Assert.All(remarks, remark => Assert.DoesNotContain(remark.ToString(), char.IsControl));
    }

    [Fact]
    public void TryParse_ThousandsOfIdleMx_RemarksSixteen()
    {
        var body = Good + string.Concat(Enumerable.Range(0, 3000).Select(static i => $"mx: a{i}\n"));
        Assert.True(PolicyParser.TryParse(Encoding.ASCII.GetBytes(body), out _, out var remarks, out _));
        Assert.Equal(16, remarks.Length);
    }

    [Fact]
    public void TryParse_AnyBytes_NeverThrows() =>
        Gen.Byte.Array[0, 400].Sample(static body => PolicyParser.TryParse(body, out var policy, out var error) == (policy is not null)
            && policy is null == error is not null);
}
