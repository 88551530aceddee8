namespace MtaStsHost.Storage;

/// <content>Leases.</content>
internal sealed partial class SqlStore
{
    private const string HostLease = "certificate/";

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
