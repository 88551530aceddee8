using Microsoft.Data.Sqlite;
using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Storage;

/// <summary>The queue of work, and what becomes of it when some of it fails.</summary>
public sealed class SqliteEngineTests : IAsyncDisposable
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(15);

    private readonly TempFolder _folder = new();
    private readonly string _path;
    private readonly SqliteEngine _engine;

    public SqliteEngineTests()
    {
        _path = _folder["data/store.db"];
        _engine = new SqliteEngine(_path, busySeconds: 1);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task WriteAsync_OneOfAGroupFails_TakesNothingOfTheOthers()
    {
        await _engine.OpenAsync(Cancel);
        var (held, release) = Hold();
        var first = AddAsync("1");
        var failing = _engine.WriteAsync(
            async session =>
            {
                await InsertAsync(session, "2");
                return await InsertAsync(session, "1");
            },
            Cancel);
        var lost = _engine.WriteAsync<int>(
            async session =>
            {
                await InsertAsync(session, "3");
                throw new LeaseLostException("3");
            },
            Cancel);
        var last = AddAsync("4");
        release.Set();
        await Task.WhenAll(held, first, last);

        await Assert.ThrowsAsync<StoreException>(() => failing);
        await Assert.ThrowsAsync<LeaseLostException>(() => lost);
        Assert.Equal(["1", "4"], await NamesAsync());
    }

    [Fact]
    public async Task WriteAsync_TransactionEndsUnderAUnit_FailsTheGroupWithTheReasonAndGoesOn()
    {
        await _engine.OpenAsync(Cancel);
        var (held, release) = Hold();
        var before = AddAsync("1");
        // As SQLite does it by itself on a full disk or one that can't be read.
        var failing = _engine.WriteAsync(session =>
            session.ExecuteAsync("INSERT OR ROLLBACK INTO leases (name, owner, expires_at) VALUES ('1', 'x', 0)"), Cancel);
        var after = AddAsync("2");
        release.Set();
        await held;

        foreach (var task in (Task[])[before, failing, after])
        {
            var failure = await Assert.ThrowsAsync<StoreException>(() => task);
            Assert.Contains("UNIQUE constraint failed", failure.Message, StringComparison.Ordinal);
        }

        await AddAsync("3");
        Assert.Equal(["3"], await NamesAsync());
    }

    [Fact]
    public async Task WriteAsync_CommitFails_FailsTheGroupAndGoesOn()
    {
        await _engine.WriteAsync(session =>
            session.ExecuteAsync("CREATE TABLE child (name TEXT REFERENCES leases (name) DEFERRABLE INITIALLY DEFERRED)"), Cancel);
        var (held, release) = Hold();
        var good = AddAsync("1");
        var failing = _engine.WriteAsync(session => session.ExecuteAsync("INSERT INTO child (name) VALUES ('unknown')"), Cancel);
        release.Set();
        await held;

        foreach (var task in (Task[])[good, failing])
        {
            var failure = await Assert.ThrowsAsync<StoreException>(() => task);
            Assert.Contains("FOREIGN KEY", failure.Message, StringComparison.Ordinal);
        }

        await AddAsync("2");
        Assert.Equal(["2"], await NamesAsync());
    }

    [Fact]
    public async Task ReadAsync_WriterIsBusy_DoesNotWaitAndSeesWhatWasCommitted()
    {
        await AddAsync("1");
        await NamesAsync();
        using var release = new ManualResetEventSlim();
        var writing = _engine.WriteAsync(
            async session =>
            {
                await InsertAsync(session, "2");
                release.Wait(2 * s_deadline, Cancel);
                return 0;
            },
            Cancel);

        Assert.Equal(["1"], await NamesAsync().WaitAsync(s_deadline, Cancel));
        Assert.False(writing.IsCompleted);
        release.Set();
        await writing;
        Assert.Equal(["1", "2"], await NamesAsync());
    }

    [Fact]
    public async Task ReadAsync_SeveralQueries_SeeTheSameRows()
    {
        await AddAsync("1");
        var (before, after) = await _engine.ReadAsync(
            async session =>
            {
                var first = await session.NumberAsync("SELECT COUNT(*) FROM leases");
                await AddAsync("2");
                return (first, await session.NumberAsync("SELECT COUNT(*) FROM leases"));
            },
            Cancel);

        Assert.Equal((1, 1), (before, after));
        Assert.Equal(["1", "2"], await NamesAsync());
    }

    [Fact]
    public async Task ReadAsync_Unreadable_IsAFailureOfTheStoreAndTheNextOneWorks()
    {
        await AddAsync("1");

        await Assert.ThrowsAsync<StoreException>(() => _engine.ReadAsync(session => session.NumberAsync("SELECT x FROM leases"), Cancel));
        await Assert.ThrowsAsync<StoreException>(() =>
            _engine.ReadAsync(session => session.QueryAsync("SELECT NULL", row => row.GetInt64(0)), Cancel));
        Assert.Equal(["1"], await NamesAsync());
    }

    [Fact]
    public async Task Work_FailsWithWhateverItIs_IsAFailureOfTheStore()
    {
        await Assert.ThrowsAsync<StoreException>(() =>
            _engine.WriteAsync<int>(_ => throw new InvalidCastException("a value of another type"), Cancel));
        await Assert.ThrowsAsync<StoreException>(() => _engine.ReadAsync<int>(_ => throw new ArgumentOutOfRangeException("time"), Cancel));
        Assert.Equal(1, await AddAsync("1"));
    }

    [Fact]
    public async Task ReadAsync_Writes_Fails()
    {
        await _engine.OpenAsync(Cancel);

        await Assert.ThrowsAsync<StoreException>(() => _engine.ReadAsync(session => InsertAsync(session, "1"), Cancel));
    }

    [Fact]
    public async Task WriteAsync_CancelledWhileItWaits_EndsAtOnceAndIsNeverRun()
    {
        await _engine.OpenAsync(Cancel);
        var (held, release) = Hold();
        using var cancellation = new CancellationTokenSource();
        var waiting = _engine.WriteAsync(session => InsertAsync(session, "1"), cancellation.Token);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(s_deadline, Cancel));
        Assert.False(held.IsCompleted);
        release.Set();
        await AddAsync("2");
        Assert.Equal(["2"], await NamesAsync());
    }

    [Fact]
    public async Task WriteAsync_CancelledWhileItRuns_RunsToItsEnd()
    {
        await _engine.OpenAsync(Cancel);
        using var cancellation = new CancellationTokenSource();

        Assert.Equal(1, await _engine.WriteAsync(
            async session =>
            {
                await cancellation.CancelAsync();
                return await InsertAsync(session, "1");
            },
            cancellation.Token));
        Assert.Equal(["1"], await NamesAsync());
    }

    [Fact]
    public async Task DisposeAsync_WorkInTheQueue_IsDoneBeforeAndLaterWorkIsRefused()
    {
        await _engine.OpenAsync(Cancel);
        var adding = AddAsync("1");
        await _engine.DisposeAsync();
        await _engine.DisposeAsync();

        Assert.True(adding.IsCompletedSuccessfully);
        var refused = await Assert.ThrowsAsync<StoreException>(() => AddAsync("2"));
        Assert.Equal("the store is closed", refused.What);
        await Assert.ThrowsAsync<StoreException>(NamesAsync);
    }

    [Fact]
    public async Task WriteAsync_LockedByAnotherForTooLong_FailsAndTheNextOneWorks()
    {
        await _engine.OpenAsync(Cancel);
        await using (var other = new SqliteConnection($"Data Source={_path};Pooling=False"))
        {
            await other.OpenAsync(Cancel);
            await using var transaction = other.BeginTransaction(deferred: false);
            var failure = await Assert.ThrowsAsync<StoreException>(() => AddAsync("1"));
            Assert.Contains("is locked by another program", failure.What, StringComparison.Ordinal);
            Assert.Empty(await NamesAsync());
        }

        await AddAsync("2");
        Assert.Equal(["2"], await NamesAsync());
    }

    /// <summary>Keeps the writer busy, so that what comes meanwhile is one group. The unit itself belongs to a group of its own.</summary>
    private (Task Held, ManualResetEventSlim Release) Hold()
    {
        var (started, release) = (new ManualResetEventSlim(), new ManualResetEventSlim());
        var held = _engine.WriteAsync(
            _ =>
            {
                started.Set();
                release.Wait(2 * s_deadline, Cancel);
                return Task.FromResult(0);
            },
            Cancel);
        started.Wait(Cancel);
        return (held, release);
    }

    private Task<int> AddAsync(string name) => _engine.WriteAsync(session => InsertAsync(session, name), Cancel);

    private static Task<int> InsertAsync(SqlSession session, string name) =>
        session.ExecuteAsync("INSERT INTO leases (name, owner, expires_at) VALUES (@0, 'x', 0)", name);

    private Task<List<string>> NamesAsync() =>
        _engine.ReadAsync(session => session.QueryAsync("SELECT name FROM leases ORDER BY name", row => row.GetString(0)), Cancel);
}
