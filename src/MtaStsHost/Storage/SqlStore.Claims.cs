namespace MtaStsHost.Storage;

/// <content>Leases, which hosts are due next, and claiming them.</content>
internal sealed partial class SqlStore
{
    private const string HostLease = "certificate/";

    private const string NotLeased =
        $"NOT EXISTS (SELECT 1 FROM leases WHERE leases.name = '{HostLease}' || certificates.host AND leases.expires_at > @1 AND "
            + $"leases.expires_at <= @2)";

    internal const string DueSql =
        $"SELECT host FROM certificates WHERE urgency = @0 AND due_at <= @1 AND {NotLeased} ORDER BY due_at, host LIMIT @3";

    internal const string NextDueSql =
        $"SELECT due_at FROM certificates WHERE urgency = @0 AND due_at IS NOT NULL AND {NotLeased} ORDER BY due_at LIMIT 1";

    public async Task<IReadOnlyList<CertificateRecord>> ClaimDueAsync(string owner,
        int most, bool firstOrders, TimeSpan lease, CancellationToken cancellationToken)
    {
        try
        {
            return await engine.WriteAsync(
                async session =>
                {
                    var claimed = new List<CertificateRecord>();
                    foreach (var host in await DueAsync(session, most, firstOrders))
                    {
                        if (await ClaimAsync(session, host, owner, lease) is { } record) claimed.Add(record);
                    }

                    return claimed;
                },
                cancellationToken);
        }
        catch (StoreException e) when (IsDamage(e))
        {
            // One of them is on a damaged page, which ends the transaction.
            var claimed = new List<CertificateRecord>();
            foreach (var host in await engine.ReadAsync(session => DueAsync(session, most, firstOrders), cancellationToken))
            {
                if (await ClaimAsync(host, owner, lease, cancellationToken) is { } record) claimed.Add(record);
            }

            return claimed;
        }
    }

    public async Task<CertificateRecord?> ClaimAsync(string host, string owner, TimeSpan lease, CancellationToken cancellationToken)
    {
        try
        {
            return await engine.WriteAsync(session => ClaimAsync(session, host, owner, lease), cancellationToken);
        }
        catch (StoreException e) when (IsDamage(e))
        {
            return await TryLeaseAsync(HostLease + host, owner, lease, cancellationToken) ? Damaged(host, e.InnerException!) : null;
        }
    }

    public Task<DateTimeOffset?> NextDueAsync(CancellationToken cancellationToken) =>
        engine.ReadAsync(
            async session =>
            {
                // One index lookup per urgency; a minimum over all rows would read them all.
                long? next = null;
                for (var urgency = Renewal; urgency <= FailedFirstOrder; urgency++)
                {
                    var due = await session.NumberAsync(NextDueSql, (long)urgency, Now, Now + s_longestLease);
                    if (due < (next ?? long.MaxValue)) next = due;
                }

                return next is { } at ? NearestTime(at) : (DateTimeOffset?)null;
            },
            cancellationToken);

    public Task<bool> TryLeaseAsync(string name, string owner, TimeSpan lease, CancellationToken cancellationToken) =>
        engine.WriteAsync(session => TryLeaseAsync(session, name, owner, lease), cancellationToken);

    public Task ExtendLeasesAsync(string owner, TimeSpan lease, CancellationToken cancellationToken) =>
        engine.WriteAsync(session => session.ExecuteAsync("UPDATE leases SET expires_at = @1 WHERE owner = @0", owner, Now + lease),
            cancellationToken);

    public Task ReleaseLeasesAsync(string owner, string? name, CancellationToken cancellationToken) =>
        engine.WriteAsync(
            session => name is null
                ? session.ExecuteAsync("DELETE FROM leases WHERE owner = @0", owner)
                : session.ExecuteAsync("DELETE FROM leases WHERE owner = @0 AND name = @1", owner, name),
            cancellationToken);

    private async Task<List<string>> DueAsync(SqlSession session, int most, bool firstOrders)
    {
        var due = new List<string>();
        foreach (var urgency in firstOrders ? (int[])[Renewal, FirstOrder, FailedFirstOrder] : [Renewal])
        {
            if (due.Count == most) break;
            due.AddRange(await session.QueryAsync(DueSql, row => row.GetString(0),
                (long)urgency, Now, Now + s_longestLease, (long)(most - due.Count)));
        }

        return due;
    }

    private async Task<CertificateRecord?> ClaimAsync(SqlSession session, string host, string owner, TimeSpan lease)
    {
        if (!await TryLeaseAsync(session, HostLease + host, owner, lease)) return null;
        var record = await FindAsync(session, host);
        if (record is null) await session.ExecuteAsync("DELETE FROM leases WHERE name = @0 AND owner = @1", HostLease + host, owner);
        return record;
    }

    private async Task<bool> TryLeaseAsync(SqlSession session, string name, string owner, TimeSpan lease)
    {
        var now = Now;
        return await session.ExecuteAsync(
            """
            INSERT INTO leases (name, owner, expires_at) VALUES (@0, @1, @2)
            ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
            WHERE leases.owner = excluded.owner OR leases.expires_at <= @3 OR leases.expires_at > @4
            """,
            name, owner, now + lease, now, now + s_longestLease) > 0;
    }
}
