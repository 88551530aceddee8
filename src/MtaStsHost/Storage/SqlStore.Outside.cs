using System.Data.Common;

namespace MtaStsHost.Storage;

/// <content>Fetches from outside.</content>
internal sealed partial class SqlStore
{
    public async Task NoteOutsideAsync(IReadOnlyCollection<OutsideFetch> fetches, CancellationToken cancellationToken)
    {
        if (fetches.Count > 0) await WriteEachAsync(fetches, NoteOutsideAsync, fetch => HistoryOf(fetch.Domain), cancellationToken);
    }

    public Task<IReadOnlyList<OutsideFetch>> ListOutsideAsync(CancellationToken cancellationToken) =>
        engine.ReadAsync<IReadOnlyList<OutsideFetch>>(
            async session =>
                [.. (await session.QueryAsync("SELECT domain, v4, v6 FROM outside_fetches", ReadOutside)).OfType<OutsideFetch>()],
            cancellationToken);

    private static async Task<int> NoteOutsideAsync(SqlSession session, IReadOnlyCollection<OutsideFetch> fetches)
    {
        var rows = 0;
        foreach (var chunk in fetches.Chunk(RowsAQuery))
        {
            rows += await session.ExecuteAsync(
                $"""
                INSERT INTO outside_fetches (domain, v4, v6) VALUES {Rows(0, 3, chunk.Length)}
                ON CONFLICT (domain) DO UPDATE SET
                    v4 = COALESCE(excluded.v4, outside_fetches.v4), v6 = COALESCE(excluded.v6, outside_fetches.v6)
                """,
                [.. chunk.SelectMany(fetch => new object?[] { fetch.Domain, fetch.V4, fetch.V6 })]);
        }

        return rows;
    }

    /// <returns><c>null</c>: it can't be read, so there is no such evidence.</returns>
    private static OutsideFetch? ReadOutside(DbDataReader row)
    {
        try
        {
            return new OutsideFetch(row.GetString(0), Time(row, 1), Time(row, 2));
        }
        catch (Exception e) when (IsConversion(e))
        {
            return null;
        }
    }
}
