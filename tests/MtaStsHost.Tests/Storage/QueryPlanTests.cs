using MtaStsHost.Storage;
using MtaStsHost.Testing;

namespace MtaStsHost.Tests.Storage;

/// <summary>
/// With 100,000 hosts the table of certificates has half a gigabyte. What is asked all the time must be answered by its indexes alone, as
/// SQLite's
/// plan for the very statement says.
/// </summary>
public sealed class QueryPlanTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SqliteEngine _engine;

    public QueryPlanTests() => _engine = new SqliteEngine(_folder["data/store.db"]);

    public static TheoryData<string, string> Statements => new()
    {
        { SqlStore.DueSql, "SEARCH certificates USING COVERING INDEX certificates_due (urgency=? AND due_at<?)" },
        { SqlStore.NextDueSql, "SEARCH certificates USING COVERING INDEX certificates_due (urgency=? AND due_at>?)" },
        { SqlStore.ChangesSql, "SEARCH certificates USING COVERING INDEX certificates_revision (revision>?)" },
        { SqlStore.QueueLengthSql, "SCAN certificates USING COVERING INDEX certificates_due" },
        { SqlStore.KnownSql, "SCAN certificates USING COVERING INDEX certificates_due" },
        { SqlStore.LateSql, "SCAN certificates USING COVERING INDEX certificates_revision" },
        { SqlStore.WaitingSql, "SCAN certificates USING COVERING INDEX certificates_revision" },
        { SqlStore.InForceSql, "SEARCH policies USING COVERING INDEX policies_served (last_served=?)" },
        { SqlStore.ForgetSql, "SEARCH policies USING COVERING INDEX policies_served (last_served<?)" },
    };

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task Statement_OfAllHosts_IsAnsweredByAnIndexWithoutSorting(string sql, string expected)
    {
        var plan = await _engine.ReadAsync(
            session => session.QueryAsync("EXPLAIN QUERY PLAN " + sql, row => row.GetString(3), 0L, 0L, 0L, 0L),
                TestContext.Current.CancellationToken);

        Assert.Equal(expected, plan[0]);
        Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        Assert.DoesNotContain(plan.Skip(1), step => step.StartsWith("SCAN", StringComparison.Ordinal));
    }
}
