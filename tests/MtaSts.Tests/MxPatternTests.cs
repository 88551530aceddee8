using CsCheck;

namespace MtaSts.Tests;

public sealed class MxPatternTests
{
    [Theory]
    [InlineData("mail.example.com", "mail.example.com", false)]
    [InlineData("Mail.Example.Com.", "mail.example.com", false)]
    [InlineData("*.example.net", "*.example.net", true)]
    [InlineData("*.EXAMPLE.net.", "*.example.net", true)]
    [InlineData("*.b\u00FCcher.example", "*.xn--bcher-kva.example", true)]
    [InlineData("example.com", "example.com", false)]
    public void TryParse_Pattern_IsNormalised(string text, string expected, bool wildcard)
    {
        Assert.True(MxPattern.TryParse(text, out var pattern, out var error), error);
        Assert.Equal(expected, pattern.Value);
        Assert.Equal(expected, pattern.ToString());
        Assert.Equal(wildcard, pattern.IsWildcard);
    }

    public static TheoryData<string?, string> Bad => new()
    {
        { null, "is empty" },
        { "", "is empty" },
        { "*", "has a wildcard that is not the whole leftmost label" },
        { "*.", "has a wildcard over nothing" },
        { "*.com", "has a wildcard over a single label" },
        { "*.com.", "has a wildcard over a single label" },
        { "**.example.com", "has a wildcard that is not the whole leftmost label" },
        { "*.*.example.com", "has a wildcard that is not the whole leftmost label" },
        { "mail*.example.com", "has a wildcard that is not the whole leftmost label" },
        { "*mail.example.com", "has a wildcard that is not the whole leftmost label" },
        { "mail.*.example.com", "has a wildcard that is not the whole leftmost label" },
        { "mail.example.*", "has a wildcard that is not the whole leftmost label" },
        { ".example.com", "has an empty label" },
        { "*..example.com", "has an empty label" },
        { "mail", "has a single label" },
        { "192.0.2.1", "is an IP address" },
        { "*.0.2.1", "is an IP address" },
        { "[192.0.2.1]", "has the character '['" },
        { "mail.example.com:25", "has a colon; a name has neither a port nor an IP address" },
        { $"*.{new string('a', 63)}.{new string('a', 63)}.{new string('a', 63)}.{new string('b', 60)}",
            "has 254 characters; DNS allows 253" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void TryParse_NoPattern_SaysWhy(string? text, string expected)
    {
        Assert.False(MxPattern.TryParse(text, out var pattern, out var error));
        Assert.Null(pattern);
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("mail.example.com", "mail.example.com", true)]
    [InlineData("mail.example.com", "MAIL.Example.COM.", true)]
    [InlineData("mail.example.com", "mail.example.com..", false)]
    [InlineData("mail.example.com", "mail2.example.com", false)]
    [InlineData("mail.example.com", "a.mail.example.com", false)]
    [InlineData("mail.example.com", "", false)]
    [InlineData("mail.example.com", ".", false)]
    [InlineData("mail.example.com", null, false)]
    [InlineData("*.example.com", "mail.example.com", true)]
    [InlineData("*.example.com", "MAIL.EXAMPLE.COM.", true)]
    [InlineData("*.example.com", "a.mail.example.com", false)] // RFC 8461 §4.1: one label
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", ".example.com", false)]
    [InlineData("*.example.com", "mail.example.com.evil.example", false)]
    [InlineData("*.example.com", "mailexample.com", false)]
    [InlineData("*.example.com", "*.example.com", true)]
    [InlineData("*.example.com", "mx_1.example.com", true)]
    [InlineData("*.example.com", null, false)]
    public void Matches_Host_FollowsTheRule(string text, string? host, bool expected)
    {
        Assert.True(MxPattern.TryParse(text, out var pattern, out _));
        Assert.Equal(expected, pattern.Matches(host));
    }

    [Fact]
    public void Matches_AnyHost_AgreesWithNaiveModel()
    {
        var label = Gen.OneOf("a", "b", "mail", "A", "com");
        var host = label.Array[1, 4].Select(static labels => string.Join('.', labels));
        Gen.Select(host, host, Gen.Bool, Gen.Bool).Sample(static (name, candidate, wildcard, dot) =>
        {
            if (!MxPattern.TryParse((wildcard ? "*." : "") + name, out var pattern, out _))
                return;
            var expected = name.ToLowerInvariant().Split('.').ToList();
            var actual = candidate.ToLowerInvariant().Split('.').ToList();
            if (wildcard)
                actual.RemoveAt(0);
            Assert.Equal(expected.SequenceEqual(actual), pattern.Matches(candidate + (dot ? "." : "")));
        });
    }

    [Fact]
    public void Matches_Host_AllocatesNothing()
    {
        Assert.True(MxPattern.TryParse("*.example.com", out var pattern, out _));
        pattern.Matches("mail.example.com.");
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            pattern.Matches("mail.example.com.");
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Equals_SamePatternWrittenInTwoWays_IsTrue()
    {
        Assert.True(MxPattern.TryParse("*.Example.com.", out var one, out _));
        Assert.True(MxPattern.TryParse("*.example.com", out var two, out _));
        Assert.Equal(one, two);
    }
}
