namespace MtaStsHost.Storage;

/// <content>The queue: who is due.</content>
internal sealed partial class SqlStore
{
    /// <summary>In the order in which hosts are taken: renewals, first orders, first orders that failed.</summary>
    private const int Renewal = 0;

    private const int FirstOrder = 1;

    private const int FailedFirstOrder = 2;

    public Task<int> EnqueueAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellationToken) =>
        engine.WriteAsync(
            async session =>
            {
                // With 100,000 names that are all there, one read of an index, and nothing is written.
                var known = (await session.QueryAsync("SELECT host, due_at IS NULL FROM certificates", row => (Host: row.GetString(0), IsParked: Convert.ToBoolean(row.GetValue(1), null))))
                    .ToDictionary(row => row.Host, row => row.IsParked, StringComparer.Ordinal);
                var added = hosts.Where(host => !known.ContainsKey(host)).ToList();
                var back = hosts.Where(host => known.GetValueOrDefault(host)).ToList();
                if (added.Count + back.Count == 0) return 0;
                var (now, revision) = (Now.ToUnixTimeMilliseconds(), await NextRevisionAsync(session));
                foreach (var chunk in added.Chunk(RowsAQuery))
                {
                    var rows = string.Join(", ", Enumerable.Range(2, chunk.Length).Select(number => $"(@{number}, 0, {FirstOrder}, @0, @1)"));
                    await session.ExecuteAsync(
                        $"INSERT INTO certificates (host, renewal_requested, urgency, due_at, revision) VALUES {rows} ON CONFLICT (host) DO NOTHING", [now, revision, .. chunk]);
                }

                foreach (var chunk in back.Chunk(RowsAQuery))
                {
                    await session.ExecuteAsync(
                        $"""
                        UPDATE certificates SET revision = @1, due_at = CASE
                            WHEN not_after IS NULL OR renew_at IS NULL THEN @0
                            WHEN ask_window_at IS NOT NULL AND ask_window_at < renew_at THEN ask_window_at
                            ELSE renew_at END
                        WHERE host IN ({Parameters(2, chunk.Length)})
                        """,
                        [now, revision, .. chunk]);
                }

                return added.Count + back.Count;
            },
            cancellationToken);

    public Task ParkAsync(IReadOnlyCollection<string> hosts, CancellationToken cancellationToken) =>
        engine.WriteAsync(
            async session =>
            {
                var revision = await NextRevisionAsync(session);
                foreach (var chunk in hosts.Chunk(RowsAQuery))
                    await session.ExecuteAsync($"UPDATE certificates SET due_at = NULL, revision = @0 WHERE due_at IS NOT NULL AND host IN ({Parameters(1, chunk.Length)})", [revision, .. chunk]);
                return hosts.Count;
            },
            cancellationToken);

    public Task<IReadOnlyList<CertificateRecord>> ClaimDueAsync(string owner, int most, bool firstOrders, TimeSpan lease, CancellationToken cancellationToken) =>
        engine.WriteAsync<IReadOnlyList<CertificateRecord>>(
            async session =>
            {
                var claimed = new List<CertificateRecord>();
                foreach (var urgency in firstOrders ? (int[])[Renewal, FirstOrder, FailedFirstOrder] : [Renewal])
                {
                    if (claimed.Count == most) break;
                    foreach (var host in await DueAsync(session, urgency, most - claimed.Count))
                    {
                        if (await TryLeaseAsync(session, HostLease + host, owner, lease) && await FindAsync(session, host) is { } record) claimed.Add(record);
                    }
                }

                return claimed;
            },
            cancellationToken);

    public Task<CertificateRecord?> ClaimAsync(string host, string owner, TimeSpan lease, CancellationToken cancellationToken) =>
        engine.WriteAsync(
            async session => await TryLeaseAsync(session, HostLease + host, owner, lease) ? await FindAsync(session, host) : null,
            cancellationToken);

    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken) =>
        engine.ReadAsync(
            async session =>
            {
                // One look at the index for each urgency; a minimum over all rows would read them all.
                long? next = null;
                for (var urgency = Renewal; urgency <= FailedFirstOrder; urgency++)
                {
                    var due = await session.NumberAsync($"SELECT due_at FROM certificates WHERE urgency = @0 AND due_at IS NOT NULL AND {NotLeased} ORDER BY due_at LIMIT 1", (long)urgency, Now, Now + s_longestLease);
                    if (due < (next ?? long.MaxValue)) next = due;
                }

                return next is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : (DateTimeOffset?)null;
            },
            cancellationToken);

    public Task<bool> RequestRenewalAsync(string host, CancellationToken cancellationToken) =>
        engine.WriteAsync(
            async session => await session.ExecuteAsync(
                "UPDATE certificates SET renewal_requested = 1, urgency = @1, due_at = @2, revision = @3 WHERE host = @0",
                host, (long)Renewal, Now, await NextRevisionAsync(session)) > 0,
            cancellationToken);

    public Task<int> PullInAsync(TimeSpan longestWait, CancellationToken cancellationToken) =>
        engine.WriteAsync(
            async session =>
            {
                const string Late = "FROM certificates WHERE due_at > @0 AND (not_after IS NULL OR failure_attempts IS NOT NULL)";
                var latest = Now + longestWait;
                if (await session.NumberAsync($"SELECT COUNT(*) {Late}", latest) is null or 0) return 0;
                return await session.ExecuteAsync(
                    "UPDATE certificates SET due_at = @1, revision = @2 WHERE due_at > @0 AND (not_after IS NULL OR failure_attempts IS NOT NULL)", latest, Now, await NextRevisionAsync(session));
            },
            cancellationToken);

    public Task<QueueLength> GetQueueLengthAsync(CancellationToken cancellationToken) =>
        engine.ReadAsync(
            async session => new QueueLength(
                (int)(await session.NumberAsync("SELECT COUNT(*) FROM certificates WHERE urgency = @0 AND due_at <= @1", (long)Renewal, Now) ?? 0),
                (int)(await session.NumberAsync("SELECT COUNT(*) FROM certificates WHERE urgency IN (@0, @1) AND due_at <= @2", (long)FirstOrder, (long)FailedFirstOrder, Now) ?? 0),
                (int)(await session.NumberAsync("SELECT COUNT(*) FROM certificates WHERE urgency IN (@0, @1) AND due_at IS NOT NULL", (long)FirstOrder, (long)FailedFirstOrder) ?? 0),
                (int)(await session.NumberAsync("SELECT COUNT(*) FROM challenges WHERE expires_at > @0", Now) ?? 0)),
            cancellationToken);

    private const string NotLeased =
        $"NOT EXISTS (SELECT 1 FROM leases WHERE leases.name = '{HostLease}' || certificates.host AND leases.expires_at > @1 AND leases.expires_at <= @2)";

    private Task<List<string>> DueAsync(SqlSession session, int urgency, int most) => session.QueryAsync(
        $"SELECT host FROM certificates WHERE urgency = @0 AND due_at <= @1 AND {NotLeased} ORDER BY due_at, host LIMIT @3",
        row => row.GetString(0), (long)urgency, Now, Now + s_longestLease, (long)most);

    private static int Urgency(CertificateRecord record) =>
        record.Certificate is not null || record.RenewalRequested ? Renewal : record.Failure is null ? FirstOrder : FailedFirstOrder;
}
