using CsCheck;

namespace MtaSts.Tests;

public sealed class DomainNameTests
{
    private static readonly string Label63 = new('a', 63);

    public static TheoryData<string, string> Good => new()
    {
        { "example.com", "example.com" },
        { "EXAMPLE.Com", "example.com" },
        { "example.com.", "example.com" },
        { "a.b", "a.b" },
        { "1.example", "1.example" },
        { "3com.1a", "3com.1a" },
        { "a--b.example", "a--b.example" },
        { "r3---sn-a.example", "r3---sn-a.example" },
        { $"{Label63}.example", $"{Label63}.example" },
        { $"{Label63}.{Label63}.{Label63}.{new string('b', 61)}", $"{Label63}.{Label63}.{Label63}.{new string('b', 61)}" },
        { $"{Label63}.{Label63}.{Label63}.{new string('b', 61)}.", $"{Label63}.{Label63}.{Label63}.{new string('b', 61)}" },
        { "xn--bcher-kva.example", "xn--bcher-kva.example" },
        { "XN--BCHER-KVA.Example.", "xn--bcher-kva.example" },
        { "b\u00FCcher.example", "xn--bcher-kva.example" },
        { "B\u00DCCHER.EXAMPLE", "xn--bcher-kva.example" },
        { "stra\u00DFe.example", "xn--strae-oqa.example" },
        { "\u03B2\u03CC\u03BB\u03BF\u03C2.example", "xn--nxasmm1c.example" },
        { "\u65E5\u672C\u8A9E.jp", "xn--wgv71a119e.jp" },
        { "\u043F\u0440\u0438\u043C\u0435\u0440.\u0440\u0444", "xn--e1afmkfd.xn--p1ai" },
        { "\u0E44\u0E17\u0E22.example", "xn--o3cw4h.example" },
        { "\u0E01\u0E38\u0E49\u0E07.example", "xn--12cm0msc.example" },
        { "\u0939\u093F\u0902\u0926\u0940.example", "xn--i1b6e8byah.example" },
        { "\u0BA4\u0BAE\u0BBF\u0BB4\u0BCD.example", "xn--rlcus7b3d.example" },
        { "\u05E9\u05DC\u05D5\u05DD1.example", "xn--1-9hcuf1d.example" },
        { "\uD55C\uAD6D.kr", "xn--3e0b707e.kr" },
        { "\U00020000.example", "xn--j50i.example" },
        { "xn--i-7iq.ws", "xn--i-7iq.ws" }, // an emoji name: no U-label, yet it exists
    };

    [Theory]
    [MemberData(nameof(Good))]
    public void TryParse_Name_IsNormalised(string text, string expected)
    {
        Assert.True(DomainName.TryParse(text, out var name, out var error), error);
        Assert.Null(error);
        Assert.Equal(expected, name.Value);
        Assert.Equal(expected, name.ToString());
    }

