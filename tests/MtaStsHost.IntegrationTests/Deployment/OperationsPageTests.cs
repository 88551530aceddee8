using System.Text.RegularExpressions;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>docs/operations.md knows every event of the log, and its links and blocks are right.</summary>
public sealed partial class OperationsPageTests
{
    private const string Page = "operations.md";

    [Fact]
    public void Every_event_has_a_row_with_its_level_and_text_and_every_row_an_event()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(HostBinary.Repository, "src", "MtaStsHost"),
            "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .Select(File.ReadAllText).ToList();
        var events = sources.SelectMany(source => LoggerMessage().Matches(source)).Select(Describe).ToList();
        // The two lines of a policy request are made without [LoggerMessage].
        var requests = sources.Single(source => source.Contains("class PolicyLog", StringComparison.Ordinal));
        var texts = Template().Matches(requests).Select(match => match.Groups[1].Value);
        events.AddRange(OwnEventId().Matches(requests).Select(match => match.Groups[1].Value)
            .Zip(texts, (id, text) => $"{id} Information {text}"));
        var attributes = sources.Sum(source => Attribute().Count(source));

        var rows = Row().Matches(Documents.Read(Page)).Select(Describe).ToList();

        Assert.Equal(attributes + 2, events.Count); // none in a shape that was not read
        Assert.Equal(events.Count, events.Select(text => text.Split(' ')[0]).Distinct().Count());
        Assert.Equal(events.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_alert_has_its_section()
    {
        var rules = Documents.Read("deployment/prometheus/mtastshost.rules.yml");
        var alerts = Alert().Matches(rules).Select(match => match.Groups[1].Value.ToLowerInvariant()).ToList();

        Assert.Equal(15, alerts.Count);
        Assert.Equal(alerts.Select(alert => $"docs/operations.md#{alert}"),
            Runbook().Matches(rules).Select(match => match.Groups[1].Value));
        Assert.Empty(alerts.Except(Documents.Anchors(Page)));
    }

    [Theory]
    [InlineData("operations.md")]
    [InlineData("migration.md")]
    [InlineData("deployment/systemd.md")]
    public void Every_link_leads_somewhere(string page)
    {
        var folder = Path.GetDirectoryName(Documents.PathOf(page))!;
        var links = Link().Matches(Documents.Read(page)).Select(match => (Path: match.Groups[1].Value, Anchor: match.Groups[2].Value))
            .Where(link => !link.Path.StartsWith("http", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(links);
        Assert.All(links, link =>
        {
            var target = link.Path.Length == 0 ? Documents.PathOf(page) : Path.GetFullPath(link.Path, folder);
            Assert.True(Path.Exists(target), link.Path);
            if (link.Anchor.Length > 0) Assert.Contains(link.Anchor[1..],
                Documents.Anchors(Path.GetRelativePath(Documents.PathOf(""), target)));
        });
    }

    [Theory]
    [InlineData("migration.md")]
    [InlineData("deployment/systemd.md")]
    public async Task Every_configuration_is_valid(string page)
    {
        using var ca = new TestCa();
        var certificate = ca.Issue(names: ["mta-sts.example.com"]);
        using var installation = new HostInstallation("{}");
        installation.Folder.Write("old.pem", certificate.ChainPem);
        installation.Folder.Write("old.key", certificate.KeyPem);

        var blocks = Documents.Blocks(page, "json").ToList();

        Assert.NotEmpty(blocks);
        foreach (var block in blocks)
        {
            installation.Folder.Write("block.json", block.Replace("/etc/mtastshost/", "", StringComparison.Ordinal));
            installation.Folder.Write("domain.json", """{ "MtaSts": { "Domains": { "example.org": { "Mode": "none", "MaxAge": 86400 } } }, "Kestrel": { "Endpoints": { "Http": { "Url": "http://*:80" } } } }""");
            var result = await installation.RunAsync("validate", "--config", "domain.json", "--config", "block.json");
            Assert.True(result.ExitCode == 0, $"{block}\n{result.Error}");
        }
    }

    private static string Describe(Match match) =>
        $"{match.Groups[1].Value} {match.Groups[2].Value} {match.Groups[3].Value.Replace("\\\"", "\"", StringComparison.Ordinal)}";

    [GeneratedRegex(@"\[LoggerMessage\((\d+), LogLevel\.(\w+), ""((?:[^""\\]|\\.)*)""\)\]")]
    private static partial Regex LoggerMessage();

    [GeneratedRegex(@"\[LoggerMessage\(")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"= EventId\((\d+), ")]
    private static partial Regex OwnEventId();

    [GeneratedRegex(@"Parser\(\)\.Parse\(""(.*?)""\)")]
    private static partial Regex Template();

    [GeneratedRegex(@"^\| (\d+) \| (\w+) \| `(.*?)` \| \S.*\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"alert: (\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex(@"runbook_url: (\S+)")]
    private static partial Regex Runbook();

    [GeneratedRegex(@"\]\(([^)#]*)(#[^)]*)?\)")]
    private static partial Regex Link();
}
