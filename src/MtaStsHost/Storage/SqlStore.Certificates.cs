using System.Data.Common;

namespace MtaStsHost.Storage;

/// <content>Rows of certificates, and challenges.</content>
internal sealed partial class SqlStore
{
    private const int RowsAQuery = 500;

    private const string Columns =
        """
        host, chain_pem, key_pem, issuer, not_before, not_after, obtained_at, directory_url, account_url, revoked_at,
        renew_at, window_start, window_end, ask_window_at, order_directory_url, order_account_url, order_url, order_key_pem,
        challenge_type, failure_attempts, failure_asked, failure_kind, failure_message, failed_at, renewal_requested, due_at, revision,
        failure_asked_at, failure_basis
        """;

    internal const string HostsSql = "SELECT host FROM certificates ORDER BY host";

    internal const string ChangesSql =
        """
        SELECT host, not_before, not_after, failure_kind, due_at, revision, renew_at, directory_url FROM certificates
        WHERE revision > @0 ORDER BY revision, host
        """;

    public async Task<CertificateRecord?> FindAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await engine.ReadAsync(session => FindAsync(session, host), cancellationToken);
        }
        catch (StoreException e) when (IsDamage(e))
        {
            return Damaged(host, e.InnerException!);
        }
    }

    public Task<IReadOnlyList<CertificateRecord>> ListAsync(IReadOnlyCollection<string>? hosts, CancellationToken cancellationToken) =>
        engine.ReadAsync<IReadOnlyList<CertificateRecord>>(
            async session =>
            {
                hosts ??= await session.QueryAsync(HostsSql, row => row.GetString(0));
                var rows = await ReadEachAsync(hosts, names => session.QueryAsync(
                    $"SELECT {Columns} FROM certificates WHERE host IN ({Parameters(0, names.Length)})", ReadRecord, [.. names]),
                    Damaged);
                // Sorted here, since engines sort text differently.
                rows.Sort((one, other) => string.CompareOrdinal(one.Host, other.Host));
                return rows;
            },
            cancellationToken);

    public Task<IReadOnlyList<CertificateSummary>> ListChangesAsync(long afterRevision, CancellationToken cancellationToken) =>
        engine.ReadAsync<IReadOnlyList<CertificateSummary>>(
            async session => await session.QueryAsync(ChangesSql, ReadSummary, afterRevision), cancellationToken);

    public Task SaveAsync(CertificateRecord record, IReadOnlyList<StoredChallenge> challenges,
        string owner, bool release, CancellationToken cancellationToken) =>
        engine.WriteAsync(
            async session =>
            {
                // An expired lease still counts as ours until another replica takes it. If it is gone, another one had it and is done. This
                // update changes nothing, and holds the lease until the commit.
                var lease = HostLease + record.Host;
                if (await session.ExecuteAsync("UPDATE leases SET owner = @1 WHERE name = @0 AND owner = @1",
                    lease, owner) == 0) await AddAsync(session, record, lease, owner);
                try
                {
                    await UpdateAsync(session, record);
                }
                catch (DbException e) when (engine.IsDamage(e))
                {
                    _damaged.Note(CertificateOf(record.Host), "its place in the store is damaged, so it can't be written");
                    throw new RowDamagedException(CertificateOf(record.Host), e);
                }

                await session.ExecuteAsync("DELETE FROM challenges WHERE host = @0", record.Host);
                foreach (var challenge in challenges)
                {
                    await session.ExecuteAsync(
                        "INSERT INTO challenges (host, type, token, key_authorization, expires_at) VALUES (@0, @1, @2, @3, @4)",
                        challenge.Host, challenge.Type, challenge.Token, challenge.KeyAuthorization, challenge.Expires);
                }

                _damaged.Clear(CertificateOf(record.Host));
                return release ? await session.ExecuteAsync("DELETE FROM leases WHERE name = @0 AND owner = @1", lease, owner) : 0;
            },
            cancellationToken);

    public Task<IReadOnlyList<StoredChallenge>> ListChallengesAsync(CancellationToken cancellationToken) =>
        engine.ReadAsync<IReadOnlyList<StoredChallenge>>(
            async session => [.. (await session.QueryAsync(
                "SELECT host, type, token, key_authorization, expires_at FROM challenges WHERE expires_at > @0", ReadChallenge, Now))
                .OfType<StoredChallenge>()],
            cancellationToken);

    private async Task<CertificateRecord?> FindAsync(SqlSession session, string host) =>
        (await session.QueryAsync($"SELECT {Columns} FROM certificates WHERE host = @0", ReadRecord, host)).FirstOrDefault();

    /// <summary>A store that was replaced while the service ran has neither lease nor row, but must keep the certificate.</summary>
    private async Task AddAsync(SqlSession session, CertificateRecord record, string lease, string owner)
    {
        var added = await TryLeaseAsync(session, lease, owner, s_longestLease / 60) ? await session.ExecuteAsync(
            "INSERT INTO certificates (host, renewal_requested, urgency, due_at, revision) VALUES (@0, 0, 0, @1, 0) ON CONFLICT (host) "
                + "DO NOTHING", record.Host, record.DueAt) : 0;
        if (added == 0) throw new LeaseLostException(record.Host);
    }

    private static async Task UpdateAsync(SqlSession session, CertificateRecord record)
    {
        var (certificate, order, failure) = (record.Certificate, record.Order, record.Failure);
        // A host that was parked during its order stays parked, and a renewal that was requested during it stays requested until there is
        // another certificate.
        const string AskedMeanwhile =
            "renewal_requested > CAST(@24 AS BIGINT) AND COALESCE(chain_pem, '') = COALESCE(CAST(@1 AS TEXT), '')";
        await session.ExecuteAsync(
            $"""
            UPDATE certificates SET
                chain_pem = @1, key_pem = @2, issuer = @3, not_before = @4, not_after = @5, obtained_at = @6, directory_url = @7,
                account_url = @8, revoked_at = @9, renew_at = @10, window_start = @11, window_end = @12, ask_window_at = @13,
                order_directory_url = @14,
                order_account_url = @15, order_url = @16, order_key_pem = @17, challenge_type = @18, failure_attempts = @19,
                failure_asked = @20, failure_kind = @21, failure_message = @22, failed_at = @23,
                renewal_requested = CASE WHEN {AskedMeanwhile} THEN 1 ELSE CAST(@24 AS BIGINT) END,
                due_at = CASE WHEN due_at IS NULL THEN NULL WHEN {AskedMeanwhile} THEN due_at ELSE CAST(@25 AS BIGINT) END,
                urgency = CASE WHEN {AskedMeanwhile} THEN urgency ELSE CAST(@26 AS BIGINT) END, revision = @27,
                failure_asked_at = @28, failure_basis = @29
            WHERE host = @0
            """,
            record.Host, certificate?.ChainPem, certificate?.KeyPem, certificate?.Issuer,
                certificate?.NotBefore, certificate?.NotAfter, certificate?.ObtainedAt,
            certificate?.DirectoryUrl, certificate?.AccountUrl, certificate?.RevokedAt,
                record.RenewAt, record.Window?.Start, record.Window?.End, record.AskWindowAt,
            order?.DirectoryUrl, order?.AccountUrl, order?.Url, order?.KeyPem, record.ChallengeType,
            (long?)failure?.Attempts, (long?)failure?.Asked, failure?.Kind, failure?.Message, failure?.At,
            record.RenewalRequested ? 1L : 0L, record.DueAt, (long)Urgency(record), await NextRevisionAsync(session),
            failure?.AskedAt, failure?.Basis);
    }

    private static CertificateRecord Record(DbDataReader row) => new()
    {
        Host = row.GetString(0),
        Certificate = row.IsDBNull(1) ? null : new StoredCertificate(
            row.GetString(1), row.GetString(2), row.GetString(3), Time(row, 4)!.Value,
                Time(row, 5)!.Value, Time(row, 6)!.Value, row.GetString(7), row.GetString(8), Time(row, 9)),
        RenewAt = Time(row, 10),
        Window = row.IsDBNull(11) ? null : new StoredRenewalWindow(Time(row, 11)!.Value, Time(row, 12)!.Value),
        AskWindowAt = Time(row, 13),
        Order = row.IsDBNull(14) ? null : new StoredOrder(row.GetString(14), row.GetString(15), row.GetString(16), row.GetString(17)),
        ChallengeType = Text(row, 18),
        Failure = row.IsDBNull(19) ? null : new StoredFailure(checked((int)row.GetInt64(19)),
            checked((int)row.GetInt64(20)), row.GetString(21), row.GetString(22), Time(row, 23)!.Value)
        {
            AskedAt = Time(row, 27),
            Basis = Text(row, 28),
        },
        RenewalRequested = row.GetInt64(24) != 0,
        DueAt = Time(row, 25),
        Revision = row.GetInt64(26),
    };
}