    public static TheoryData<string?, string> Bad => new()
    {
        { null, "is empty" },
        { "", "is empty" },
        { ".", "has no label" },
        { "..", "has an empty label" },
        { "example", "has a single label" },
        { "example.", "has a single label" },
        { ".example.com", "has an empty label" },
        { "example..com", "has an empty label" },
        { "example.com..", "has an empty label" },
        { $"{Label63}a.example", "has a label of 64 characters; DNS allows 63" },
        { $"{Label63}.{Label63}.{Label63}.{new string('b', 62)}", "has 254 characters; DNS allows 253" },
        { new string('a', 100_000), "has 100000 characters; DNS allows 253" },
        { "-a.example", "has a label that starts or ends with a hyphen" },
        { "a-.example", "has a label that starts or ends with a hyphen" },
        { "A-.example", "has a label that starts or ends with a hyphen" },
        { "_mta-sts.example.com", "has an underscore; host names have letters, digits and hyphens" },
        { "exa mple.com", "has a space" },
        { "example.com ", "has a space" },
        { "*.example.com", "has an asterisk" },
        { "example.com:443", "has a colon; a name has neither a port nor an IP address" },
        { "a@example.com", "has an @; expected a domain, not a mail address" },
        { "example.com/", "has the character '/'" },
        { "exam\nple.com", "has the character U+000A" },
        { "exam\0ple.com", "has the character U+0000" },
        { "127.0.0.1", "is an IP address" },
        { "127.1", "is an IP address" },
        { "::1", "is an IP address" },
        { "[2001:db8::1]", "is an IP address" },
        { "1.2.3.4.5", "has a last label that is all digits" },
        { "example.123", "has a last label that is all digits" },
        { "xn--.example", "has a label that starts or ends with a hyphen" },
        { "xn--a.example", "has an xn-- label that is not valid Punycode" },
        { "xn--abc-0da.example", "has an xn-- label that is not valid Punycode" }, // U+00A0
        { "xn--bcher-kv.example", "has an xn-- label that is not valid Punycode" },
        { "xn--abc-.example", "has a label that starts or ends with a hyphen" },
        { "xn--99999999.example", "has an xn-- label that is not valid Punycode" },
        { "a.xn--0000000000000000", "has an xn-- label that is not valid Punycode" },
        { new string('\u00FC', 58) + ".example", "has a label of more than 63 characters in its A-label form; DNS allows 63" },
        { "-\u00FC.example", "has a label that starts or ends with a hyphen" },
        { "\u00FC_.example", "has an underscore; host names have letters, digits and hyphens" },
        { "ab--\u00FC.example", "has a label with hyphens in the third and fourth place and a letter outside ASCII" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void TryParse_NoName_SaysWhy(string? text, string expected)
    {
        Assert.False(DomainName.TryParse(text, out var name, out var error));
        Assert.Null(name);
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("bu\u0308cher.example", 0x0308)] // decomposed
    [InlineData("\u304B\u3099.example", 0x3099)] // kana and voiced mark
    [InlineData("\u1112\u1161\u11AB.example", 0x1112)] // conjoining Jamo
    [InlineData("\uFF45xample.com", 0xFF45)] // full width
    [InlineData("\uFB01.example", 0xFB01)] // ligature
    [InlineData("\uFEF5.example", 0xFEF5)] // presentation form
    [InlineData("\u0130stanbul.example", 0x0130)] // no simple lower case
    [InlineData("\u017Fs.example", 0x017F)] // long s
    [InlineData("\u00AA.example", 0x00AA)]
    [InlineData("\u1F71.example", 0x1F71)] // oxia: canonically the tonos letter
    [InlineData("\uAB70.example", 0xAB70)] // Cherokee folds to its capitals
    [InlineData("\u0928\u093C.example", 0x093C)] // letter and nukta that have a composed form
    [InlineData("\u0E01\u0E49\u0E38.example", 0x0E38)] // marks out of order
    [InlineData("\u0308a.example", 0x0308)]
    [InlineData("\u093Fa.example", 0x093F)] // starts with a mark
    [InlineData("a\u200Db.example", 0x200D)] // joiner
    [InlineData("a\u202Eb.example", 0x202E)] // bidi control
    [InlineData("a\u3002example", 0x3002)] // ideographic full stop
    [InlineData("a\u00ADb.example", 0x00AD)]
    [InlineData("\u2603.example", 0x2603)] // symbol
    [InlineData("\U0001F600.example", 0x1F600)]
    [InlineData("\U0002F800.example", 0x2F800)] // compatibility ideograph
    [InlineData("\u0378.example", 0x0378)] // unassigned
    public void TryParse_CharacterThatNormalisationWouldChange_AsksForTheALabel(string text, int codePoint)
    {
        Assert.False(DomainName.TryParse(text, out _, out var error));
        Assert.Equal($"has the character U+{codePoint:X4}, which is not converted; write the composed letter, or the A-label (xn--\u2026)",
            error);
    }

    [Fact]
    public void TryParse_LoneSurrogate_IsRefused()
    {
        // Not in a table: the runner turns a lone surrogate into U+FFFD on the way.
        foreach (var text in new[] { "\uD800.example", "a\uDC00b.example", "example.\uDBFF" })
            Assert.False(DomainName.TryParse(text, out _, out _));
    }

    [Fact]
    public void TryParse_NormalisedText_KeepsThatString()
    {
        const string text = "mail.example.com";
        Assert.True(DomainName.TryParse(text, out var name, out _));
        Assert.Same(text, name.Value);
    }

    [Fact]
    public void TryParse_NormalisedText_AllocatesTheNameAlone()
    {
        Assert.True(DomainName.TryParse("mail.example.com", out _, out _));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            _ = DomainName.TryParse("mail.example.com", out _, out _);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 1000 * 32);
    }

    [Fact]
    public void Equals_SameNameWrittenInTwoWays_IsTrue()
    {
        Assert.True(DomainName.TryParse("B\u00DCcher.Example.", out var one, out _));
        Assert.True(DomainName.TryParse("xn--bcher-kva.example", out var two, out _));
        Assert.True(DomainName.TryParse("xn--bcher-kva.example2", out var three, out _));
        Assert.Equal(one, two);
        Assert.Equal(one.GetHashCode(), two.GetHashCode());
        Assert.NotEqual(one, three);
    }

    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("mail.xn--bcher-kva.example", "mail.b\u00FCcher.example")]
    [InlineData("xn--e1afmkfd.xn--p1ai", "\u043F\u0440\u0438\u043C\u0435\u0440.\u0440\u0444")]
    [InlineData("xn--bcher-2pa.example", "xn--bcher-2pa.example")] // decodes to a capital letter
    [InlineData("xn--bucher-xyd.example", "xn--bucher-xyd.example")] // decodes to a decomposed letter
    [InlineData("xn--i-7iq.ws", "xn--i-7iq.ws")]
    public void ToUnicode_Name_ShowsWhatTurnsBackIntoIt(string text, string expected)
    {
        Assert.True(DomainName.TryParse(text, out var name, out _));
        Assert.Equal(expected, name.ToUnicode());
        Assert.True(DomainName.TryParse(expected, out var again, out _));
        Assert.Equal(name, again);
    }

