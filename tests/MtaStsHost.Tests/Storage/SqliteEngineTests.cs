using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;
using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Storage;

[UnsupportedOSPlatform("windows")]
public sealed class SqliteEngineTests : IDisposable
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Database => _folder["data/store.db"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_NothingThere_MakesFolderAndFilesForTheirOwnerAlone()
    {
        await using var store = Open();
        await store.EnqueueAsync(["a.example"], Token);

        Assert.Equal(OwnerFolder, File.GetUnixFileMode(_folder["data"]));
        Assert.Equal(["store.db", "store.db-shm", "store.db-wal"], Directory.GetFiles(_folder["data"]).Select(Path.GetFileName).Order());
        Assert.All(Directory.GetFiles(_folder["data"]), file => Assert.Equal(OwnerFile, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task Work_FailsWithWhateverItIs_IsAStoreException()
    {
        await using var engine = new SqliteEngine(Database);

        await Assert.ThrowsAsync<StoreException>(() => engine.WriteAsync<int>(_ => throw new InvalidCastException("a value of another type"), Token));
        await Assert.ThrowsAsync<StoreException>(() => engine.ReadAsync<int>(_ => throw new ArgumentOutOfRangeException("time"), Token));
        Assert.Equal(1, await engine.WriteAsync(_ => Task.FromResult(1), Token));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.GroupExecute)]
    public async Task Open_FolderThatOthersReach_IsRefused(UnixFileMode others)
    {
        Directory.CreateDirectory(_folder["data"]);
        File.SetUnixFileMode(_folder["data"], OwnerFolder | others);
        await using var store = Open();

        var e = await Assert.ThrowsAsync<StoreException>(() => store.OpenAsync(Token));
        Assert.StartsWith($"chmod 700 {_folder["data"]}", e.Remedy, StringComparison.Ordinal);
        Assert.False(File.Exists(Database));

        // Mended, the next call works.
        File.SetUnixFileMode(_folder["data"], OwnerFolder);
        await store.OpenAsync(Token);
    }

    [Fact]
    public async Task Open_FileThatOthersRead_IsRefused()
    {
        await using (var store = Open()) await store.OpenAsync(Token);
        File.SetUnixFileMode(Database, OwnerFile | UnixFileMode.OtherRead);
        await using var again = Open();

        Assert.Equal($"chmod 600 {Database}", (await Assert.ThrowsAsync<StoreException>(() => again.OpenAsync(Token))).Remedy);
    }

    [Theory]
    [InlineData("This is somebody's letter, and no database at all. It must not be written over, whatever happens here.")]
    public async Task Open_NotADatabase_StaysAsItWas(string text)
    {
        Make(text);
        await using var store = Open();

        Assert.Contains("is no SQLite database", (await Assert.ThrowsAsync<StoreException>(() => store.OpenAsync(Token))).What, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(Database, Token));
    }

    [Fact]
    public async Task Open_AFolder_IsRefused()
    {
        Directory.CreateDirectory(_folder["data"], OwnerFolder);
        Directory.CreateDirectory(Database, OwnerFolder);
        await using var store = Open();

        await Assert.ThrowsAsync<StoreException>(() => store.OpenAsync(Token));
        await Assert.ThrowsAsync<StoreException>(() => store.GetRevisionAsync(Token));
    }

    [Fact]
    public async Task Open_NewerSchema_IsRefusedAndLeftAlone()
    {
        await using (var store = Open()) await store.OpenAsync(Token);
        Execute("UPDATE schema_version SET version = 99");
        await using var again = Open();

        Assert.Contains("has schema 99", (await Assert.ThrowsAsync<StoreException>(() => again.OpenAsync(Token))).What, StringComparison.Ordinal);
        Assert.Contains("has schema 99", (await Assert.ThrowsAsync<StoreException>(() => again.GetRevisionAsync(Token))).What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_ManyAtOnceOnANewStore_AllSucceed()
    {
        var stores = Enumerable.Range(0, 8).Select(_ => Open()).ToList();
        await Task.WhenAll(stores.Select(store => store.OpenAsync(Token)));
        foreach (var store in stores) await store.DisposeAsync();

        await using var last = Open();
        Assert.Equal(0, await last.GetRevisionAsync(Token));
    }

    [Fact]
    public async Task Open_ReadFirst_MakesTheSchema()
    {
        await using var store = Open();

        Assert.Null(await store.FindAsync("a.example", Token));
    }

    [Fact]
    public async Task Write_DamagedFile_SaysSo()
    {
        await using (var store = Open()) await store.EnqueueAsync([.. Enumerable.Range(0, 2000).Select(number => $"d{number}.example")], Token);
        var bytes = await File.ReadAllBytesAsync(Database, Token);
        Array.Fill<byte>(bytes, 0xa5, 4096, bytes.Length - 4096);
        await File.WriteAllBytesAsync(Database, bytes, Token);
        await using var damaged = Open();

        Assert.Contains("is damaged", (await Assert.ThrowsAsync<StoreException>(() => damaged.EnqueueAsync(["a.example"], Token))).What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_OneOfAGroupFails_TakesNothingOfTheOthers()
    {
        await using var engine = new SqliteEngine(Database);
        await engine.OpenAsync(Token);
        using var gate = new ManualResetEventSlim();
        var first = engine.WriteAsync(_ => Task.FromResult(gate.Wait(TimeSpan.FromSeconds(10))), Token);
        // They wait together, and so they go together.
        var good = engine.WriteAsync(session => session.ExecuteAsync("INSERT INTO orders (directory_url, ordered_at) VALUES ('good', 1)"), Token);
        var bad = engine.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("INSERT INTO orders (directory_url, ordered_at) VALUES ('bad', 1)");
                throw new InvalidOperationException("mine");
#pragma warning disable CS0162 // The type of the outcome.
                return 0;
#pragma warning restore CS0162
            },
            Token);
        var wrong = engine.WriteAsync(session => session.ExecuteAsync("INSERT INTO nowhere VALUES (1)"), Token);
        var last = engine.WriteAsync(session => session.ExecuteAsync("INSERT INTO orders (directory_url, ordered_at) VALUES ('last', 1)"), Token);
        gate.Set();

        Assert.True(await first);
        Assert.Equal((1, 1), (await good, await last));
        Assert.Contains("mine", (await Assert.ThrowsAsync<StoreException>(() => bad)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreException>(() => wrong);
        Assert.Equal(["good", "last"], await engine.ReadAsync(session => session.QueryAsync("SELECT directory_url FROM orders ORDER BY directory_url", row => row.GetString(0)), Token));
    }

    [Fact]
    public async Task Read_WhileAWriteTakesItsTime_DoesNotWait()
    {
        await using var engine = new SqliteEngine(Database);
        await engine.OpenAsync(Token);
        using var gate = new ManualResetEventSlim();
        var write = engine.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("INSERT INTO orders (directory_url, ordered_at) VALUES ('x', 1)");
                return gate.Wait(TimeSpan.FromSeconds(10));
            },
            Token);

        Assert.Equal(0, await engine.ReadAsync(session => session.NumberAsync("SELECT COUNT(*) FROM orders"), Token));
        Assert.False(write.IsCompleted);
        gate.Set();
        Assert.True(await write);
        Assert.Equal(1, await engine.ReadAsync(session => session.NumberAsync("SELECT COUNT(*) FROM orders"), Token));
    }

    [Fact]
    public async Task Write_CancelledWhileItWaits_IsNotDone()
    {
        await using var engine = new SqliteEngine(Database);
        await engine.OpenAsync(Token);
        using var gate = new ManualResetEventSlim();
        using var cancelled = new CancellationTokenSource();
        var first = engine.WriteAsync(_ => Task.FromResult(gate.Wait(TimeSpan.FromSeconds(10))), Token);
        var second = engine.WriteAsync(session => session.ExecuteAsync("INSERT INTO orders (directory_url, ordered_at) VALUES ('x', 1)"), cancelled.Token);
        await cancelled.CancelAsync();
        gate.Set();

        await first;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(0, await engine.ReadAsync(session => session.NumberAsync("SELECT COUNT(*) FROM orders"), Token));
    }

    [Fact]
    public async Task Write_LockedByAnotherForLong_SaysSoAndWorksAfterwards()
    {
        await using var engine = new SqliteEngine(Database, busySeconds: 1);
        await engine.OpenAsync(Token);
        await using (var other = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            await other.OpenAsync(Token);
            await using var transaction = other.BeginTransaction(deferred: false);
            var e = await Assert.ThrowsAsync<StoreException>(() => engine.WriteAsync(session => session.ExecuteAsync("DELETE FROM orders"), Token));
            Assert.Contains("is locked by another program", e.What, StringComparison.Ordinal);
        }

        Assert.Equal(0, await engine.WriteAsync(session => session.ExecuteAsync("DELETE FROM orders"), Token));
    }

    [Fact]
    public async Task Write_DiskFull_SaysSoAndWorksWhenThereIsRoom()
    {
        if (Environment.UserName != "root") Tools.Missing("a small file system of its own can be mounted by root alone");
        var mount = _folder["small"];
        Directory.CreateDirectory(mount, OwnerFolder);
        var (status, output) = await Tools.RunAsync(Tools.Require("mount"), "-t", "tmpfs", "-o", "size=1m,mode=700", "none", mount);
        if (status != 0) Tools.Missing($"no file system can be mounted here: {output}");
        try
        {
            await using var store = new SqlStore(new SqliteEngine(_folder["small/store.db"]), TimeProvider.System);
            await store.EnqueueAsync(["a.example"], Token);
            var filler = _folder["small/filler"];
            await using (var file = File.Create(filler))
            {
                try
                {
                    while (true) file.Write(new byte[4096]);
                }
                catch (IOException)
                {
                    // Full, as wanted.
                }
            }

            var e = await Assert.ThrowsAsync<StoreException>(() => store.EnqueueAsync([.. Enumerable.Range(0, 5000).Select(number => $"d{number}.example")], Token));
            Assert.Contains("disk is full", e.What, StringComparison.Ordinal);
            Assert.NotNull(await store.FindAsync("a.example", Token));

            File.Delete(filler);
            Assert.Equal(1, await store.EnqueueAsync(["b.example"], Token));
        }
        finally
        {
            await Tools.RunAsync("umount", "-l", mount);
        }
    }

    [Fact]
    public async Task Dispose_WhatIsQueued_IsDoneFirst()
    {
        var store = Open();
        var writes = Enumerable.Range(0, 50).Select(number => store.EnqueueAsync([$"d{number}.example"], Token)).ToList();
        await store.DisposeAsync();

        Assert.All(await Task.WhenAll(writes), added => Assert.Equal(1, added));
        await Assert.ThrowsAsync<StoreException>(() => store.GetRevisionAsync(Token));
    }

    [Theory]
    [InlineData("SELECT host FROM certificates WHERE urgency = 0 AND due_at <= 1 ORDER BY due_at, host LIMIT 8")]
    [InlineData("SELECT due_at FROM certificates WHERE urgency = 0 AND due_at IS NOT NULL ORDER BY due_at LIMIT 1")]
    [InlineData("SELECT COUNT(*) FROM certificates WHERE urgency = 0 AND due_at <= 1")]
    public async Task Query_OfTheQueue_UsesItsIndex(string sql)
    {
        await using var engine = new SqliteEngine(Database);
        await engine.OpenAsync(Token);
        var plan = string.Join('\n', await engine.ReadAsync(session => session.QueryAsync("EXPLAIN QUERY PLAN " + sql, row => row.GetString(3)), Token));

        Assert.Contains("certificates_due", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("SCAN certificates\n", plan + "\n", StringComparison.Ordinal);
    }

    private SqlStore Open() => new(new SqliteEngine(Database), TimeProvider.System);

    private void Make(string text)
    {
        Directory.CreateDirectory(_folder["data"], OwnerFolder);
        File.WriteAllText(Database, text);
        File.SetUnixFileMode(Database, OwnerFile);
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
