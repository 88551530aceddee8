using CsCheck;
using MtaStsHost.Text;

namespace MtaStsHost.Tests.Text;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain text ~", "plain text ~")]
    [InlineData("bücher 例え 😀", "bücher 例え 😀")]
    [InlineData("a\r\nb", "a\\u000D\\u000Ab")]
    [InlineData("\u001b[31m", "\\u001B[31m")]
    [InlineData("\u007f\u0080\u009f", "\\u007F\\u0080\\u009F")]
    [InlineData("\u202e\u2066\u200f\u061c", "\\u202E\\u2066\\u200F\\u061C")]
    [InlineData("\u2028\u2029", "\\u2028\\u2029")]
    [InlineData("\ufeff\u200b\u00ad", "\\uFEFF\\u200B\\u00AD")]
    [InlineData("\U000E0041", "\\U000E0041")]
    public void Text_Unsafe_IsEscaped(string text, string expected) => Assert.Equal(expected, Printable.Text(text));

    [Fact]
    public void Text_LoneSurrogate_IsTheReplacementCharacter() => Assert.Equal("\uFFFDa\uFFFD", Printable.Text("\uD83Da\uDE00"));

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdefg", 6, "abcdef…")]
    [InlineData("\n\n\n", 2, "\\u000A\\u000A…")]
    [InlineData("ab😀", 3, "ab\uFFFD…")]
    public void Text_Long_IsCut(string text, int length, string expected) => Assert.Equal(expected, Printable.Text(text, length));

    [Fact]
    public void Text_AnyText_IsPrintableAndStaysSo() =>
        Gen.Char.Array[0, 30].Select(chars => new string(chars)).Sample(
            text =>
            {
                var printable = Printable.Text(text);
                Assert.True(Printable.IsPrintable(printable));
                Assert.DoesNotContain(printable, c => char.IsControl(c));
                Assert.Equal(printable, Printable.Text(printable, 1000));
                Assert.Equal(printable, Printable.Text(text.AsSpan()));
            },
            iter: 20_000);
}
