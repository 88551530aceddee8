using Microsoft.Data.Sqlite;

namespace MtaStsHost.Storage;

/// <summary>
/// SQLite: the embedded default. Its calls block, for a disk's flush at least, so they never run on the thread pool: one thread of our own
/// writes, another one reads with a connection of its own, and so never waits for a flush.
/// </summary>
internal sealed class SqliteEngine : StoreEngine
{
    private readonly SqliteFile _file;
    private readonly int _busySeconds;
    private readonly WorkThread _writer;
    private readonly WorkThread _reader;
    private SqliteConnection? _writing;
    private SqliteConnection? _reading;

    /// <summary>How often the writer has opened the file, and which of these times the reader has.</summary>
    private int _opened;
    private int _readingOpened;

    /// <param name="path">Of the database file; absolute.</param>
    /// <param name="busySeconds">How long another process may hold the lock before a call fails.</param>
    public SqliteEngine(string path, int busySeconds = 10)
    {
        _file = new SqliteFile(path);
        _busySeconds = busySeconds;
        _writer = new WorkThread("store writer", WriteAll);
        _reader = new WorkThread("store reader", ReadAll);
    }

    public override Task OpenAsync(CancellationToken cancellationToken) => WriteAsync(_ => Task.FromResult(true), cancellationToken);

    public override Task<T> WriteAsync<T>(Func<SqlSession, Task<T>> work, CancellationToken cancellationToken) =>
        _writer.RunAsync(work, cancellationToken);

    public override Task<T> ReadAsync<T>(Func<SqlSession, Task<T>> work, CancellationToken cancellationToken) =>
        _reader.RunAsync(work, cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        await _writer.DisposeAsync();
        Close(ref _reading);
        Close(ref _writing);
    }

    /// <summary>
    /// All that waits, in one transaction: a flush costs more than the work of many. Each has a savepoint of its own, so that one that
    /// fails takes nothing of the others with it.
    /// </summary>
    private void WriteAll(IReadOnlyList<IWork> works)
    {
        try
        {
            // What is written to a file that was taken away is lost.
            if (!_file.Exists) Close(ref _writing);
            _writing ??= OpenForWriting();
            Commit(_writing, works);
        }
#pragma warning disable CA1031 // Also where SQLite's own library is missing: on this thread it would end the process, and not the work.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Close(ref _writing);
            var failure = _file.Explain(e);
            foreach (var work in works) work.Fail(failure);
            return;
        }

        // A connection that failed once may fail for ever; opening one costs a millisecond.
        if (works.Any(work => work.Failed is SqliteException)) Close(ref _writing);
        foreach (var work in works) work.Complete(_file);
    }

    private void Commit(SqliteConnection connection, IReadOnlyList<IWork> works)
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

    private void RollBack(SqliteTransaction transaction, Exception failure)
    {
        try
        {
            transaction.Rollback("work");
        }
        catch (Exception e) when (failure is SqliteException && e is SqliteException or InvalidOperationException)
        {
            // Some errors (a full disk, one that can't be read) end the whole transaction, and the savepoint with it. They are what went
            // wrong.
            throw _file.Explain(failure);
        }
    }

    private void ReadAll(IReadOnlyList<IWork> works)
    {
        try
        {
            // The writer may have a new file meanwhile.
            if (_readingOpened != Volatile.Read(ref _opened) || !_file.Exists) Close(ref _reading);
            _reading ??= OpenForReading();
            foreach (var work in works)
            {
                // All queries of one read see the same rows.
                using var snapshot = _reading.BeginTransaction(deferred: true);
                work.Run(new SqlSession(_reading, snapshot));
            }
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Close(ref _reading);
            var failure = _file.Explain(e);
            foreach (var work in works) work.Fail(failure);
            return;
        }

        if (works.Any(work => work.Failed is SqliteException)) Close(ref _reading);
        foreach (var work in works) work.Complete(_file);
    }

    private SqliteConnection OpenForWriting()
    {
        _file.Prepare();
#pragma warning disable CA2000 // The engine closes it.
        var connection = Connect(SqliteOpenMode.ReadWriteCreate);
#pragma warning restore CA2000
        try
        {
            // FULL: what was acknowledged survives a power cut.
            Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
            using var transaction = connection.BeginTransaction(deferred: false);
            Schema.MigrateAsync(new SqlSession(connection, transaction)).GetAwaiter().GetResult();
            transaction.Commit();
            Interlocked.Increment(ref _opened);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Not before the schema is there: a read may be the first that anybody wants of the store. Later on it waits for
    /// nobody.</summary>
    private SqliteConnection OpenForReading()
    {
        if (Volatile.Read(ref _opened) == 0 || !_file.Exists) OpenAsync(CancellationToken.None).GetAwaiter().GetResult();
        _readingOpened = Volatile.Read(ref _opened);
        return Connect(SqliteOpenMode.ReadOnly);
    }

    private SqliteConnection Connect(SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _file.Path, Mode = mode, Pooling = false, DefaultTimeout = _busySeconds,
        }.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static void Close(ref SqliteConnection? connection)
    {
        try
        {
            connection?.Dispose();
        }
        catch (SqliteException)
        {
            // Broken already, which is why it is closed.
        }

        connection = null;
    }
}
