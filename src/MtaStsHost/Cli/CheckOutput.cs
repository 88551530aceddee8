using System.Text;
using MtaStsHost.Checks;
using Spectre.Console;

namespace MtaStsHost.Cli;

/// <summary>What <c>check --json</c> prints.</summary>
internal sealed record CheckResult(IReadOnlyList<DomainCheckResult> Domains)
{
    public static CheckResult Of(IEnumerable<DomainCheck> checks) => new(
    [
        .. checks.Select(check => new DomainCheckResult(
            check.Domain.Value,
            check.Status,
            [.. check.Findings.Select(finding => new FindingResult(finding.Code, CheckOutput.Word(finding.Severity), finding.Message, finding.Fix, finding.Rfc))])),
    ]);
}

internal sealed record DomainCheckResult(string Domain, string Status, IReadOnlyList<FindingResult> Findings);

internal sealed record FindingResult(string Code, string Severity, string Message, string? Fix, string? Rfc);

/// <summary>Prints what <c>check</c> found: a table a domain on a terminal, a line a finding in a pipe.</summary>
internal static class CheckOutput
{
    /// <summary>On a narrower terminal a table would break most records, which are there to be copied.</summary>
    private const int TableWidth = 100;

    public static string Word(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Error => "error",
        FindingSeverity.Warning => "warning",
        FindingSeverity.Unknown => "unknown",
        _ => "info",
    };

    public static void Write(IReadOnlyList<DomainCheck> checks, bool explain)
    {
        if (Console.IsOutputRedirected)
        {
            Console.Out.Write(Lines(checks, explain));
            return;
        }

        foreach (var check in checks)
        {
            AnsiConsole.Write(new Text($"{check.Domain}: {check.Status}\n", Style(check.Worst)));
            if (check.Findings.Count > 0 && AnsiConsole.Profile.Width >= TableWidth) AnsiConsole.Write(Table(check, explain));
            else WriteList(check, explain);
        }

        if (checks.Count > 1) Console.Out.WriteLine(Summary(checks));
    }

    private static string Summary(IReadOnlyList<DomainCheck> checks)
    {
        var counts = checks.CountBy(check => check.Status).ToDictionary();
        string[] words = ["error", "warning", "ok"];
        return $"{checks.Count} domains: {string.Join(", ", words.Where(counts.ContainsKey).Select(word => $"{counts[word]} {word}"))}";
    }

    /// <summary>Without breaks of its own: the terminal's leave a record whole when it is copied.</summary>
    private static void WriteList(DomainCheck check, bool explain)
    {
        foreach (var finding in check.Findings)
        {
            AnsiConsole.Write(new Text($"  {Word(finding.Severity)} {finding.Code}\n", Style(finding.Severity)));
            Console.Out.WriteLine($"    {finding.Message}{(explain ? $" ({finding.Rfc})" : "")}");
            if (finding.Fix is not null) Console.Out.WriteLine($"    → {finding.Fix}");
        }
    }

    /// <summary>Domain, severity, code, message, fix; a domain without findings has one line too.</summary>
    private static string Lines(IReadOnlyList<DomainCheck> checks, bool explain)
    {
        var text = new StringBuilder();
        foreach (var check in checks)
        {
            if (check.Findings.Count == 0) text.Append(check.Domain.Value).Append("\tok\n");
            foreach (var finding in check.Findings)
            {
                text.AppendJoin('\t', check.Domain.Value, Word(finding.Severity), finding.Code, finding.Message, finding.Fix ?? "");
                if (explain) text.Append('\t').Append(finding.Rfc);
                text.Append('\n');
            }
        }

        return text.ToString();
    }

    private static Table Table(DomainCheck check, bool explain)
    {
        var table = new Table { Border = TableBorder.Rounded, ShowRowSeparators = true };
        table.AddColumn(new TableColumn(Bold("severity")) { NoWrap = true });
        table.AddColumn(new TableColumn(Bold("code")) { NoWrap = true });
        table.AddColumn(new TableColumn(Bold("what was seen, and what to do")));
        if (explain) table.AddColumn(new TableColumn(Bold("rule")) { NoWrap = true });
        foreach (var finding in check.Findings)
        {
            var style = Style(finding.Severity);
            var what = new Rows(finding.Fix is null ? [new Text(finding.Message)] : [new Text(finding.Message), new Text("→ " + finding.Fix, new Style(decoration: Decoration.Bold))]);
            List<Spectre.Console.Rendering.IRenderable> row = [new Text(Word(finding.Severity), style), new Text(finding.Code, style), what];
            if (explain) row.Add(new Text(finding.Rfc ?? ""));
            table.AddRow(row);
        }

        return table;
    }

    private static Text Bold(string text) => new(text, new Style(decoration: Decoration.Bold));

    private static Style Style(FindingSeverity severity) => new(severity switch
    {
        FindingSeverity.Error => Color.Red,
        FindingSeverity.Warning => Color.Yellow,
        FindingSeverity.Unknown => Color.Blue,
        _ => Color.Green,
    });
}
