using System.Data.Common;

namespace MtaStsHost.Storage;

/// <summary>The store in SQL, the same for every engine. One file per concern.</summary>
internal sealed partial class SqlStore(StoreEngine engine, TimeProvider time, DamagedRows? damaged = null) : IStore
{
    /// <summary>A lease that ends later was made by a clock that was ahead, and must not lock a name for years.</summary>
    private static readonly TimeSpan s_longestLease = TimeSpan.FromHours(1);

    public event Action? Replaced
    {
        add => engine.Replaced += value;
        remove => engine.Replaced -= value;
    }

    /// <summary>Any clock is between them, and no arithmetic with a time between them overflows.</summary>
    private static readonly DateTimeOffset s_earliest = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly DateTimeOffset s_latest = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DamagedRows _damaged = Follow(engine, damaged ?? new DamagedRows());

    private DateTimeOffset Now => time.GetUtcNow();

    public Task OpenAsync(CancellationToken cancellationToken) => engine.OpenAsync(cancellationToken);

    public Task<long> GetRevisionAsync(CancellationToken cancellationToken) =>
        engine.ReadAsync(async session => await session.NumberAsync("SELECT value FROM revisions WHERE id = 1") ?? 0, cancellationToken);

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    private static DamagedRows Follow(StoreEngine engine, DamagedRows damaged)
    {
        engine.Replaced += damaged.Clear;
        return damaged;
    }

    /// <summary>In the writing transaction: concurrent writers wait here, so revisions are ordered like commits.</summary>
    private static async Task<long> NextRevisionAsync(SqlSession session) =>
        (await session.QueryAsync("UPDATE revisions SET value = value + 1 WHERE id = 1 RETURNING value", row => row.GetInt64(0)))[0];

    /// <exception cref="ArgumentOutOfRangeException">It is none that this program wrote.</exception>
    private static DateTimeOffset? Time(DbDataReader row, int column)
    {
        if (row.IsDBNull(column)) return null;
        var milliseconds = row.GetInt64(column);
        return NearestTime(milliseconds) is var time && time > s_earliest && time < s_latest ? time
            : throw new ArgumentOutOfRangeException(nameof(column), milliseconds, $"{row.GetName(column)} is out of range");
    }

    /// <summary>For times that decide nothing but when to look again: the nearest one that can be represented.</summary>
    private static DateTimeOffset NearestTime(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(
        milliseconds, s_earliest.ToUnixTimeMilliseconds(), s_latest.ToUnixTimeMilliseconds()));

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary><c>@from, @from+1, …</c> for a list of values.</summary>
    private static string Parameters(int from, int count) =>
        string.Join(", ", Enumerable.Range(from, count).Select(number => $"@{number}"));
}
