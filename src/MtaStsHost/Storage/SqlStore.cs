using System.Data.Common;

namespace MtaStsHost.Storage;

/// <summary>The store in SQL, the same for every engine. One file per concern.</summary>
internal sealed partial class SqlStore(StoreEngine engine, TimeProvider time) : IStore
{
    /// <summary>A lease that ends later was made by a clock that was ahead, and must not lock a name for years.</summary>
    private static readonly TimeSpan s_longestLease = TimeSpan.FromHours(1);

    private DateTimeOffset Now => time.GetUtcNow();

    public Task OpenAsync(CancellationToken cancellationToken) => engine.OpenAsync(cancellationToken);

    public Task<long> GetRevisionAsync(CancellationToken cancellationToken) =>
        engine.ReadAsync(async session => await session.NumberAsync("SELECT value FROM revisions WHERE id = 1") ?? 0, cancellationToken);

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    /// <summary>In the writing transaction: concurrent writers wait here, so revisions are ordered like commits.</summary>
    private static async Task<long> NextRevisionAsync(SqlSession session) =>
        (await session.QueryAsync("UPDATE revisions SET value = value + 1 WHERE id = 1 RETURNING value", row => row.GetInt64(0)))[0];

    private static DateTimeOffset? Time(DbDataReader row, int column) =>
        row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary><c>@from, @from+1, …</c> for a list of values.</summary>
    private static string Parameters(int from, int count) =>
        string.Join(", ", Enumerable.Range(from, count).Select(number => $"@{number}"));
}
