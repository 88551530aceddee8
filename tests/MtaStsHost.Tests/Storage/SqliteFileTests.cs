using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;
using MtaStsHost.Configuration;
using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Storage;

/// <summary>The file on the disk: who may read it, what is found there, and disks that are full.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SqliteFileTests : IDisposable
{
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TempFolder _folder = new();
    private readonly string _path;

    public SqliteFileTests() => _path = _folder["data/store.db"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task OpenAsync_NothingThere_MakesFolderAndFilesForTheirOwnerAlone()
    {
        var path = _folder["a/b/store.db"];
        await using var store = Open(path);
        await store.EnqueueAsync(["mta-sts.example.com"], Cancel);
        await store.GetRevisionAsync(Cancel);

        Assert.Equal(FolderMode, File.GetUnixFileMode(_folder["a/b"]));
        Assert.Equal([path, path + "-shm", path + "-wal"], Directory.GetFiles(_folder["a/b"]).Order());
        Assert.All(Directory.GetFiles(_folder["a/b"]), file => Assert.Equal(FileMode, File.GetUnixFileMode(file)));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherExecute)]
    public async Task OpenAsync_FolderOpenToOthers_IsRefusedWithItsRemedy(UnixFileMode more)
    {
        Directory.CreateDirectory(_folder["data"]);
        File.SetUnixFileMode(_folder["data"], FolderMode | more);

        var failure = await FailAsync();
        Assert.Contains("can be read by others", failure.What, StringComparison.Ordinal);
        Assert.StartsWith($"chmod 700 {_folder["data"]}", failure.Remedy, StringComparison.Ordinal);
        Assert.False(File.Exists(_path));
        File.SetUnixFileMode(_folder["data"], FolderMode);
        await MakeAsync();
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public async Task OpenAsync_FileOpenToOthers_IsRefusedWithItsRemedy(UnixFileMode more)
    {
        await MakeAsync();
        File.SetUnixFileMode(_path, FileMode | more);

        var failure = await FailAsync();
        Assert.Contains("can be read by others", failure.What, StringComparison.Ordinal);
        Assert.Equal($"chmod 600 {_path}", failure.Remedy);
    }

    [Theory]
    [InlineData("no database")]
    [InlineData("This text is longer than the hundred bytes that a database begins with: 0123456789 0123456789 0123456789 0123456789")]
    public async Task OpenAsync_NoDatabase_IsRefusedAndLeftAsItWas(string text)
    {
        Put(text);

        var failure = await FailAsync();
        Assert.Contains("is not a SQLite database", failure.What, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(_path, Cancel));
    }

    [Fact]
    public async Task OpenAsync_EmptyFile_IsANewStore()
    {
        Put("");

        await MakeAsync();
        Assert.True(new FileInfo(_path).Length > 0);
    }

    [Fact]
    public async Task OpenAsync_FolderInsteadOfTheFile_IsRefused()
    {
        Directory.CreateDirectory(_path);
        File.SetUnixFileMode(_folder["data"], FolderMode);

        Assert.EndsWith("is a folder", (await FailAsync()).What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_FileInsteadOfTheFolder_IsRefused()
    {
        _folder.Write("data", "");

        Assert.Contains("can't be used", (await FailAsync()).What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_Damaged_SaysSo()
    {
        await MakeAsync();
        using (var file = File.OpenHandle(_path, System.IO.FileMode.Open, FileAccess.Write))
        {
            // The first page's tree, after the header of 100 bytes.
            RandomAccess.Write(file, [.. Enumerable.Repeat((byte)0xA5, 3900)], 100);
        }

        Assert.Contains("is damaged", (await FailAsync()).What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_ANewerSchema_IsRefused()
    {
        await MakeAsync();
        await ExecuteAsync("UPDATE schema_version SET version = 999");

        var failure = await FailAsync();
        Assert.Contains("the store has schema 999", failure.What, StringComparison.Ordinal);
        Assert.Contains("newer version", failure.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_TheFirstSchema_IsBroughtUpToDateAndKeepsItsRows()
    {
        await MakeAsync();
        await ExecuteAsync(
            "DROP INDEX certificates_revision; ALTER TABLE certificates DROP COLUMN failure_asked_at; "
            + "ALTER TABLE certificates DROP COLUMN failure_basis; CREATE INDEX certificates_revision ON certificates (revision); "
            + "DROP TABLE policies; DROP TABLE serving; DROP TABLE services; DROP TABLE outside_fetches; DROP TABLE forgotten; "
            + "UPDATE schema_version SET version = 1; INSERT INTO accounts VALUES ('https://ca.example', '', 'key', NULL, '')");

        await using var store = Open(_path);
        Assert.NotNull(await store.FindAccountAsync("https://ca.example", "", Cancel));
        Assert.Empty((await store.ReadInForceAsync(Cancel)).InForce);
    }

    [Fact]
    public async Task OpenAsync_SeveralAtOnce_AllWorkOnOneNewStore()
    {
        var stores = Enumerable.Range(0, 6).Select(_ => Open(_path)).ToList();
        await Task.WhenAll(stores.Select((store, number) =>
            Task.Run(() => store.EnqueueAsync([$"mta-sts.{number}.example"], Cancel), Cancel)));

        foreach (var store in stores) Assert.Equal(6, (await store.ListAsync(null, Cancel)).Count);
        foreach (var store in stores) await store.DisposeAsync();
    }

    [Fact]
    public async Task ReadAsync_NothingThere_IsMadeFirst()
    {
        await using var store = Open(_path);

        Assert.Equal(0, await store.GetRevisionAsync(Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteAsync_FileTakenAway_GoesOnInANewOneThatReadsSeeToo(bool withItsLog)
    {
        await using var store = Open(_path);
        var replaced = 0;
        store.Replaced += () => replaced++;
        await store.EnqueueAsync(["mta-sts.a.example"], Cancel);
        Assert.Single(await store.ListAsync(null, Cancel));
        File.Delete(_path);
        if (withItsLog) foreach (var other in (string[])["-wal", "-shm"]) File.Delete(_path + other);
        await store.EnqueueAsync(["mta-sts.b.example"], Cancel);

        Assert.Equal("mta-sts.b.example", Assert.Single(await store.ListAsync(null, Cancel)).Host);
        Assert.Equal(1, replaced);
        await using var again = Open(_path);
        Assert.Equal("mta-sts.b.example", Assert.Single(await again.ListAsync(null, Cancel)).Host);
    }

    [Fact]
    public async Task ReadAsync_FileTakenAway_DoesNotReadWhatIsGone()
    {
        await using var store = Open(_path);
        await store.EnqueueAsync(["mta-sts.a.example"], Cancel);
        Assert.Single(await store.ListAsync(null, Cancel));
        Directory.Delete(_folder["data"], recursive: true);

        Assert.Empty(await store.ListAsync(null, Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Use_BackupRenamedIntoPlace_GoesOnInTheBackup(bool readsFirst)
    {
        await using var store = Open(_path);
        var replaced = 0;
        store.Replaced += () => replaced++;
        await store.EnqueueAsync(["mta-sts.a.example"], Cancel);
        await BackUpAsync();
        await store.EnqueueAsync(["mta-sts.b.example"], Cancel);
        Assert.Equal(2, (await store.ListAsync(null, Cancel)).Count);
        File.Move(_folder["data/backup.db"], _path, overwrite: true);

        if (readsFirst) Assert.Equal("mta-sts.a.example", Assert.Single(await store.ListAsync(null, Cancel)).Host);
        await store.EnqueueAsync(["mta-sts.c.example"], Cancel);
        string[] expected = ["mta-sts.a.example", "mta-sts.c.example"];
        Assert.Equal(expected, (await store.ListAsync(null, Cancel)).Select(record => record.Host));
        Assert.Equal(1, replaced);
        await using var again = Open(_path);
        Assert.Equal(expected, (await again.ListAsync(null, Cancel)).Select(record => record.Host));
        Assert.Equal("ok", await CheckAsync());
    }

    [Fact]
    public async Task Use_ReplacedAgainAndAgain_NeverMixesTwoFiles()
    {
        await using var store = Open(_path);
        await store.EnqueueAsync(["mta-sts.a.example"], Cancel);
        for (var i = 0; i < 20; i++)
        {
            await BackUpAsync();
            var using1 = Task.WhenAll(Enumerable.Range(0, 10).Select(number =>
                Task.Run(() => store.EnqueueAsync([$"mta-sts.{i}-{number}.example"], Cancel), Cancel)));
            var using2 = Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => store.ListAsync(null, Cancel), Cancel)));
            File.Move(_folder["data/backup.db"], _path, overwrite: true);
            await using1;
            await using2;
        }

        Assert.Equal("ok", await CheckAsync());
        Assert.Contains("mta-sts.a.example", (await store.ListAsync(null, Cancel)).Select(record => record.Host));
    }

    [Fact]
    public async Task WriteAsync_DiskFull_SaysSoAndGoesOnWhenThereIsRoom()
    {
        await using var disk = await SmallDisk.MountAsync(_folder["disk"]);
        await using var store = Open(disk["store.db"]);
        await store.EnqueueAsync(["mta-sts.a.example"], Cancel);
        var ballast = disk.Fill();
        var account = new StoredAccount("https://ca.example/directory", "", new string('k', 500_000), null, "");

        var failure = await Assert.ThrowsAsync<StoreException>(() => store.SaveAccountAsync(account, Cancel));
        Assert.Contains("the disk is full", failure.What, StringComparison.Ordinal);
        Assert.Single(await store.ListAsync(null, Cancel));
        Assert.Null(await store.FindAccountAsync(account.DirectoryUrl, "", Cancel));

        File.Delete(ballast);
        await store.SaveAccountAsync(account, Cancel);
        Assert.Equal(account, await store.FindAccountAsync(account.DirectoryUrl, "", Cancel));
    }

    private async Task BackUpAsync()
    {
        await ExecuteAsync($"VACUUM INTO '{_folder["data/backup.db"]}'");
        File.SetUnixFileMode(_folder["data/backup.db"], FileMode);
    }

    private async Task<string?> CheckAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={_path};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return (string?)await command.ExecuteScalarAsync(Cancel);
    }

    private static SqlStore Open(string path) => new StorageSettings(path).Open(TimeProvider.System);

    private async Task MakeAsync()
    {
        await using var store = Open(_path);
        await store.OpenAsync(Cancel);
    }

    private async Task<StoreException> FailAsync()
    {
        await using var store = Open(_path);
        await Assert.ThrowsAsync<StoreException>(() => store.GetRevisionAsync(Cancel));
        return await Assert.ThrowsAsync<StoreException>(() => store.OpenAsync(Cancel));
    }

    private void Put(string text)
    {
        _folder.Write("data/store.db", text);
        File.SetUnixFileMode(_folder["data"], FolderMode);
        File.SetUnixFileMode(_path, FileMode);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={_path};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
