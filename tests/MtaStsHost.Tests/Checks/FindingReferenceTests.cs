using System.Text;
using System.Text.RegularExpressions;
using MtaStsHost.Checks.Catalogue;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Checks;

/// <summary>
/// docs/reference/findings.md against the catalogue. Its tables are written by this test, its sentences by hand. To write the tables:
/// <c>eng/write-reference</c>.
/// </summary>
public sealed partial class FindingReferenceTests
{
    private static readonly string s_path = Path.Combine(HostBinary.Repository, "docs", "reference", "findings.md");

    private static readonly (Type Group, string Title)[] s_groups =
    [
        (typeof(ResolverFindings), "Resolver"),
        (typeof(TxtFindings), "TXT record"),
        (typeof(HostFindings), "Policy host and certificate"),
        (typeof(MxFindings), "MX records and hosts"),
        (typeof(PolicyFindings), "Policy and its history"),
        (typeof(TlsRptFindings), "TLSRPT"),
        (typeof(SpfFindings), "SPF"),
        (typeof(DmarcFindings), "DMARC"),
        (typeof(DkimFindings), "DKIM"),
        (typeof(CaaFindings), "CAA"),
    ];

    [Fact]
    public void Page_EachCode_HasItsMeaningAndWhatTheCatalogueSays()
    {
        var page = File.ReadAllText(s_path).ReplaceLineEndings("\n");
        var expected = Render(page);
        if (Environment.GetEnvironmentVariable("MTASTSHOST_WRITE_REFERENCE") == "1") File.WriteAllText(s_path, page = expected);

        Assert.Equal(expected, page);
        Assert.Equal(FindingCatalogue.Entries.Select(entry => entry.Group).ToHashSet(), [.. s_groups.Select(group => group.Group)]);
    }

    private static string Render(string page)
    {
        var prose = Section().Matches(page).ToDictionary(match => match.Groups["title"].Value, match => match.Groups["prose"].Value.Trim());
        var text = new StringBuilder(page[..page.IndexOf("\n## ", StringComparison.Ordinal)].Trim()).Append('\n');
        var codes = FindingCatalogue.Entries.OrderBy(entry => Array.FindIndex(s_groups, group => group.Group == entry.Group))
            .GroupBy(entry => entry.Descriptor.Code).ToList();
        foreach (var (group, title) in s_groups)
        {
            text.Append($"\n## {title}\n");
            if (prose.GetValueOrDefault(title) is { Length: > 0 } lead) text.Append($"\n{lead}\n");
            foreach (var code in codes.Where(code => code.First().Group == group))
            {
                var meaning = prose.GetValueOrDefault(code.Key, "");
                Assert.False(meaning.Length == 0, $"say in docs/reference/findings.md what {code.Key} means");
                text.Append($"\n### {code.Key}\n\n{meaning}\n\n{Describe([.. code])}");
            }
        }

        return text.ToString();
    }

    private static string Describe(IReadOnlyList<FindingCatalogue.Entry> entries)
    {
        var severities = entries.SelectMany(entry => entry.Descriptor.Severities).Distinct().OrderDescending();
        var rfcs = entries.Select(entry => entry.Descriptor.Rfc).OfType<string>().Distinct();
        var rows = entries.Where(entry => !entry.IsVariant).Select(entry => entry.Descriptor).Select(descriptor =>
            $"| {Words(descriptor.Severities.OrderDescending())} | {Cell(descriptor.Message)} | {Cell(descriptor.Fix ?? "")} |\n");
        return $"Severity: {Words(severities)}.{(rfcs.Any() ? $"\nReference: {string.Join(", ", rfcs)}." : "")}"
            + $"\n\n| severity | message | fix |\n|---|---|---|\n{string.Concat(rows.Distinct())}";
    }

    private static string Words(IEnumerable<FindingSeverity> severities) =>
        string.Join(", ", severities.Select(severity => $"`{severity.ToString().ToLowerInvariant()}`"));

    private static string Cell(string template) => OptionalPhrase().Replace(template, "").Replace("|", "\\|", StringComparison.Ordinal)
        .Replace("{policyHost}", "mta-sts.{domain}", StringComparison.Ordinal)
            .Replace("{txtName}", "_mta-sts.{domain}", StringComparison.Ordinal)
        .TrimEnd();

    [GeneratedRegex(@"\{(first|when|cached|rest|all|limit|more|lastError|dropped)\}")]
    private static partial Regex OptionalPhrase();

    /// <summary>A heading, and the hand-written sentences below it.</summary>
    [GeneratedRegex(@"^##+ (?<title>.+)\n(?<prose>(?:(?!#|Severity: ).*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Section();
}
