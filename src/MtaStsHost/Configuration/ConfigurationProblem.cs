namespace MtaStsHost.Configuration;

internal enum ProblemSeverity
{
    Warning,
    Error,
}

/// <summary>Where a value stands: a file and its line, or <c>environment</c> or <c>command line</c>. Line 0 is unknown.</summary>
internal readonly record struct Origin(string? Source, int Line)
{
    public override string ToString() => Source is null ? ""
        : Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Printable.Text(Source, 1000)}:{Line}")
        : Printable.Text(Source, 1000);
}

/// <summary>One thing that is wrong with the configuration, printed as <c>error: WHERE (FILE:LINE): WHAT; REMEDY</c>.</summary>
/// <param name="Path">The setting's path, <c>MtaSts:Domains:example.com:Mode</c>; empty when the file as a whole is meant.</param>
internal sealed record ConfigurationProblem(ProblemSeverity Severity, string Path, Origin Origin, string What, string Remedy)
{
    public override string ToString()
    {
        var kind = Severity == ProblemSeverity.Error ? "error" : "warning";
        var path = Printable.Text(Path, 400);
        var origin = Origin.ToString();
        var where = path.Length == 0 ? origin : origin.Length == 0 ? path : $"{path} ({origin})";
        return $"{kind}: {where}: {What}; {Remedy}";
    }
}

/// <summary>Collects every problem of one load, so that the operator sees them all at once and not the first alone.</summary>
internal sealed class ProblemList
{
    private List<ConfigurationProblem> _errors = [];
    private List<ConfigurationProblem> _warnings = [];
    private readonly List<(string Path, string Written)> _renamed = [];

    public IReadOnlyList<ConfigurationProblem> Errors => _errors;

    public IReadOnlyList<ConfigurationProblem> Warnings => _warnings;

    public bool HasErrors => _errors.Count > 0;

    public void Error(string path, Origin origin, string what, string remedy) =>
        _errors.Add(new ConfigurationProblem(ProblemSeverity.Error, Written(path), origin, what, remedy));

    public void Warning(string path, Origin origin, string what, string remedy) =>
        _warnings.Add(new ConfigurationProblem(ProblemSeverity.Warning, Written(path), origin, what, remedy));

    /// <summary>Whether an error of a key under that path is known already.</summary>
    public bool HasErrorUnder(string path)
    {
        var prefix = Written(path) + ":";
        return _errors.Exists(error => error.Path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>
    /// From now on, problems of <paramref name="path"/> and of all under it name the path that the operator wrote. The first rule that
    /// fits counts.
    /// </summary>
    public void Rename(string path, string written) => _renamed.Add((path, written));

    private string Written(string path)
    {
        var (prefix, written) = _renamed.Find(rule => path.StartsWith(rule.Path, StringComparison.OrdinalIgnoreCase)
            && (path.Length == rule.Path.Length || path[rule.Path.Length] == ':'));
        return prefix is null ? path : string.Concat(written, path.AsSpan(prefix.Length));
    }

    /// <summary>Puts the problems into the order in which an operator meets them: file by file, line by line.</summary>
    public void Sort()
    {
        (_errors, _warnings) = (Sorted(_errors), Sorted(_warnings));

        // OrderBy is stable, List.Sort isn't: two problems of one line stay as they were found.
        static List<ConfigurationProblem> Sorted(List<ConfigurationProblem> problems) =>
        [
            .. problems.OrderBy(problem => problem.Origin.Source ?? "\uFFFF", StringComparer.Ordinal)
                .ThenBy(problem => problem.Origin.Line),
        ];
    }

    /// <summary>A value as it is quoted in a message: printable, and no longer than a line bears.</summary>
    public static string Quote(string? text) => text is null ? "null" : $"'{Printable.Text(text, 120)}'";
}
