using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

public sealed class IncludePatternTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public IncludePatternTests()
    {
        foreach (var name in new[] { "a.json", "b.json", "B.JSON", "c.txt", "sub/a.json",
            "sub/deep/a.json", "sub/deep/z.json", ".hidden.json", "tenants/x/d.json", "tenants/y/d.json", "tenants/y/e.json" })
            _folder.Write(name, "{}");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.json", "a.json")]
    [InlineData("none.json", "none.json")]
    [InlineData("sub/../a.json", "a.json")]
    [InlineData("*.json", "a.json b.json")] // as in a shell
    [InlineData("./*.json", "a.json b.json")]
    [InlineData(".*.json", ".hidden.json")]
    [InlineData("*.txt", "c.txt")]
    [InlineData("sub/*.json", "sub/a.json")]
    [InlineData("sub/**/*.json", "sub/a.json sub/deep/a.json sub/deep/z.json")]
    [InlineData("**/a.json", "a.json sub/a.json sub/deep/a.json")]
    [InlineData("tenants/*/d.json", "tenants/x/d.json tenants/y/d.json")]
    [InlineData("sub/d*p/z*", "sub/deep/z.json")]
    [InlineData("none/*.json", "")]
    public void Files_Pattern_MatchesInByteOrder(string pattern, string expected)
    {
        foreach (var text in new[] { pattern, Path.Combine(_folder.Path, pattern) })
        {
            var files = new IncludePattern(text, _folder.Path).Files();

            Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => _folder[name]),
                files.Select(file => Path.GetFullPath(file.Path)));
            Assert.All(files, file => Assert.False(file.Optional));
        }
    }

    [Theory]
    [InlineData("a.json", "a.json")]
    [InlineData("tenants/*/d.json", "tenants/x/d.json tenants/y/d.json")]
    [InlineData("*.txt", "c.txt")]
    public void Files_Names_AreAsTheOperatorWroteThem(string pattern, string names) =>
        Assert.Equal(names.Split(' '), new IncludePattern(pattern, _folder.Path).Files().Select(file => file.Name));

    [Fact]
    public void Files_KubernetesMount_IsSeenOnce()
    {
        _folder.Write("mount/..2026_01/x.json", "{}");
        _folder.Link("mount/..data", "..2026_01");
        _folder.Link("mount/x.json", "..data/x.json");

        Assert.Equal([_folder["mount/x.json"]], new IncludePattern("mount/**/*.json", _folder.Path).Files().Select(file => file.Path));
    }

    [Theory]
    [InlineData("a.json", "", false)]
    [InlineData("sub/a.json", "sub", false)]
    [InlineData("*.json", "", false)]
    [InlineData("sub/*.json", "sub", false)]
    [InlineData("sub/**/*.json", "sub", true)]
    [InlineData("tenants/*/d.json", "tenants", true)]
    [InlineData("**/a.json", "", true)]
    public void WatchFolder_Pattern_IsWhereAMatchCanAppear(string pattern, string folder, bool subfolders)
    {
        var include = new IncludePattern(pattern, _folder.Path);

        Assert.Equal((Path.TrimEndingDirectorySeparator(_folder[folder]), subfolders),
            (Path.TrimEndingDirectorySeparator(include.WatchFolder), include.WatchSubfolders));
    }
}
