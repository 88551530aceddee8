using MtaStsHost.Configuration;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

/// <summary>Folders of <c>Include</c> that can't be seen.</summary>
public sealed class IncludeFolderTests : IDisposable
{
    private static readonly string s_settings = Json.With(
        """{ "Defaults": { "Mode": "enforce", "MaxAge": 604800, "Mx": [ "mail.example.com" ] }, "Include": [ "PATTERN" ] }""");

    private readonly ConfigurationFixture _configuration = new();

    public void Dispose() => _configuration.Dispose();

    [Theory]
    [InlineData("domains.d/*.json", false)]
    [InlineData("customers/*.json", true)]
    [InlineData("customers/**/*.json", true)]
    [InlineData("customers/*/domains.json", true)]
    public void Judge_FolderThatDoesNotExistYet_IsAWarningUnlessItIsTheShippedOne(string pattern, bool isNamed)
    {
        Write(pattern);

        var (configuration, loaded) = _configuration.Read();

        Assert.Equal(isNamed, configuration!.Folders.Any(folder => folder.IsHidden));
        Assert.Equal(isNamed ? [$"warning: MtaSts:Include ({_configuration.Folder["customers"]}): the folder doesn't exist; create it, or "
            + "correct its path; until then, the policies of domains that are missing stay as they are"] : [],
            loaded.Problems.Warnings.Where(warning => warning.Path == "MtaSts:Include").Select(warning => warning.ToString()));
    }

    [Theory]
    [InlineData("domains.d")]
    [InlineData("customers")]
    public void Judge_FolderThatWasReadAndIsGone_IsAnError(string folder)
    {
        Write($"{folder}/*.json");
        _configuration.Folder.Write($"{folder}/a.json", """{ "Domains": { "example.com": {} } }""");
        var active = _configuration.ReadGood();
        Directory.Move(_configuration.Folder[folder], _configuration.Folder["elsewhere"]);

        var (configuration, loaded) = _configuration.Read(active);

        Assert.Null(configuration);
        Assert.Equal([$"error: MtaSts:Include ({_configuration.Folder[folder]}): the folder is gone; bring it back; if its domains are to "
            + "be removed, leave it empty, or remove it from MtaSts:Include"], Errors(loaded));
        // It is no longer named, or it is empty.
        Write("other/*.json");
        Assert.NotNull(_configuration.Read(active).Configuration);
        Write($"{folder}/*.json");
        Directory.CreateDirectory(_configuration.Folder[folder]);
        Assert.NotNull(_configuration.Read(active).Configuration);
    }

    [Theory]
    [InlineData("file", "it is not a folder, or a link that leads nowhere")]
    [InlineData("broken", "it is not a folder, or a link that leads nowhere")]
    public void Judge_FolderThatCannotBeListed_IsAnError(string folder, string reason)
    {
        _configuration.Folder.Write("file", "");
        _configuration.Folder.Link("broken", "nowhere");
        Write($"{folder}/*.json");

        var (configuration, loaded) = _configuration.Read();

        Assert.Null(configuration);
        Assert.Equal([$"error: MtaSts:Include ({_configuration.Folder[folder]}): the folder can't be listed; {reason}"], Errors(loaded));
    }

    [Fact]
    public void Judge_FolderBelowOneThatCannotBeEntered_IsAnError()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Skip("root may enter every folder");
            return;
        }

        Write("locked/customers/*.json");
        _configuration.Folder.Write("locked/customers/a.json", "{}");
        File.SetUnixFileMode(_configuration.Folder["locked"], UnixFileMode.UserRead);
        try
        {
            Assert.StartsWith("error: MtaSts:Include (", Assert.Single(Errors(_configuration.Read().Loaded)), StringComparison.Ordinal);
        }
        finally
        {
            File.SetUnixFileMode(_configuration.Folder["locked"],
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void Judge_MountIsGone_IsAnErrorThoughItsFolderIsThere()
    {
        var problems = new ProblemList();

        IncludeFolder.Judge([new IncludeFolder("/srv/customers", Exists: true, IsNamed: true, "/srv/customers")],
            [new IncludeFolder("/srv/customers", Exists: true, IsNamed: true, "/")], problems);
        IncludeFolder.Judge([new IncludeFolder("/srv/customers", Exists: true, IsNamed: true, "/")],
            [new IncludeFolder("/srv/customers", Exists: true, IsNamed: true, "/srv/customers")], problems);

        Assert.Equal(["error: MtaSts:Include (/srv/customers): the folder was on /srv/customers, which is not mounted any more; mount it "
            + "again; if its domains are to be removed, remove it from MtaSts:Include"], problems.Errors.Select(error => error.ToString()));
    }

    [Theory]
    [InlineData("/srv/customers/a", "/srv/customers")]
    [InlineData("/srv/customers", "/srv/customers")]
    [InlineData("/srv/customers2", "/srv")]
    [InlineData("/var", "/")]
    public void Find_MountPoint_IsTheNearestOne(string folder, string expected) =>
        Assert.Equal(expected, MountPoints.Find(folder, ["/", "/srv", "/srv/customers", "/proc"]));

    [Fact]
    public void Find_ThisMachine_KnowsWhereProcIsMounted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mounts are those of Linux");
        Assert.Equal("/proc", MountPoints.Find("/proc/sys/kernel"));
    }

    private void Write(string pattern) => _configuration.Folder.Write("appsettings.json",
        s_settings.Replace("PATTERN", pattern, StringComparison.Ordinal));

    private static IEnumerable<string> Errors(LoadedConfiguration loaded) => loaded.Problems.Errors.Select(error => error.ToString());
}
