namespace MtaStsHost.Storage;

/// <summary>
/// A database engine: opens, makes the schema, runs units of work in a transaction, and says what fails as a <see cref="StoreException"/>.
/// All SQL stands in <see cref="SqlStore"/> and <see cref="Schema"/>, in the words that SQLite and PostgreSQL share.
/// </summary>
internal abstract class StoreEngine : IAsyncDisposable
{
    /// <summary>Opens when it isn't open.</summary>
    public abstract Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Runs work that writes. When it returns, the outcome survives a power cut.</summary>
    public abstract Task<T> WriteAsync<T>(Func<SqlSession, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Runs work that only reads, without waiting for those who write.</summary>
    public abstract Task<T> ReadAsync<T>(Func<SqlSession, Task<T>> work, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
