using MtaStsHost.Configuration;

namespace MtaStsHost.Cli;

/// <summary>Prints problems to standard error, errors last, where an operator looks first.</summary>
internal static class ProblemOutput
{
    /// <summary>More than this nobody reads; the count is printed all the same.</summary>
    private const int MaxLines = 10_000;

    public static void Write(ProblemList problems, TextWriter output)
    {
        Write(problems.Warnings, "warnings", output);
        Write(problems.Errors, "errors", output);
    }

    private static void Write(IReadOnlyList<ConfigurationProblem> problems, string kind, TextWriter output)
    {
        var text = new System.Text.StringBuilder();
        foreach (var problem in problems.Take(MaxLines)) text.Append(problem).Append('\n');
        if (problems.Count > MaxLines) text.Append(System.Globalization.CultureInfo.InvariantCulture,
            $"… and {problems.Count - MaxLines} more {kind}\n");
        output.Write(text);
        output.Flush();
    }
}
