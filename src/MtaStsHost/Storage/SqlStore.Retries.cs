namespace MtaStsHost.Storage;

/// <content>Attempts that are made earlier than planned, since what they wait for has changed.</content>
internal sealed partial class SqlStore
{
    /// <summary>Waiting hosts, with what they wait for.</summary>
    internal const string WaitingSql =
        "SELECT host, not_after IS NULL, failure_kind IS NULL, failure_basis, directory_url FROM certificates WHERE due_at > @0";

    public async Task<Retries> RetryChangedAsync(
        IReadOnlyCollection<string> directoryUrls, IReadOnlyCollection<string> bases, CancellationToken cancellationToken)
    {
        var now = Now;
        var waiting = await engine.ReadAsync(session => session.QueryAsync(WaitingSql, row => new Waiting(row.GetString(0),
            Convert.ToBoolean(row.GetValue(1), null), Convert.ToBoolean(row.GetValue(2), null), Text(row, 3), Text(row, 4)), now),
            cancellationToken);
        var (paced, failed, foreign) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var row in waiting)
        {
            if (row.HasNotFailed && row.IsFirst) paced.Add(row.Host);
            else if (!row.HasNotFailed && (row.Basis is null || !bases.Contains(row.Basis))) failed.Add(row.Host);
            else if (row.HasNotFailed && !directoryUrls.Contains(row.DirectoryUrl)) foreign.Add(row.Host);
        }

        await RetryNowAsync(paced);
        return new Retries(await RetryNowAsync(failed), await RetryNowAsync(foreign));

        async Task<int> RetryNowAsync(List<string> hosts) => hosts.Count == 0 ? 0 : await WriteEachAsync(
            hosts, (session, some) => SqlStore.RetryNowAsync(session, some, now), CertificateOf, cancellationToken);
    }

    public async Task<bool> RetrySoonAsync(
        string host, IReadOnlyCollection<string> kinds, TimeSpan pause, CancellationToken cancellationToken)
    {
        if (await FindAsync(host, cancellationToken) is not { DueAt: { } due, Failure: { } failure } || !kinds.Contains(failure.Kind))
            return false;
        var at = failure.AskedAt + pause is { } earliest && earliest > Now ? earliest : Now;
        return at < due && await WriteEachAsync(
            [host],
            async (session, _) => await session.ExecuteAsync("UPDATE certificates SET due_at = @1, revision = @2 WHERE host = @0 "
                + "AND due_at > @1", host, at, await NextRevisionAsync(session)),
            CertificateOf, cancellationToken) > 0;
    }

    /// <summary>Their failures are forgotten: they were those of other settings.</summary>
    private static async Task<int> RetryNowAsync(SqlSession session, IReadOnlyCollection<string> hosts, DateTimeOffset now)
    {
        var (changed, revision) = (0, await NextRevisionAsync(session));
        foreach (var chunk in hosts.Chunk(RowsAQuery))
        {
            changed += await session.ExecuteAsync(
                $"""
                UPDATE certificates SET due_at = @0, revision = @1, failure_attempts = NULL, failure_asked = NULL, failure_kind = NULL,
                    failure_message = NULL, failed_at = NULL, failure_asked_at = NULL, failure_basis = NULL,
                    urgency = CASE WHEN not_after IS NULL AND renewal_requested = 0 THEN {FirstOrder} ELSE {Renewal} END
                WHERE due_at > @0 AND host IN ({Parameters(2, chunk.Length)})
                """,
                [now, revision, .. chunk]);
        }

        return changed;
    }

    private readonly record struct Waiting(string Host, bool IsFirst, bool HasNotFailed, string? Basis, string? DirectoryUrl);
}

/// <summary>Hosts that are due now although they were to wait.</summary>
/// <param name="Failed">Whose last attempt was made under other settings.</param>
/// <param name="OtherCa">Whose certificate is from a CA that is not configured.</param>
internal readonly record struct Retries(int Failed, int OtherCa);
