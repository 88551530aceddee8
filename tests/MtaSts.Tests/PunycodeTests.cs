using CsCheck;

namespace MtaSts.Tests;

public sealed class PunycodeTests
{
    // RFC 3492 §7.1 for the most part, with the upper-case letters of the examples in lower case.
    public static TheoryData<string, string> Samples => new()
    {
        { "\u0644\u064A\u0647\u0645\u0627\u0628\u062A\u0643\u0644\u0645\u0648\u0634\u0639\u0631\u0628\u064A\u061F",
            "egbpdaj6bu4bxfgehfvwxn" },
        { "\u4ED6\u4EEC\u4E3A\u4EC0\u4E48\u4E0D\u8BF4\u4E2D\u6587", "ihqwcrb4cv8a8dqg056pqjye" },
        { "\u306A\u305C\u307F\u3093\u306A\u65E5\u672C\u8A9E\u3092\u8A71\u3057\u3066\u304F\u308C\u306A\u3044\u306E\u304B",
            "n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa" },
        { "\u043F\u043E\u0447\u0435\u043C\u0443\u0436\u0435\u043E\u043D\u0438\u043D\u0435\u0433"
                + "\u043E\u0432\u043E\u0440\u044F\u0442\u043F\u043E\u0440\u0443\u0441\u0441\u043A\u0438",
            "b1abfaaepdrnnbgefbadotcwatmq2g4l" },
        { "\u0928\u092F\u0939\u0939\u093F\u0928\u094D\u0926\u0940", "j2bda1a4ca6bk9i" },
        { "3\u5E74b\u7D44\u91D1\u516B\u5148\u751F", "3b-ww4c5e180e575a65lsy2b" },
        { "\u3072\u3068\u3064\u5C4B\u6839\u306E\u4E0B2", "2-u9tlzr9756bt3uc0v" },
        { "maji\u3067koi\u3059\u308B5\u79D2\u524D", "majikoi5-783gue6qz075azm5e" },
        { "\u305D\u306E\u30B9\u30D4\u30FC\u30C9\u3067", "d9juau41awczczp" },
        { "b\u00FCcher", "bcher-kva" },
        { "\U00020000a", "a-s17s" },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void TryEncode_Sample_AndBack(string text, string encoded)
    {
        Span<char> buffer = stackalloc char[100];
        Assert.True(Punycode.TryEncode(text, buffer, out var length));
        Assert.Equal(encoded, buffer[..length].ToString());
        Assert.True(Punycode.TryDecode(encoded, out var decoded));
        Assert.Equal(text, decoded);
    }

    [Fact]
    public void TryEncode_AnyScalars_DecodesToTheSame() =>
        Gen.Int[0, 0x10FFFF].Where(static point => point is < 0xD800 or > 0xDFFF).Array[1, 40].Sample(static points =>
        {
            var text = string.Concat(points.Select(char.ConvertFromUtf32));
            Span<char> buffer = stackalloc char[400];
            return Punycode.TryEncode(text, buffer, out var length)
                && Punycode.TryDecode(buffer[..length].ToString().ToLowerInvariant(), out var decoded)
                && decoded == Lower(text);
        });

    [Fact]
    public void TryEncode_LoneSurrogate_IsRefused()
    {
        Assert.False(Punycode.TryEncode("\uD800", new char[100], out _));
        Assert.False(Punycode.TryEncode("a\uDC00b", new char[100], out _));
    }

    [Fact]
    public void TryEncode_DestinationTooShort_IsRefused()
    {
        Assert.True(Punycode.TryEncode("b\u00FCcher", new char[9], out _));
        for (var length = 0; length < 9; length++)
            Assert.False(Punycode.TryEncode("b\u00FCcher", new char[length], out _));
    }

    [Theory]
    [InlineData("-")] // an empty basic part has no delimiter
    [InlineData("bcher-kv")] // ends inside a number
    [InlineData("bcher-k_a")]
    [InlineData("bcher-KVA")] // digits are lower case here
    [InlineData("99999999999")] // overflow
    [InlineData("0000000000000000000000")]
    [InlineData("b\u00FCcher-kva")]
    public void TryDecode_Malformed_IsRefused(string text) => Assert.False(Punycode.TryDecode(text, out _));

    // Basic code points stand in the encoding as they are, so lower-casing it changes those and no others.
    private static string Lower(string text) => string.Concat(text.Select(static c => char.IsAscii(c) ? char.ToLowerInvariant(c) : c));
}
