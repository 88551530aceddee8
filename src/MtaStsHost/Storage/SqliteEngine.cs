using System.Data.Common;
using Microsoft.Data.Sqlite;
using MtaStsHost.Runtime;

namespace MtaStsHost.Storage;

/// <summary>
/// SQLite, the embedded default. Its calls block for a disk flush at least, so they never run on the thread pool: one thread of our own
/// writes, and another reads with its own connection, without waiting for flushes.
/// </summary>
internal sealed class SqliteEngine : StoreEngine
{
    /// <summary>At one transaction, while the file is replaced again and again.</summary>
    private const int MostAttempts = 3;

    private readonly SqliteFile _file;
    private readonly int _busySeconds;
    private readonly WorkThread _writer;
    private readonly WorkThread _reader;
    private SqliteConnection? _writing;
    private SqliteConnection? _reading;

    /// <summary>Held while the reader uses its connection. Both connections must be closed before another file of the same name is opened:
    /// SQLite finds its shared memory by name.</summary>
    private readonly Lock _reads = new();

    /// <summary>The file that the writer has opened last; <c>null</c>: none yet.</summary>
    private FileIdentity? _identity;

    /// <summary>The file that was opened last is gone.</summary>
    private bool _isLost;

    /// <summary>How many times the writer has opened a file, and the number that the reader has open.</summary>
    private int _opened;
    private int _readingOpened;

    /// <param name="path">The database file; absolute.</param>
    /// <param name="busySeconds">How long another process may hold the lock before a call fails.</param>
    public SqliteEngine(string path, int busySeconds = 10)
    {
        _file = new SqliteFile(path);
        _busySeconds = busySeconds;
        _writer = new WorkThread("store writer", works => RunAll(works, Write, ref _writing));
        _reader = new WorkThread("store reader", ReadAll);
    }

    public override Task OpenAsync(CancellationToken cancellationToken) => WriteAsync(_ => Task.FromResult(true), cancellationToken);

    public override Task<T> WriteAsync<T>(Func<SqlSession, Task<T>> work, CancellationToken cancellationToken) =>
        _writer.RunAsync(work, cancellationToken);

    public override Task<T> ReadAsync<T>(Func<SqlSession, Task<T>> work, CancellationToken cancellationToken) =>
        _reader.RunAsync(work, cancellationToken);

    public override bool IsDamage(DbException e) => e is SqliteException { SqliteErrorCode: SqliteFile.Corrupt or SqliteFile.Unreadable };

