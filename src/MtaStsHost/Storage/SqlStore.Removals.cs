namespace MtaStsHost.Storage;

/// <content>What became of policies that ended, and of domains that were removed.</content>
internal sealed partial class SqlStore
{
    /// <summary>No resolver keeps a record longer.</summary>
    public static readonly TimeSpan LongestTtl = TimeSpan.FromDays(7);

    internal const string CachedSql =
        """
        SELECT domain, MAX(served_by) FROM policies WHERE last_served > 0 AND mode <> 'none' AND max_age > 0
        AND (left_dns IS NULL OR CASE WHEN last_served > left_dns THEN last_served ELSE left_dns END + max_age * 1000 > @0)
        GROUP BY domain
        """;

    public Task NoteRemovedAsync(IReadOnlyCollection<DomainRemoved> removed, CancellationToken cancellationToken) =>
        WriteEachAsync(removed, NoteAsync, domain => HistoryOf(domain.Key), cancellationToken);

    public Task NoteLeftDnsAsync(IReadOnlyCollection<IdLeftDns> ids, CancellationToken cancellationToken) =>
        WriteEachAsync(ids, NoteAsync, id => HistoryOf(id.Domain), cancellationToken);

    public Task ForgetDomainsAsync(IReadOnlyCollection<string> domains, CancellationToken cancellationToken) =>
        WriteEachAsync(domains, ForgetAsync, HistoryOf, cancellationToken);

    public Task<IReadOnlyList<string>> ListForgottenAsync(CancellationToken cancellationToken) =>
        engine.ReadAsync<IReadOnlyList<string>>(
            async session => await session.QueryAsync("SELECT domain FROM forgotten", row => row.GetString(0)), cancellationToken);

    public Task NoteForgottenAsync(IReadOnlyCollection<string> domains, CancellationToken cancellationToken) =>
        engine.WriteAsync(
            async session =>
            {
                foreach (var domain in domains) await session.ExecuteAsync("DELETE FROM forgotten WHERE domain = @0", domain);
                return true;
            },
            cancellationToken);

    private static async Task<int> ForgetAsync(SqlSession session, IReadOnlyCollection<string> domains)
    {
        var rows = 0;
        foreach (var domain in domains)
        {
            rows += await session.ExecuteAsync("DELETE FROM policies WHERE domain = @0", domain);
            await session.ExecuteAsync("INSERT INTO forgotten (domain) VALUES (@0) ON CONFLICT (domain) DO NOTHING", domain);
        }

        return rows;
    }

    private static async Task<int> NoteAsync(SqlSession session, IReadOnlyCollection<DomainRemoved> removed)
    {
        var rows = 0;
        foreach (var (key, at) in removed)
        {
            rows += await session.ExecuteAsync(
                "UPDATE policies SET removed_at = @3 WHERE domain = @0 AND id = @1 AND digest = @2", key.Domain, key.Id, key.Digest, at);
        }

        return rows;
    }

    private static async Task<int> NoteAsync(SqlSession session, IReadOnlyCollection<IdLeftDns> ids)
    {
        var rows = 0;
        foreach (var (domain, id, at) in ids)
        {
            rows += await session.ExecuteAsync(
                "UPDATE policies SET left_dns = @2 WHERE domain = @0 AND id = @1 AND last_served IS NOT NULL", domain, id, at);
        }

        return rows;
    }

    public Task<IReadOnlyList<CachedPolicies>> ListCachedAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        engine.ReadAsync<IReadOnlyList<CachedPolicies>>(
            async session => await session.QueryAsync(CachedSql, row => new CachedPolicies(row.GetString(0), Number(row, 1)), now),
            cancellationToken);
}
