using CsCheck;

namespace Acme.Tests;

public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset s_now = new(1994, 11, 6, 8, 49, 7, TimeSpan.Zero);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("120", 120)]
    [InlineData(" 120 ", 120)]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", 30)]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT", 30)]
    [InlineData("Sun Nov  6 08:49:37 1994", 30)]
    [InlineData("Sun, 06 Nov 1994 08:49:07 GMT", 0)]
    [InlineData("Sat, 05 Nov 1994 08:49:37 GMT", 0)] // past
    [InlineData("315360000", 315360000)]
    [InlineData("315360001", 315360000)] // longer than ten years
    [InlineData("99999999999999999999999999999", 315360000)]
    [InlineData("Sun, 31 Dec 9999 23:59:59 GMT", null)] // a Friday
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", 315360000)]
    public void Parse_SecondsOrDate_GivesTheTimeFromNow(string text, int? seconds) =>
        Assert.Equal(seconds, (int?)RetryAfter.Parse(text, s_now)?.TotalSeconds);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("+1")]
    [InlineData("soon")]
    [InlineData("\u0661")]
    [InlineData("Sun, 06 Nov 1994 08:49:37")]
    [InlineData("1994-11-06T08:49:37Z")]
    public void Parse_Neither_IsNull(string? text) => Assert.Null(RetryAfter.Parse(text, s_now));

    [Fact]
    public void Parse_AnyText_IsNullOrInRange() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["0123456789 -.:,GMTSunNov"], 0, 40]).Sample(static text =>
            RetryAfter.Parse(text, s_now) is not { } wait || (wait >= TimeSpan.Zero && wait <= RetryAfter.Longest));

    [Fact]
    public void Parse_AnyDate_ComesBack() =>
        Gen.DateTime.Sample(static date =>
        {
            var time = new DateTimeOffset(date.Ticks - (date.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
            var wait = RetryAfter.Parse(time.ToString("r"), s_now)!.Value;
            return wait == (time < s_now ? TimeSpan.Zero : time - s_now > RetryAfter.Longest ? RetryAfter.Longest : time - s_now);
        });
}
