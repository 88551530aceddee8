using System.Data.Common;

namespace MtaStsHost.Storage;

/// <content>Served policies.</content>
internal sealed partial class SqlStore : IPolicyHistory
{
    internal const string InForceSql =
        "SELECT domain, id, digest, mode, served_by, removed_at FROM policies WHERE last_served IS NULL";

    internal const string ForgetSql =
        "SELECT domain, id, digest FROM policies WHERE last_served <= @0 AND last_served + max_age * 1000 <= @0 "
        + "AND left_dns + max_age * 1000 <= @0";

    private const string PullInSql = "SELECT domain, id, digest FROM policies WHERE last_served > @0 OR left_dns > @1";

    public Task<StoredPolicies> ReadInForceAsync(CancellationToken cancellationToken) =>
        engine.ReadAsync(
            async session => new StoredPolicies(
                await session.QueryAsync(InForceSql, row => new PolicyInForce(
                    Key(row), row.GetString(3), Number(row, 4), row.IsDBNull(5) ? null : NearestTime(row.GetInt64(5)))),
                    await ServedUntilAsync(session))
            {
                Services = (await session.QueryAsync("SELECT number, name FROM services",
                    row => KeyValuePair.Create(row.GetInt64(0), row.GetString(1)))).ToDictionary(),
            },
            cancellationToken);

    public Task<long> RegisterAsync(string name, long? formerly, CancellationToken cancellationToken) =>
        engine.WriteAsync(
            async session =>
            {
                if (await session.NumberAsync("SELECT MIN(number) FROM services WHERE name = @0", name) is { } known) return known;
                var number = formerly ?? await session.NumberAsync("SELECT COALESCE(MAX(number), 0) + 1 FROM services") ?? 1;
                await session.ExecuteAsync("INSERT INTO services (number, name) VALUES (@0, @1) "
                    + "ON CONFLICT (number) DO UPDATE SET name = excluded.name", number, name);
                return number;
            },
            cancellationToken);

    public async Task RecordAsync(IReadOnlyCollection<StoredPolicy> begun, IReadOnlyCollection<PolicyKey> ended,
        DateTimeOffset at, CancellationToken cancellationToken)
    {
        try
        {
            // Ended ones first: the same text may begin again under another id.
            await engine.WriteAsync(
                async session => await EndAsync(session, ended) + await BeginAsync(session, begun), cancellationToken);
        }
        catch (StoreException e) when (IsDamage(e))
        {
            await WriteEachAsync(ended, EndAsync, HistoryOf, cancellationToken);
            await WriteEachAsync(begun, BeginAsync, policy => HistoryOf(policy.Key), cancellationToken);
        }

        Task<int> EndAsync(SqlSession session, IReadOnlyCollection<PolicyKey> some) => SqlStore.EndAsync(session, some, at);
    }

    public async Task NoteServedAsync(DateTimeOffset until, IReadOnlyCollection<LastFetch> fetched, CancellationToken cancellationToken)
    {
        try
        {
            await engine.WriteAsync(
                async session => await NoteAsync(session, until) + await NoteAsync(session, fetched), cancellationToken);
        }
        catch (StoreException e) when (IsDamage(e))
        {
            await engine.WriteAsync(session => NoteAsync(session, until), cancellationToken);
            await WriteEachAsync(fetched, NoteAsync, fetch => HistoryOf(fetch.Key), cancellationToken);
        }
    }

    public Task<IReadOnlyList<StoredPolicy>> ListPoliciesAsync(IReadOnlyCollection<string> domains, CancellationToken cancellationToken) =>
        engine.ReadAsync<IReadOnlyList<StoredPolicy>>(
            async session =>
            {
                var servedUntil = await ServedUntilAsync(session);
                var damaged = new HashSet<string>(StringComparer.Ordinal);
                var rows = await ReadEachAsync(domains, names => session.QueryAsync(
                    $"""
                    SELECT domain, id, digest, body, mode, max_age, first_served, since, last_served, last_fetched, left_dns
                    FROM policies WHERE domain IN ({Parameters(0, names.Length)})
                    """,
                    row => ReadPolicy(row, servedUntil, damaged), [.. names]),
                    (name, e) => Unreadable(name, e, damaged));
                foreach (var domain in domains.Where(domain => !damaged.Contains(domain))) _damaged.Clear(HistoryOf(domain));
                // Sorted here, since engines sort text differently.
                return [.. rows.OfType<StoredPolicy>().OrderBy(row => row.Key.Domain, StringComparer.Ordinal)
                    .ThenBy(row => row.Since).ThenBy(row => row.LastServed)];
            },
            cancellationToken);

