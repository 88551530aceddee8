using Microsoft.Data.Sqlite;

namespace MtaStsHost.Storage;

/// <summary>
/// SQLite: the embedded default. Its calls block, for a disk's flush at least, so they never run on the thread pool: one thread of our own
/// writes, another one reads with a connection of its own, and so never waits for a flush.
/// </summary>
internal sealed class SqliteEngine : StoreEngine
{
    private readonly int _busySeconds;
    private readonly SqliteFile _file;
    private readonly WorkThread _writer;
    private readonly WorkThread _reader;
    private SqliteConnection? _writing;
    private SqliteConnection? _reading;
    private volatile bool _hasSchema;

    /// <param name="path">Of the database file; absolute.</param>
    /// <param name="busySeconds">How long another process may hold the lock before a call fails.</param>
    public SqliteEngine(string path, int busySeconds = 10)
    {
        _busySeconds = busySeconds;
        _file = new SqliteFile(path);
        _writer = new WorkThread("store writer", WriteAll);
        _reader = new WorkThread("store reader", ReadAll);
    }

    public override Task OpenAsync(CancellationToken cancellationToken) => WriteAsync(_ => Task.FromResult(true), cancellationToken);

    public override Task<T> WriteAsync<T>(Func<SqlSession, Task<T>> work, CancellationToken cancellationToken) => _writer.RunAsync(work, cancellationToken);

    public override Task<T> ReadAsync<T>(Func<SqlSession, Task<T>> work, CancellationToken cancellationToken) => _reader.RunAsync(work, cancellationToken);

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
            _writing ??= OpenForWriting();
            _hasSchema = true;
            using var transaction = _writing.BeginTransaction(deferred: false);
            var session = new SqlSession(_writing, transaction);
            foreach (var work in works)
            {
                transaction.Save("work");
                if (!work.Run(session)) transaction.Rollback("work");
                transaction.Release("work");
            }

            transaction.Commit();
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

        if (works.Any(work => work.Failed is SqliteException)) Close(ref _writing);
        foreach (var work in works) work.Complete(_file);
    }

    private void ReadAll(IReadOnlyList<IWork> works)
    {
        try
        {
            _reading ??= OpenForReading();
            var session = new SqlSession(_reading, null);
            foreach (var work in works) work.Run(session);
        }
#pragma warning disable CA1031 // Also where SQLite's own library is missing: on this thread it would end the process, and not the work.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Close(ref _reading);
            _hasSchema = false; // the file may be gone
            var failure = _file.Explain(e);
            foreach (var work in works) work.Fail(failure);
            return;
        }

        // A connection that failed once may fail for ever; opening one costs a millisecond.
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
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Not before the schema is there: a read may be the first that anybody wants of the store.</summary>
    private SqliteConnection OpenForReading()
    {
        if (!_hasSchema) OpenAsync(CancellationToken.None).GetAwaiter().GetResult();
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
