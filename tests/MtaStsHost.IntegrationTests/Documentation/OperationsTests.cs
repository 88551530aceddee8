using System.Text.RegularExpressions;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Documentation;

/// <summary>Every event of the log and every alert has its place in the documentation.</summary>
public sealed partial class OperationsTests
{
    [Fact]
    public void Every_event_has_a_row_with_its_level_and_text_and_every_row_an_event()
    {
        var folder = Path.Combine(HostBinary.Repository, "src", "MtaStsHost");
        var sources = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .Select(File.ReadAllText).ToList();
        var events = sources.SelectMany(source => LoggerMessage().Matches(source)).Select(Describe).ToList();
        // The two lines of a policy request are made without [LoggerMessage].
        var requests = sources.Single(source => source.Contains("class PolicyLog", StringComparison.Ordinal));
        var texts = Template().Matches(requests).Select(match => match.Groups[1].Value);
        var ids = OwnEventId().Matches(requests).Select(match => match.Groups[1].Value);
        events.AddRange(ids.Zip(texts, (id, text) => $"{id} Information {text}"));
        var attributes = sources.Sum(source => Attribute().Count(source));

        var rows = Row().Matches(Documents.Read("docs/reference/log-events.md")).Select(Describe).ToList();

        Assert.Equal(attributes + 2, events.Count); // none in a shape that was not read
        Assert.Equal(events.Count, events.Select(text => text.Split(' ')[0]).Distinct().Count());
        Assert.Equal(events.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.InRange(row.Length, 0, 160 + "1000 Information ".Length));
        // "1 policies": a number comes after what it counts.
        Assert.All(rows, row => Assert.DoesNotMatch(@"\{Count\} [a-z]", row));
    }

    [Fact]
    public void Every_alert_has_its_section()
    {
        var rules = Documents.Read("deploy/prometheus/mtastshost.rules.yml");
        var alerts = Alert().Matches(rules).Select(match => match.Groups[1].Value.ToLowerInvariant()).ToList();

        Assert.Equal(16, alerts.Count);
        Assert.Equal(
            alerts.Select(alert => $"docs/operations.md#{alert}"), Runbook().Matches(rules).Select(match => match.Groups[1].Value));
        Assert.Empty(alerts.Except(Documents.Anchors("docs/operations.md")));
    }

    private static string Describe(Match match)
    {
        var text = Seam().Replace(match.Groups[3].Value, "").Replace("\\\"", "\"", StringComparison.Ordinal);
        return $"{match.Groups[1].Value} {match.Groups[2].Value} {text}";
    }

    /// <summary>Where a text goes on in the next line of code.</summary>
    [GeneratedRegex(@"(?<!\\)""\s*\+\s*""")]
    private static partial Regex Seam();

    [GeneratedRegex(@"\[LoggerMessage\((\d+),\s*LogLevel\.(\w+),\s*""((?:[^""\\]|\\.|""\s*\+\s*"")*)""\)\]")]
    private static partial Regex LoggerMessage();

    [GeneratedRegex(@"\[LoggerMessage\(")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"= EventId\((\d+), ")]
    private static partial Regex OwnEventId();

    [GeneratedRegex(@"Parser\(\)\s*\.Parse\(""(.*?)""\)")]
    private static partial Regex Template();

    [GeneratedRegex(@"^\| (\d+) \| (\w+) \| `(.*?)` \| \S.*\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"alert: (\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex(@"runbook_url: (\S+)")]
    private static partial Regex Runbook();
}