    [Fact]
    public void TryParse_AnyText_IsIdempotentAndNeverThrows() =>
        Gen.OneOf(
            Gen.Char.Array[0, 300].Select(static chars => new string(chars)),
            Gen.Char["ab-.xn\u00FC\u00DC\u00DF_1\u0308\u65E5*"].Array[1, 80].Select(static chars => new string(chars)))
        .Sample(static text =>
            !DomainName.TryParse(text, out var name, out _)
            || (DomainName.TryParse(name.Value, out var again, out _) && again.Value == name.Value
                && DomainName.TryParse(name.ToUnicode(), out var back, out _) && back == name));

    [Fact]
    public void TryParse_EveryScalarAlone_GivesALabelThatReadsBackOrAnError()
    {
        for (var point = 0; point <= 0x10FFFF; point++)
        {
            if (point is >= 0xD800 and <= 0xDFFF)
                continue;
            var text = "a" + char.ConvertFromUtf32(point) + ".example";
            if (!DomainName.TryParse(text, out var name, out _))
                continue;
            Assert.True(DomainName.TryParse(name.Value, out var again, out _), text);
            Assert.Equal(name, again);
            Assert.Equal(text.ToLowerInvariant(), name.ToUnicode());
        }
    }

    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("mta-sts.b\u00fccher.Example.", "mta-sts.xn--bcher-kva.Example.")]
    [InlineData("\U0001F600.example", "xn--e28h.example")] // TryParse refuses emoji
    [InlineData("B\u00dcCHER.example", "xn--bcher-kva.example")]
    [InlineData("a..b", "a..b")]
    [InlineData("", "")]
    public void TryToAscii_Labels_AreEncodedUnchecked(string text, string expected)
    {
        Assert.True(DomainName.TryToAscii(text, out var ascii));
        Assert.Equal(expected, ascii);
    }

    [Fact]
    public void TryToAscii_LoneSurrogateOrLongLabel_Fails()
    {
        Assert.False(DomainName.TryToAscii("a\ud800.example", out _));
        Assert.False(DomainName.TryToAscii(new string('\u00fc', 64) + ".example", out _));
        Assert.False(DomainName.TryToAscii(new string('\u00fc', 65_000), out _));
    }
}
