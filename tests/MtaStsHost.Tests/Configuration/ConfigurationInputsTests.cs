using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

public sealed class ConfigurationInputsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Fingerprint_NothingChanged_StaysTheSame()
    {
        _folder.Write("a.json", "{}");
        _folder.Write("sub/b.json", "{}");
        _folder.Link("link.json", "a.json");
        var inputs = Inputs("a.json", "link.json", "missing.json");

        var before = inputs.Fingerprint();
        File.ReadAllText(_folder["a.json"]);
        _folder.Write("other.txt", "");

        Assert.Equal(before, inputs.Fingerprint());
    }

    [Fact]
    public void Fingerprint_AnyChangeOfAFile_IsSeen()
    {
        _folder.Write("a.json", "{}");
        _folder.Write("sub/b.json", "{}");
        var inputs = Inputs("a.json", "later.json");

        Changes("edit", () => _folder.Write("a.json", "{ }"));
        Changes("edit of the same length", () => _folder.Write("a.json", "{\n}"));
        Changes("touch", () => File.SetLastWriteTimeUtc(_folder["a.json"], DateTime.UnixEpoch));
        Changes("rename", () => _folder.Replace("a.json", "{\n}"));
        Changes("delete", () => _folder.Delete("a.json"));
        Changes("come back", () => _folder.Write("a.json", "{}"));
        Changes("optional file comes", () => _folder.Write("later.json", "{}"));
        Changes("included file is edited", () => _folder.Write("sub/b.json", "{ }"));
        Changes("included file comes", () => _folder.Write("sub/c.json", "{}"));
        Changes("included file goes", () => _folder.Delete("sub/b.json"));
        Changes("included file is renamed", () => File.Move(_folder["sub/c.json"], _folder["sub/d.json"]));
        Changes("included folder goes", () => Directory.Delete(_folder["sub"], recursive: true));

        void Changes(string what, Action change)
        {
            var before = inputs.Fingerprint();
            change();
            Assert.True(before != inputs.Fingerprint(), what);
        }
    }

    [Fact]
    public void Fingerprint_SameLengthAndTime_IsSeenByTheNewFile()
    {
        _folder.Write("a.json", "{1}");
        var time = File.GetLastWriteTimeUtc(_folder["a.json"]);
        var inputs = Inputs("a.json");
        var before = inputs.Fingerprint();

        _folder.Write("b.json", "{2}");
        File.SetLastWriteTimeUtc(_folder["b.json"], time);
        File.Move(_folder["b.json"], _folder["a.json"], overwrite: true);

        Assert.NotEqual(before, inputs.Fingerprint());
    }

    [Fact]
    public void Fingerprint_IncludedFileOfTheSameLengthAndTime_IsSeen()
    {
        var (path, time) = (_folder.Write("domains.d/a.json", "testing"), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        File.SetLastWriteTimeUtc(path, time);
        var inputs = new ConfigurationInputs([], [new IncludePattern("domains.d/*.json", _folder.Path)]);
        var before = inputs.Fingerprint();

        var next = _folder.Write("next", "enforce"); // as cp -p and rsync -t do
        File.SetLastWriteTimeUtc(next, time);
        File.Move(next, path, overwrite: true);

        Assert.NotEqual(before, inputs.Fingerprint());
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void Fingerprint_PermissionsOfAnIncludedFile_AreSeen()
    {
        var path = _folder.Write("domains.d/a.json", "{}");
        var inputs = new ConfigurationInputs([], [new IncludePattern("domains.d/*.json", _folder.Path)]);
        var before = inputs.Fingerprint();

        File.SetUnixFileMode(path, UnixFileMode.None);

        Assert.NotEqual(before, inputs.Fingerprint());
    }

    [Fact]
    public void Fingerprint_KubernetesSwitch_IsSeen()
    {
        _folder.Write("..1/a.json", "{1}");
        _folder.Write("..2/a.json", "{2}");
        File.SetLastWriteTimeUtc(_folder["..1/a.json"], DateTime.UnixEpoch);
        File.SetLastWriteTimeUtc(_folder["..2/a.json"], DateTime.UnixEpoch);
        _folder.Link("..data", "..1");
        _folder.Link("a.json", "..data/a.json");
        var inputs = Inputs("a.json");
        var before = inputs.Fingerprint();

        _folder.Link("..data", "..2");

        Assert.NotEqual(before, inputs.Fingerprint());
    }

    [Fact]
    public void Fingerprint_FolderOfIncludedFilesIsSwitched_IsSeen()
    {
        foreach (var release in new[] { "1", "2" })
        {
            _folder.Write($"releases/{release}/b.json", $"{{{release}}}");
            File.SetLastWriteTimeUtc(_folder[$"releases/{release}/b.json"], DateTime.UnixEpoch);
        }

        _folder.Link("sub", "releases/1");
        var inputs = Inputs();
        var before = inputs.Fingerprint();

        _folder.Link("sub", "releases/2");

        Assert.NotEqual(before, inputs.Fingerprint());
    }

    [Fact]
    public void Fingerprint_TargetOfALinkIsEdited_IsSeen()
    {
        _folder.Write("real/a.json", "{1}");
        _folder.Link("a.json", "real/a.json");
        var inputs = Inputs("a.json");
        var before = inputs.Fingerprint();

        _folder.Write("real/a.json", "{1 }");

        Assert.NotEqual(before, inputs.Fingerprint());
    }

    [Theory]
    [InlineData("loop.json")]
    [InlineData("dangling.json")]
    public void Fingerprint_BrokenLink_NeverThrows(string name)
    {
        _folder.Link("loop.json", "loop.json");
        _folder.Link("dangling.json", "nowhere/x.json");

        Assert.Equal(Inputs(name).Fingerprint(), Inputs(name).Fingerprint());
    }

    [Fact]
    public void Folders_FilesAndIncludes_AreEachFolderOnce()
    {
        var inputs = new ConfigurationInputs([_folder["a.json"], _folder["b.json"]],
            [new IncludePattern("**/*.json", _folder.Path), new IncludePattern("sub/*.json", _folder.Path)]);

        Assert.Equal([(_folder.Path, true), (_folder["sub"], false)], inputs.Folders());
    }

    private ConfigurationInputs Inputs(params string[] names) =>
        new([.. names.Select(name => _folder[name])], [new IncludePattern("sub/*.json", _folder.Path)]);
}
