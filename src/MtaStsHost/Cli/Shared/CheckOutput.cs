using MtaStsHost.Checks;
using MtaStsHost.Checks.Catalogue;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MtaStsHost.Cli;

using Text = Spectre.Console.Text;

/// <summary>What <c>check --json</c> prints.</summary>
internal sealed record CheckResult(IReadOnlyList<DomainCheckResult> Domains)
{
    public static CheckResult Of(IEnumerable<DomainCheck> checks) => new(
    [
        .. checks.Select(check => new DomainCheckResult(
            check.Domain.Value,
            check.Status,
            [.. check.Findings.Select(finding => new FindingResult(finding.Code,
                finding.Severity.Word, finding.Message, finding.Fix, finding.Rfc))])),
    ]);
}

internal sealed record DomainCheckResult(string Domain, string Status, IReadOnlyList<FindingResult> Findings);

internal sealed record FindingResult(string Code, string Severity, string Message, string? Fix, string? Rfc);

/// <summary>
/// Prints findings while the checks run: on a terminal one table per domain, as soon as that is done; in a pipe one line per finding,
/// in the order of the domains.
/// </summary>
/// <param name="explain">Whether to print where each rule is written.</param>
internal sealed class CheckOutput(bool explain)
{
    /// <summary>On a narrower terminal a table would break most records, which are there to be copied.</summary>
    private const int TableWidth = 100;

    private readonly Dictionary<string, int> _counts = [];

    public bool IsInOrder { get; } = Console.IsOutputRedirected;

    public void Add(DomainCheck check)
    {
        _counts[check.Status] = _counts.GetValueOrDefault(check.Status) + 1;
        if (IsInOrder) Console.Out.Write(Lines(check));
        else WriteOnTerminal(check);
    }

    /// <summary>Prints the summary.</summary>
    public void End()
    {
        var count = _counts.Values.Sum();
        if (IsInOrder || count < 2) return;
        string[] words = ["error", "warning", "unknown", "ok"];
        Console.Out.WriteLine(
            $"{count} domains: {string.Join(", ", words.Where(_counts.ContainsKey).Select(word => $"{_counts[word]} {word}"))}");
    }

    private void WriteOnTerminal(DomainCheck check)
    {
        AnsiConsole.Write(new Text($"{check.Domain}: {check.Status}\n", Style(check.Worst)));
        if (check.Findings.Count > 0 && AnsiConsole.Profile.Width >= TableWidth) AnsiConsole.Write(Table(check));
        else WriteList(check);
    }

    private void WriteList(DomainCheck check)
    {
        foreach (var finding in check.Findings)
        {
            AnsiConsole.Write(new Text($"  {finding.Severity.Word} {finding.Code}\n", Style(finding.Severity)));
            AnsiConsole.Write(new Unbroken($"    {finding.Message}{(explain && finding.Rfc is { } rule ? $" ({rule})" : "")}"));
            if (finding.Fix is not null) AnsiConsole.Write(new Unbroken($"    → {finding.Fix}"));
        }
    }

    /// <summary>Domain, severity, code, message, fix. A domain without findings gets one line too.</summary>
    private string Lines(DomainCheck check)
    {
        if (check.Findings.Count == 0) return $"{check.Domain}\tok\n";
        var text = new StringBuilder();
        foreach (var finding in check.Findings)
        {
            text.AppendJoin('\t', check.Domain.Value, finding.Severity.Word, finding.Code, finding.Message, finding.Fix ?? "");
            if (explain) text.Append('\t').Append(finding.Rfc);
            text.Append('\n');
        }

        return text.ToString();
    }

    private Table Table(DomainCheck check)
    {
        var table = new Table { Border = TableBorder.Rounded, ShowRowSeparators = true };
        table.AddColumn(new TableColumn(Bold("severity")) { NoWrap = true });
        table.AddColumn(new TableColumn(Bold("code")) { NoWrap = true });
        table.AddColumn(new TableColumn(Bold("what was seen, and what to do")));
        if (explain) table.AddColumn(new TableColumn(Bold("rule")) { NoWrap = true });
        foreach (var finding in check.Findings)
        {
            var style = Style(finding.Severity);
            var what = new Rows(finding.Fix is null ? [new Text(finding.Message)]
                : [new Text(finding.Message), new Text("→ " + finding.Fix, CliOutput.Bold)]);
            List<IRenderable> row =
                [new Text(finding.Severity.Word, style), new Text(finding.Code, style), what];
            if (explain) row.Add(new Text(finding.Rfc ?? ""));
            table.AddRow(row);
        }

        return table;
    }

    private static Text Bold(string text) => new(text, CliOutput.Bold);

    private static Style Style(FindingSeverity severity) => new(severity switch
    {
        FindingSeverity.Error => Color.Red,
        FindingSeverity.Warning => Color.Yellow,
        FindingSeverity.Unknown => Color.Blue,
        _ => Color.Green,
    });

    /// <summary>A line that only the terminal wraps, so that a record in it is copied whole.</summary>
    private sealed class Unbroken(string text) : Renderable
    {
        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => [new Segment(text), Segment.LineBreak];
    }
}