    public override async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        await _writer.DisposeAsync();
        Close(ref _reading);
        Close(ref _writing);
    }

    private bool IsReplaced => Volatile.Read(ref _identity) is { } identity && _file.Identity != identity;

    private void RunAll(IReadOnlyList<IWork> works, Action<IReadOnlyList<IWork>> run, ref SqliteConnection? connection)
    {
        try
        {
            run(works);
        }
#pragma warning disable CA1031 // Even a missing SQLite library must fail the work, and not end the process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Close(ref connection);
            var failure = _file.Explain(e);
            foreach (var work in works) work.Abandon(failure);
            return;
        }

        // A connection that failed may keep failing; opening one costs a millisecond.
        if (works.Any(work => work.Failed is SqliteException)) Close(ref connection);
        foreach (var work in works) work.Complete(_file);
    }

    private void Write(IReadOnlyList<IWork> works)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (IsReplaced) CloseReplaced();
            _writing ??= OpenForWriting();
            try
            {
                WriteTogether(_writing, works);
            }
            catch (SqliteException e) when (IsDamage(e))
            {
                // A statement that meets a damaged page lets the commit fail.
                foreach (var work in works) WriteAlone(_writing, work);
            }

            // What was written to a file that is gone would be lost.
            if (!IsReplaced) return;
            if (attempt == MostAttempts)
                throw new StoreException($"the store {_file.Path} is replaced all the time", "find out which program does that");
        }
    }

    /// <summary>
    /// All waiting work in one transaction, since a flush costs more than many units of work. Each has its own savepoint, so that a failing
    /// one doesn't affect the others.
    /// </summary>
    private void WriteTogether(SqliteConnection connection, IReadOnlyList<IWork> works)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        var session = new SqlSession(connection, transaction);
        foreach (var work in works)
        {
            transaction.Save("work");
            if (!work.Run(session)) RollBack(transaction, work.Failed!);
            transaction.Release("work");
        }

        transaction.Commit();
    }

    private void WriteAlone(SqliteConnection connection, IWork work)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        try
        {
            if (work.Run(new SqlSession(connection, transaction))) transaction.Commit();
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            work.Fail(e);
        }
    }

    private void RollBack(SqliteTransaction transaction, Exception failure)
    {
        try
        {
            transaction.Rollback("work");
        }
        catch (Exception e) when (failure is SqliteException && e is SqliteException or InvalidOperationException)
        {
            // Some errors, such as a full disk, end the whole transaction, and the savepoint with it.
            throw failure is SqliteException damage && IsDamage(damage) ? damage : _file.Explain(failure);
        }
    }

    private void ReadAll(IReadOnlyList<IWork> works)
    {
        try
        {
            // Waits for the schema if this is the first use of the file; later reads don't wait for the writer.
            if (Volatile.Read(ref _opened) == 0 || IsReplaced) OpenAsync(CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (StoreException e)
        {
            foreach (var work in works) work.Abandon(e);
            return;
        }

        lock (_reads) RunAll(works, Read, ref _reading);
    }

    private void Read(IReadOnlyList<IWork> works)
    {
        // The writer may have opened a new file.
        var opened = Volatile.Read(ref _opened);
        if (_readingOpened != opened) Close(ref _reading);
        _reading ??= Connect(SqliteOpenMode.ReadOnly);
        _readingOpened = opened;
        foreach (var work in works)
        {
            // So that all queries of one read see the same rows.
            using var snapshot = _reading.BeginTransaction(deferred: true);
            work.Run(new SqlSession(_reading, snapshot));
        }
    }

    /// <summary>Another file has the name now. SQLite would take the old one's log for that of the new one, so it is emptied.</summary>
    private void CloseReplaced()
    {
        lock (_reads)
        {
            Close(ref _reading);
            try
            {
                if (_writing is not null && new SqlSession(_writing, null).NumberAsync("PRAGMA wal_checkpoint(TRUNCATE)")
                    .GetAwaiter().GetResult() is not 0)
                    throw new StoreException($"the store {_file.Path} was replaced while another program used it", "stop that program");
            }
            catch (SqliteException)
            {
                // The old file can't be written any more, and neither can its log.
            }

            Close(ref _writing);
            // Without its inode in use, the next file may get the same one.
            _isLost = true;
        }
    }

    private SqliteConnection OpenForWriting()
    {
        _file.Prepare();
        // Before it is opened: if it is replaced meanwhile, that is noticed afterwards.
        var identity = _file.Identity;
        var connection = Connect(SqliteOpenMode.ReadWriteCreate, connection =>
        {
            // FULL: acknowledged writes survive a power cut.
            new SqlSession(connection, null)
                .ExecuteAsync("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON").GetAwaiter().GetResult();
            using var transaction = connection.BeginTransaction(deferred: false);
            Schema.MigrateAsync(new SqlSession(connection, transaction)).GetAwaiter().GetResult();
            transaction.Commit();
            Interlocked.Increment(ref _opened);
        });
        var isOther = _identity is not null && (_isLost || _identity != identity);
        Volatile.Write(ref _identity, identity);
        _isLost = false;
        if (isOther) OnReplaced();
        return connection;
    }

    private SqliteConnection Connect(SqliteOpenMode mode, Action<SqliteConnection>? prepare = null)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _file.Path, Mode = mode, Pooling = false, DefaultTimeout = _busySeconds,
        }.ToString());
        try
        {
            connection.Open();
            prepare?.Invoke(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Close(ref SqliteConnection? connection)
    {
        try
        {
            connection?.Dispose();
        }
        catch (SqliteException)
        {
            // Already broken, which is why it is closed.
        }

        connection = null;
    }
}
