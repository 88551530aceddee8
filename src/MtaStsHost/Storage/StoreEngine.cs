using System.Data.Common;

namespace MtaStsHost.Storage;

/// <summary>
/// A database engine: opens, creates the schema, runs units of work in transactions, and reports failures as
/// <see cref="StoreException"/>. All SQL is in <see cref="SqlStore"/> and <see cref="Schema"/>, in the dialect that SQLite and PostgreSQL
/// share.
/// </summary>
internal abstract class StoreEngine : IAsyncDisposable
{
    /// <summary>Raised after another database has taken the place of the one that was open. Handlers are quick.</summary>
    public event Action? Replaced;

    /// <summary>Opens the database unless it is open.</summary>
    public abstract Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Runs work that writes. When it returns, the outcome survives a power cut.</summary>
    public abstract Task<T> WriteAsync<T>(Func<SqlSession, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Runs work that only reads, without waiting for writers.</summary>
    public abstract Task<T> ReadAsync<T>(Func<SqlSession, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Whether a statement failed for the rows that it concerns, and others may succeed: a damaged page, a bad sector.</summary>
    public abstract bool IsDamage(DbException e);

    public abstract ValueTask DisposeAsync();

    protected void OnReplaced() => Replaced?.Invoke();
}
