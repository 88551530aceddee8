using MtaStsHost.Configuration;

namespace MtaStsHost.Tests.Configuration;

public sealed class ConfigurationProblemTests
{
    [Theory]
    [InlineData("A:B", "f.json", 14, "error: A:B (f.json:14): what; fix it")]
    [InlineData("A:B", "environment", 0, "error: A:B (environment): what; fix it")]
    [InlineData("A:B", null, 0, "error: A:B: what; fix it")]
    [InlineData("", "f.json", 14, "error: f.json:14: what; fix it")]
    [InlineData("A\u001b", "f\n.json", 1, "error: A\\u001B (f\\u000A.json:1): what; fix it")]
    public void ToString_Problem_IsOneLine(string path, string? source, int line, string expected) =>
        Assert.Equal(expected, new ConfigurationProblem(ProblemSeverity.Error, path, new Origin(source, line), "what", "fix it")
            .ToString());

    [Fact]
    public void ToString_Warning_SaysSo() =>
        Assert.Equal("warning: A: what; fix it", new ConfigurationProblem(ProblemSeverity.Warning, "A", default, "what", "fix it")
            .ToString());

    [Theory]
    [InlineData(null, "null")]
    [InlineData("", "''")]
    [InlineData("a\tb", "'a\\u0009b'")]
    public void Quote_Value_IsPrintable(string? text, string expected) => Assert.Equal(expected, ProblemList.Quote(text));

    [Fact]
    public void Quote_LongValue_IsCut() => Assert.Equal(123, ProblemList.Quote(new string('x', 5000)).Length);

    [Fact]
    public void Sort_Problems_AreByFileAndLineAndElseInTheirOrder()
    {
        var problems = new ProblemList();
        problems.Error("1", default, "", "");
        problems.Error("2", new Origin("b", 1), "", "");
        problems.Error("3", new Origin("a", 10), "", "");
        problems.Error("4", new Origin("a", 9), "", "");
        problems.Error("5", new Origin("a", 10), "", "");

        problems.Sort();

        Assert.Equal(["4", "3", "5", "2", "1"], problems.Errors.Select(problem => problem.Path));
    }
}
