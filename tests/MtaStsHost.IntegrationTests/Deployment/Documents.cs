using System.Text.RegularExpressions;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Deployment;

/// <summary>The pages under docs, and their blocks of code.</summary>
internal static partial class Documents
{
    public static string PathOf(string name) => Path.Combine(HostBinary.Repository, "docs", name);

    public static string Read(string name) => File.ReadAllText(PathOf(name));

    public static IEnumerable<string> Blocks(string page, string language) =>
        Block().Matches(Read(page)).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value);

    /// <summary>GitHub's anchors of a page's headings.</summary>
    public static IEnumerable<string> Anchors(string page) =>
        Heading().Matches(Read(page)).Select(match => NotInAnchors().Replace(match.Groups[1].Value.ToLowerInvariant(), "")
            .Replace(' ', '-'));

    [GeneratedRegex("^```([a-z]+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("[^a-z0-9 _-]")]
    private static partial Regex NotInAnchors();
}