    public async Task<int> ForgetPoliciesAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var forgotten = await WriteEachAsync(
            await engine.ReadAsync(session => session.QueryAsync(ForgetSql, Key, before), cancellationToken),
            (session, keys) => OnEachAsync(session, keys, (condition, values) =>
                ($"DELETE FROM policies WHERE last_served <= @0 AND {condition}", [before, .. values])),
            HistoryOf, cancellationToken);
        if (forgotten > 0) await engine.WriteAsync(
            session => session.ExecuteAsync("DELETE FROM outside_fetches WHERE domain NOT IN (SELECT domain FROM policies)"),
            cancellationToken);
        return forgotten;
    }

    public async Task<int> PullInPoliciesAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        await WriteEachAsync(
            await engine.ReadAsync(session => session.QueryAsync(PullInSql, Key, now, now + LongestTtl), cancellationToken),
            (session, keys) => OnEachAsync(session, keys, (condition, values) =>
                ($"""
                UPDATE policies SET last_served = CASE WHEN last_served > @0 THEN @0 ELSE last_served END,
                    left_dns = CASE WHEN left_dns > CAST(@0 AS BIGINT) + {(long)LongestTtl.TotalMilliseconds} THEN @0 ELSE left_dns END
                WHERE last_served IS NOT NULL AND {condition}
                """, [now, .. values])),
            HistoryOf, cancellationToken);

    private static Task<int> EndAsync(SqlSession session, IReadOnlyCollection<PolicyKey> keys, DateTimeOffset at) =>
        OnEachAsync(session, keys, (condition, values) =>
            ($"""
            UPDATE policies SET last_served = CASE WHEN since > @0 THEN since ELSE @0 END, left_dns = NULL, removed_at = NULL
            WHERE (last_served IS NULL OR last_served < @0) AND {condition}
            """, [at, .. values]));

    private static async Task<int> BeginAsync(SqlSession session, IReadOnlyCollection<StoredPolicy> begun)
    {
        var rows = 0;
        foreach (var chunk in begun.Chunk(RowsAQuery))
        {
            rows += await session.ExecuteAsync(
                $"""
                INSERT INTO policies (domain, id, digest, body, mode, max_age, first_served, since, served_by)
                VALUES {Rows(0, 9, chunk.Length)}
                ON CONFLICT (domain, id, digest) DO UPDATE SET served_by = excluded.served_by,
                    since = CASE WHEN policies.last_served IS NULL THEN policies.since ELSE excluded.since END, last_served = NULL
                """,
                [.. chunk.SelectMany(policy =>
                    new object?[]
                    {
                        policy.Key.Domain, policy.Key.Id, policy.Key.Digest, policy.Body, policy.Mode, (long)policy.MaxAge,
                        policy.FirstServed, policy.Since, policy.ServedBy,
                    })]);
        }

        return rows;
    }

    /// <summary>Even if earlier than before: that time may come from a clock that was ahead.</summary>
    private static Task<int> NoteAsync(SqlSession session, DateTimeOffset until) => session.ExecuteAsync(
        "INSERT INTO serving (id, until) VALUES (1, @0) ON CONFLICT (id) DO UPDATE SET until = excluded.until", until);

    private static async Task<int> NoteAsync(SqlSession session, IReadOnlyCollection<LastFetch> fetched)
    {
        var rows = 0;
        foreach (var chunk in fetched.Chunk(RowsAQuery))
        {
            rows += await session.ExecuteAsync(
                $"""
                UPDATE policies SET last_fetched = fetched.column4 FROM (VALUES {Rows(0, 4, chunk.Length)}) AS fetched
                WHERE domain = fetched.column1 AND id = fetched.column2 AND digest = fetched.column3
                """,
                [.. chunk.SelectMany(policy => new object?[] { policy.Key.Domain, policy.Key.Id, policy.Key.Digest, policy.At })]);
        }

        return rows;
    }

    /// <summary>Runs a statement on policies, some hundred at a time.</summary>
    /// <param name="statement">From the condition that they fulfil, and its values, which begin at <c>@1</c>.</param>
    private static async Task<int> OnEachAsync(SqlSession session, IReadOnlyCollection<PolicyKey> keys,
        Func<string, IEnumerable<object?>, (string Sql, object?[] Values)> statement)
    {
        var rows = 0;
        foreach (var chunk in keys.Chunk(RowsAQuery))
        {
            var (sql, values) = statement($"(domain, id, digest) IN (VALUES {Rows(1, 3, chunk.Length)})",
                chunk.SelectMany(key => new object?[] { key.Domain, key.Id, key.Digest }));
            rows += await session.ExecuteAsync(sql, values);
        }

        return rows;
    }

    private static async Task<DateTimeOffset?> ServedUntilAsync(SqlSession session) =>
        await session.NumberAsync("SELECT until FROM serving WHERE id = 1") is { } until ? NearestTime(until) : null;

    private static long? Number(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static PolicyKey Key(DbDataReader row) => new(row.GetString(0), row.GetString(1), row.GetString(2));

    private static StoredPolicy Stored(DbDataReader row, DateTimeOffset? servedUntil)
    {
        var (first, since) = (Time(row, 6)!.Value, Time(row, 7)!.Value);
        var last = Time(row, 8) ?? (servedUntil > since ? servedUntil.Value : since);
        return new StoredPolicy(Key(row), row.GetString(3), row.GetString(4),
            checked((int)row.GetInt64(5)), first, since, last, row.IsDBNull(8), Time(row, 9))
        {
            LeftDns = Time(row, 10),
        };
    }

    /// <summary><c>(@0, @1), (@2, @3), …</c> for a list of rows.</summary>
    private static string Rows(int from, int columns, int count) =>
        string.Join(", ", Enumerable.Range(0, count).Select(row => $"({Parameters(from + (row * columns), columns)})"));
}
