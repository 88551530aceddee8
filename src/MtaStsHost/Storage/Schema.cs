namespace MtaStsHost.Storage;

/// <summary>The tables, as numbered steps: each is run once, in order, and never changed after a release.</summary>
internal static class Schema
{
    /// <remarks>PEM fills several pages per row of certificates, so queries over all rows use the indexes only.</remarks>
    private static readonly string[] s_steps =
    [
        """
        CREATE TABLE accounts (
            directory_url TEXT NOT NULL, eab_key_id TEXT NOT NULL, key_pem TEXT NOT NULL, url TEXT, contact TEXT NOT NULL,
            PRIMARY KEY (directory_url, eab_key_id));
        CREATE TABLE certificates (
            host TEXT NOT NULL PRIMARY KEY,
            chain_pem TEXT, key_pem TEXT, issuer TEXT, not_before BIGINT, not_after BIGINT, obtained_at BIGINT,
            directory_url TEXT, account_url TEXT, revoked_at BIGINT,
            renew_at BIGINT, window_start BIGINT, window_end BIGINT, ask_window_at BIGINT,
            order_directory_url TEXT, order_account_url TEXT, order_url TEXT, order_key_pem TEXT,
            challenge_type TEXT,
            failure_attempts BIGINT, failure_asked BIGINT, failure_kind TEXT, failure_message TEXT, failed_at BIGINT,
            renewal_requested BIGINT NOT NULL, urgency BIGINT NOT NULL, due_at BIGINT, revision BIGINT NOT NULL);
        CREATE INDEX certificates_due ON certificates (urgency, due_at, host, not_after);
        CREATE INDEX certificates_revision ON certificates (revision, host, not_before, not_after, failure_kind, due_at);
        CREATE TABLE challenges (
            host TEXT NOT NULL, type TEXT NOT NULL, token TEXT NOT NULL, key_authorization TEXT NOT NULL, expires_at BIGINT NOT NULL,
            PRIMARY KEY (host, type, token));
        CREATE TABLE leases (name TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, expires_at BIGINT NOT NULL);
        CREATE INDEX leases_owner ON leases (owner);
        CREATE TABLE orders (directory_url TEXT NOT NULL, ordered_at BIGINT NOT NULL);
        CREATE INDEX orders_by_time ON orders (directory_url, ordered_at);
        CREATE TABLE revisions (id BIGINT NOT NULL PRIMARY KEY, value BIGINT NOT NULL);
        INSERT INTO revisions (id, value) VALUES (1, 0);
        """,
        """
        CREATE TABLE policies (
            domain TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, body TEXT NOT NULL, mode TEXT NOT NULL, max_age BIGINT NOT NULL,
            first_served BIGINT NOT NULL, since BIGINT NOT NULL, last_served BIGINT, last_fetched BIGINT,
            PRIMARY KEY (domain, id, digest));
        CREATE INDEX policies_served ON policies (last_served, domain, id, digest, mode, max_age);
        CREATE TABLE serving (id BIGINT NOT NULL PRIMARY KEY, until BIGINT NOT NULL);
        """,
        """
        ALTER TABLE policies ADD COLUMN served_by BIGINT;
        DROP INDEX policies_served;
        CREATE INDEX policies_served ON policies (last_served, domain, id, digest, mode, max_age, served_by);
        CREATE TABLE services (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL);
        """,
        "CREATE TABLE outside_fetches (domain TEXT NOT NULL PRIMARY KEY, v4 BIGINT, v6 BIGINT)",
        """
        ALTER TABLE certificates ADD COLUMN failure_asked_at BIGINT;
        ALTER TABLE certificates ADD COLUMN failure_basis TEXT;
        DROP INDEX certificates_revision;
        CREATE INDEX certificates_revision ON certificates (
            revision, host, not_before, not_after, failure_kind, due_at, renew_at, directory_url, failure_basis);
        """,
        // Policies that ended before count as gone from DNS at that time, unless they are seen there.
        """
        ALTER TABLE policies ADD COLUMN left_dns BIGINT;
        ALTER TABLE policies ADD COLUMN removed_at BIGINT;
        UPDATE policies SET left_dns = last_served WHERE last_served IS NOT NULL;
        DROP INDEX policies_served;
        CREATE INDEX policies_served ON policies (last_served, domain, id, digest, mode, max_age, served_by, left_dns, removed_at);
        """,
        "CREATE TABLE forgotten (domain TEXT NOT NULL PRIMARY KEY)",
    ];

    /// <summary>Inside one transaction: the old schema or the new one, whole.</summary>
    /// <exception cref="StoreException">A newer version of this program created it.</exception>
    public static async Task MigrateAsync(SqlSession session)
    {
        await session.ExecuteAsync("CREATE TABLE IF NOT EXISTS schema_version (id BIGINT NOT NULL PRIMARY KEY, version BIGINT NOT NULL)");
        var version = await session.NumberAsync("SELECT version FROM schema_version WHERE id = 1") ?? 0;
        if (version > s_steps.Length)
            throw new StoreException($"the store has schema {version}, and this version of MtaStsHost knows {s_steps.Length}",
                "run that newer version, or restore a backup");
        if (version == s_steps.Length) return;
        for (var step = (int)version; step < s_steps.Length; step++)
        {
            foreach (var statement in s_steps[step]
                .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)) await session.ExecuteAsync(statement);
        }

        await session.ExecuteAsync(
            "INSERT INTO schema_version (id, version) VALUES (1, @0) ON CONFLICT (id) DO UPDATE SET version = excluded.version",
            (long)s_steps.Length);
    }
}
