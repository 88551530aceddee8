using MtaStsHost.Configuration;
using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Configuration;

public sealed class StorageSettingsTests
{
    private static readonly string s_root = Path.GetPathRoot(Path.GetTempPath())!;

    private readonly ConfigurationTree _tree = new() { Folder = At("srv/app") };
    private readonly ProblemList _problems = new();

    [Fact]
    public void Read_NothingSet_IsInTheFolderOfAppsettings() => Assert.Equal(At("srv/app/data/mtastshost.db"), Read()?.Path);

    [Theory]
    [InlineData("Data Source=store.db", "etc/host/store.db")]
    [InlineData("DataSource=../state/x.db", "etc/state/x.db")]
    [InlineData("data source='with space; and semicolon.db'", "etc/host/with space; and semicolon.db")]
    [InlineData("Filename=./a/b.db;", "etc/host/a/b.db")]
    public void Read_RelativePath_StartsInTheFolderOfTheFileThatItStandsIn(string text, string expected)
    {
        Set("Storage:ConnectionString", text);

        Assert.Equal(At(expected), Read()?.Path);
        Assert.Empty(_problems.Errors);
    }

    [Fact]
    public void Read_AbsolutePath_IsAsItStands()
    {
        Set("Storage:ConnectionString", $"Data Source={At("var/lib/store.db")}");

        Assert.Equal(At("var/lib/store.db"), Read()?.Path);
    }

    [Theory]
    [InlineData("Data Source=x.db;Mode=ReadOnly", "'Mode' can't be set here")]
    [InlineData("Data Source=x.db;Cache=Shared", "'Cache' can't be set here")]
    [InlineData("Data Source=x.db;Password=secret", "'Password' can't be set here")]
    [InlineData("Data Source=x.db;Pooling=False", "'Pooling' can't be set here")]
    [InlineData("Host=db.example;Password=secret", "is not a connection string")]
    [InlineData("x.db", "is not a connection string")]
    [InlineData("Data Source=", "is not a file that can keep anything")]
    [InlineData("Data Source=:memory:", "is not a file that can keep anything")]
    [InlineData("Data Source=file::MEMORY:?cache=shared", "is not a file that can keep anything")]
    [InlineData("Data Source=file:x.db?mode=ro", "is not a file that can keep anything")]
    [InlineData("Data Source=data/", "is a folder")]
    public void Read_NoFileOrMoreThanAFile_IsAnErrorWithItsPlace(string text, string expected)
    {
        Set("Storage:ConnectionString", text);

        Assert.Null(Read());
        var error = Assert.Single(_problems.Errors).ToString();
        Assert.Contains("Storage:ConnectionString (extra.json:3)", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sqlite", 0)]
    [InlineData("SQLite", 0)]
    [InlineData("Oracle", 1)]
    public void Read_Provider_IsOneThatThereIs(string text, int errors)
    {
        Set("Storage:Provider", text);
        Read();

        Assert.Equal(errors, _problems.Errors.Count);
    }

    /// <summary>One that is hidden from this user needs two users: HiddenStoreTests of the integration tests.</summary>
    [Theory]
    [InlineData("store.db", true)]
    [InlineData("none.db", false)]
    [InlineData("none/store.db", false)]
    [InlineData("store.db/store.db", false)]
    public void IsHidden_WhereThisUserMayLook_IsFalse(string path, bool exists)
    {
        using var folder = new TempFolder();
        folder.Write("store.db", "");

        var storage = new StorageSettings(folder[path]);

        Assert.Equal((exists, false), (storage.Exists, storage.IsHidden));
        Assert.Equal(($"there is no store at {folder[path]}", "check the setting, or start the service, which creates it"),
            storage.WhyNotThere);
    }

    private StorageSettings? Read() => StorageSettings.Read(new SettingsReader(_tree, _problems));

    private void Set(string path, string text) =>
        _tree.Values[path] = new SettingValue(text, SettingKind.Text, new ConfigurationLayer("extra.json", At("etc/host")), 3);

    private static string At(string path) => Path.GetFullPath(path, s_root);
}
