using System.Text.RegularExpressions;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Documentation;

/// <summary>Links resolve, and every page can be found from README.md.</summary>
public sealed partial class PageTests
{
    public static TheoryData<string> Pages => [.. Documents.Pages];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_resolves(string page) => Assert.All(Links(page), link =>
    {
        Assert.True(Path.Exists(Documents.PathOf(link.Path)), link.Path);
        if (link.Anchor.Length > 0) Assert.Contains(link.Anchor, Documents.Anchors(link.Path));
    });

    [Fact]
    public void Every_page_is_reachable_from_README()
    {
        var (reached, next) = (new HashSet<string>(), new Queue<string>(["README.md"]));
        while (next.TryDequeue(out var page))
        {
            if (!reached.Add(page)) continue;
            foreach (var link in Links(page).Where(link => Documents.Pages.Contains(link.Path))) next.Enqueue(link.Path);
        }

        Assert.Empty(Documents.Pages.Except(reached));
    }

    [Fact]
    public void README_fits_on_a_few_screens() => Assert.InRange(Documents.Read("README.md").Split('\n').Length, 50, 151);

    private static IEnumerable<(string Path, string Anchor)> Links(string page) =>
        from match in Link().Matches(Documents.WithoutBlocks(page))
        let path = match.Groups[1].Value
        where !path.StartsWith("http", StringComparison.Ordinal)
        let target = path.Length == 0 ? Documents.PathOf(page) : Path.GetFullPath(path, Path.GetDirectoryName(Documents.PathOf(page))!)
        select (Path.GetRelativePath(HostBinary.Repository, target), match.Groups[2].Value);

    [GeneratedRegex(@"\]\(([^)#]*)#?([^)]*)\)")]
    private static partial Regex Link();
}
