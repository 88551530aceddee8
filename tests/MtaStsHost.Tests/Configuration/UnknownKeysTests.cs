using CsCheck;
using MtaStsHost.Configuration;

namespace MtaStsHost.Tests.Configuration;

public sealed class UnknownKeysTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("MaxAge", "maxage", 0)]
    [InlineData("MaxAgee", "MaxAge", 1)]
    [InlineData("Mdoe", "Mode", 2)]
    public void Distance_Words_IsLevenshteinWithoutCase(string left, string right, int expected) =>
        Assert.Equal(expected, UnknownKeys.Distance(left, right));

    [Fact]
    public void Distance_AnyWords_IsThatOfTheDefinition()
    {
        var word = Gen.Char["abAB:é"].Array[0, 7].Select(chars => new string(chars));

        Gen.Select(word, word).Sample(
            (left, right) => Assert.Equal(Naive(left.ToUpperInvariant(), right.ToUpperInvariant()), UnknownKeys.Distance(left, right)),
                iter: 2_000);
    }

    [Theory]
    [InlineData("Mod", "Mode")]
    [InlineData("mx ", "Mx")]
    [InlineData("max_age", "MaxAge")]
    [InlineData("MaxAgeSeconds", "MaxAge")]
    [InlineData("Ids", "Id")]
    [InlineData("TLSRPT", "TlsRpt")]
    public void Nearest_TypingError_IsWhatWasMeant(string key, string expected) =>
        Assert.Equal(expected, UnknownKeys.Nearest(key, ["Mode", "Mx", "MaxAge", "Id", "TlsRpt", "Dkim"]));

    [Fact]
    public void Nearest_NothingKnown_IsNull() => Assert.Null(UnknownKeys.Nearest("a", []));

    [Fact]
    public void Report_HugeKey_IsQuotedInPart()
    {
        var problems = new ProblemList();

        UnknownKeys.Report("MtaSts:x", new string('x', 1_000_000), ["Mode"], default, problems);

        Assert.True(Assert.Single(problems.Errors).ToString().Length < 1000);
    }

    private static int Naive(string left, string right) =>
        left.Length == 0 ? right.Length
        : right.Length == 0 ? left.Length
        : Math.Min(
            Math.Min(Naive(left[1..], right), Naive(left, right[1..])) + 1,
            Naive(left[1..], right[1..]) + (left[0] == right[0] ? 0 : 1));
}
