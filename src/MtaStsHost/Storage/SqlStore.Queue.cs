using System.Data.Common;

namespace MtaStsHost.Storage;

/// <content>The queue: its hosts and its length.</content>
internal sealed partial class SqlStore
{
    /// <summary>In the order in which hosts are claimed: renewals and operators' requests, first orders, failed first orders.</summary>
    private const int Renewal = 0;

    private const int FirstOrder = 1;

    private const int FailedFirstOrder = 2;

    private const string Late = "due_at > @0 AND (not_after IS NULL OR failure_kind IS NOT NULL)";

    internal const string KnownSql = "SELECT host, due_at IS NULL FROM certificates";

    internal const string LateSql = $"SELECT host FROM certificates WHERE {Late}";

    internal const string QueueLengthSql =
        """
        SELECT COUNT(*) FILTER (WHERE due_at <= @0 AND not_after IS NOT NULL), COUNT(*) FILTER (WHERE due_at <= @0 AND not_after IS NULL),
            COUNT(*) FILTER (WHERE due_at IS NOT NULL AND not_after IS NULL) FROM certificates
        """;

    public Task<int> EnqueueAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellationToken) =>
        WriteEachAsync(hosts, EnqueueAsync, CertificateOf, cancellationToken);

    public Task ParkAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellationToken) =>
        WriteEachAsync(hosts, ParkAsync, CertificateOf, cancellationToken);

    public Task<bool> RequestRenewalAsync(string host, CancellationToken cancellationToken) =>
        engine.WriteAsync(
            async session =>
            {
                if (await session.NumberAsync("SELECT COUNT(*) FROM certificates WHERE host = @0", host) is null or 0) return false;
                var revision = await NextRevisionAsync(session);
                try
                {
                    // A parked host stays parked until it is configured again.
                    return await session.ExecuteAsync(
                        "UPDATE certificates SET renewal_requested = 1, urgency = @1, due_at = CASE WHEN due_at IS NULL THEN NULL ELSE "
                            + "CAST(@2 AS BIGINT) END, revision = @3 WHERE host = @0",
                        host, (long)Renewal, Now, revision) > 0;
                }
                catch (DbException e) when (engine.IsDamage(e))
                {
                    throw new RowDamagedException(CertificateOf(host), e);
                }
            },
            cancellationToken);

    public async Task<int> PullInAsync(TimeSpan longestWait, CancellationToken cancellationToken)
    {
        var (now, latest) = (Now, Now + longestWait);
        var late = await engine.ReadAsync(session => session.QueryAsync(LateSql, row => row.GetString(0), latest), cancellationToken);
        return late.Count == 0 ? 0 : await WriteEachAsync(late, PullInAsync, CertificateOf, cancellationToken);

        async Task<int> PullInAsync(SqlSession session, IReadOnlyCollection<string> some)
        {
            var (pulled, revision) = (0, await NextRevisionAsync(session));
            foreach (var chunk in some.Chunk(RowsAQuery))
                pulled += await session.ExecuteAsync(
                    $"UPDATE certificates SET due_at = @1, revision = @2 WHERE {Late} AND host IN ({Parameters(3, chunk.Length)})",
                    [latest, now, revision, .. chunk]);
            return pulled;
        }
    }

    public Task<QueueLength> GetQueueLengthAsync(CancellationToken cancellationToken) =>
        engine.ReadAsync(
            async session =>
            {
                var now = Now;
                var challenges = await session.NumberAsync("SELECT COUNT(*) FROM challenges WHERE expires_at > @0", now) ?? 0;
                return (await session.QueryAsync(
                    QueueLengthSql, row => new QueueLength((int)row.GetInt64(0),
                        (int)row.GetInt64(1), (int)row.GetInt64(2), (int)challenges), now))[0];
            },
            cancellationToken);

    private async Task<int> EnqueueAsync(SqlSession session, IReadOnlyCollection<string> hosts)
    {
        // With 100,000 known names, this reads one index and writes nothing.
        var known = (await session.QueryAsync(KnownSql,
            row => (Host: row.GetString(0), IsParked: Convert.ToBoolean(row.GetValue(1), null))))
            .ToDictionary(row => row.Host, row => row.IsParked, StringComparer.Ordinal);
        var added = hosts.Where(host => !known.ContainsKey(host)).Distinct(StringComparer.Ordinal).ToList();
        var back = hosts.Where(host => known.GetValueOrDefault(host)).Distinct(StringComparer.Ordinal).ToList();
        if (added.Count + back.Count == 0) return 0;
        var (now, revision) = (Now.ToUnixTimeMilliseconds(), await NextRevisionAsync(session));
        foreach (var chunk in added.Chunk(RowsAQuery))
        {
            var rows = string.Join(", ", Enumerable.Range(2, chunk.Length)
                .Select(number => $"(@{number}, 0, {FirstOrder}, @0, @1)"));
            await session.ExecuteAsync(
                $"INSERT INTO certificates (host, renewal_requested, urgency, due_at, revision) VALUES {rows} ON CONFLICT (host) "
                    + $"DO NOTHING", [now, revision, .. chunk]);
        }

        foreach (var chunk in back.Chunk(RowsAQuery))
        {
            await session.ExecuteAsync(
                $"""
                UPDATE certificates SET revision = @1, due_at = CASE
                    WHEN not_after IS NULL OR renew_at IS NULL OR renewal_requested <> 0 THEN @0
                    WHEN ask_window_at IS NOT NULL AND ask_window_at < renew_at THEN ask_window_at
                    ELSE renew_at END
                WHERE host IN ({Parameters(2, chunk.Length)})
                """,
                [now, revision, .. chunk]);
        }

        return added.Count + back.Count;
    }

    private static async Task<int> ParkAsync(SqlSession session, IReadOnlyCollection<string> hosts)
    {
        var parked = 0;
        long? revision = null;
        foreach (var chunk in hosts.Chunk(RowsAQuery))
        {
            var queued = await session.NumberAsync(
                $"SELECT COUNT(*) FROM certificates WHERE due_at IS NOT NULL AND host IN ({Parameters(0, chunk.Length)})",
                [.. chunk]);
            if (queued is null or 0) continue;
            revision ??= await NextRevisionAsync(session);
            parked += await session.ExecuteAsync(
                $"UPDATE certificates SET due_at = NULL, revision = @0 WHERE due_at IS NOT NULL AND host IN "
                + $"({Parameters(1, chunk.Length)})", [revision, .. chunk]);
        }

        return parked;
    }

    private static int Urgency(CertificateRecord record) =>
        record.Certificate is not null || record.RenewalRequested ? Renewal : record.Failure is null ? FirstOrder : FailedFirstOrder;
}
