using System.Text.RegularExpressions;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Documentation;

/// <summary>README.md and the pages under docs, by their path in the repository, and their blocks of code.</summary>
internal static partial class Documents
{
    public static IReadOnlyList<string> Pages { get; } =
    [
        "README.md",
        .. Directory.EnumerateFiles(PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(HostBinary.Repository, path)).Order(StringComparer.Ordinal),
    ];

    public static string PathOf(string page) => Path.Combine(HostBinary.Repository, page);

    public static string Read(string page) => File.ReadAllText(PathOf(page));

    public static IEnumerable<string> Blocks(string page, string language) =>
        Block().Matches(Read(page)).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value);

    public static string WithoutBlocks(string page) => Block().Replace(Read(page), "");

    /// <summary>GitHub's anchors of a page's headings.</summary>
    public static IEnumerable<string> Anchors(string page) =>
        Heading().Matches(WithoutBlocks(page)).Select(match => match.Groups[1].Value.ToLowerInvariant())
            .Select(heading => NotInAnchors().Replace(heading, "").Replace(' ', '-'));

    [GeneratedRegex("^```([a-z]+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("[^a-z0-9 _-]")]
    private static partial Regex NotInAnchors();
}
