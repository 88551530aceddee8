using System.Text;

namespace MtaSts.Tests;

/// <summary>Every way to damage one byte of a policy: the parser must see what <see cref="NaivePolicyReader"/> sees.</summary>
public sealed class PolicyParserExhaustiveTests
{
    public static TheoryData<string> Bodies =>
    [
        "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.a-b.example\r\nmax_age: 604800\r\n",
        "max_age:31557600\nmx:1.ab\nx.y-z_0:\u00E9 \u65E5=\U0001F600\nmode:\tnone \t\nmode: x\nversion:STSv1",
        "version: STSv1\nmode: testing\nmax_age: 0\nmx: a.b.cd",
    ];

    [Theory]
    [MemberData(nameof(Bodies))]
    public void TryParse_EveryByteAtEveryPlace_AgreesWithNaiveReading(string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        Assert.NotNull(Compare(body));
        for (var i = 0; i <= body.Length; i++)
            for (var value = 0; value < 256; value++)
            {
                Compare([.. body[..i], (byte)value, .. body[i..]]);
                if (i < body.Length)
                    Compare([.. body[..i], (byte)value, .. body[(i + 1)..]]);
            }
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public void TryParse_EveryTruncationAndGap_AgreesWithNaiveReading(string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        for (var from = 0; from <= body.Length; from++)
            for (var to = from; to <= body.Length; to++)
                Compare([.. body[..from], .. body[to..]]);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public void TryParse_EveryLineRepeatedMovedOrLeftOut_AgreesWithNaiveReading(string text)
    {
        var lines = text.TrimEnd('\r', '\n').Split('\n');
        for (var i = 0; i < lines.Length; i++)
            for (var j = 0; j <= lines.Length; j++)
            {
                Compare(Encoding.UTF8.GetBytes(string.Join('\n', [.. lines[..j], lines[i], .. lines[j..]])));
                string[] others = [.. lines[..i], .. lines[(i + 1)..]];
                Compare(Encoding.UTF8.GetBytes(string.Join('\n', others)));
                if (j < lines.Length)
                    Compare(Encoding.UTF8.GetBytes(string.Join('\n', [.. others[..j], lines[i], .. others[j..]])));
            }
    }

    public static TheoryData<string, string, int> Limits => new()
    {
        { "version: STSv1\nmode: none\nmax_age: ", "\n", 14 },
        { "version: STSv1\nmode: none\nmax_age: 1\n", ": x\n", 40 },
        { "version: STSv1\nmode: none\nmax_age: 1\nx: ", "\n", 300 },
        { "version: STSv1\nmode: none\nmax_age: 1\nmx: ", ".example\n", 70 },
        { "version: STSv1\nmode: none\nmax_age: 1\nmx: *.", ".example\n", 70 },
        { "version: STSv1\nmode: none\nmax_age: 1\nx: y", "z", 300 },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public void TryParse_EveryLengthAroundALimit_AgreesWithNaiveReading(string before, string after, int most)
    {
        foreach (var fill in "1a0. \t")
            for (var length = 0; length <= most; length++)
                Compare(Encoding.ASCII.GetBytes(before + new string(fill, length) + after));
    }

    [Fact]
    public void TryParse_EveryNameLengthAroundTheLimit_AgreesWithNaiveReading()
    {
        foreach (var wildcard in new[] { "", "*." })
            for (var length = 1; length < 270; length++)
            {
                var name = string.Concat(Enumerable.Range(0, length).Select(static i => i % 10 == 9 ? '.' : 'a'));
                Compare(Encoding.ASCII.GetBytes($"version: STSv1\nmode: none\nmax_age: 1\nmx: {wildcard}{name}\n"));
            }
    }

    private static Policy? Compare(byte[] body)
    {
        var expected = NaivePolicyReader.Read(body);
        var accepted = PolicyParser.TryParse(body, out var policy, out var error);
        if (accepted != expected is not null || !Equals(policy, expected) || accepted == error is not null)
            Assert.Fail(
                $"{error?.ToString() ?? "taken"}, {(expected is null ? "naively refused" : "naively taken")}: "
                + $"{Encoding.Latin1.GetString(body)}");
        return policy;
    }
}
