using System.Data.Common;

namespace MtaStsHost.Storage;

/// <content>Rows that can't be read or written: each is a matter of its own.</content>
internal sealed partial class SqlStore
{
    /// <summary>What the conversion of a value throws that doesn't belong into its column.</summary>
    private static bool IsConversion(Exception e) =>
        e is InvalidCastException or InvalidOperationException or ArgumentException or OverflowException or FormatException;

    private static string CertificateOf(string host) => $"the certificate of {host}";

    private static string AccountAt(string directoryUrl) => $"the account at {directoryUrl}";

    private static string HistoryOf(string domain) => $"the history of {domain}";

    private static string HistoryOf(PolicyKey key) => HistoryOf(key.Domain);

    /// <summary>Reads rows by their names with as few queries as possible: one by one only where a page of the file is damaged.</summary>
    /// <param name="read">Reads the rows of some names.</param>
    /// <param name="unreadable">What stands for a name whose rows are on a damaged page; <c>null</c>: it is left out.</param>
    private async Task<List<T>> ReadEachAsync<T>(IReadOnlyCollection<string> names,
        Func<string[], Task<List<T>>> read, Func<string, DbException, T?> unreadable)
    {
        var rows = new List<T>(names.Count);
        foreach (var chunk in names.Chunk(RowsAQuery))
        {
            try
            {
                rows.AddRange(await read(chunk));
                continue;
            }
            catch (DbException e) when (engine.IsDamage(e))
            {
                // Which of them it was is seen below.
            }

            foreach (var name in chunk)
            {
                try
                {
                    rows.AddRange(await read([name]));
                }
                catch (DbException e) when (engine.IsDamage(e))
                {
                    if (unreadable(name, e) is { } row) rows.Add(row);
                }
            }
        }

        return rows;
    }

    /// <summary>Writes rows in one transaction. If a page of the file is damaged, all fails, so it is tried in halves until only the rows
    /// on that page are left as they are.</summary>
    /// <param name="write">Writes some of them.</param>
    /// <param name="nameOf">For the report of a row that can't be written.</param>
    /// <returns>How many were written.</returns>
    private async Task<int> WriteEachAsync<T>(IReadOnlyCollection<T> rows,
        Func<SqlSession, IReadOnlyCollection<T>, Task<int>> write, Func<T, string> nameOf, CancellationToken cancellationToken)
    {
        try
        {
            return await engine.WriteAsync(session => write(session, rows), cancellationToken);
        }
        catch (StoreException e) when (IsDamage(e) && rows.Count > 0)
        {
            if (rows.Count > 1)
            {
                var written = 0;
                foreach (var half in rows.Chunk((rows.Count + 1) / 2))
                    written += await WriteEachAsync(half, write, nameOf, cancellationToken);
                return written;
            }

            _damaged.Note(nameOf(rows.First()), "its place in the store is damaged, so it can't be written");
            return 0;
        }
    }

    private bool IsDamage(StoreException e) => e.InnerException is DbException cause && engine.IsDamage(cause);

    /// <summary>The row, or what stands for one that can't be read.</summary>
    private CertificateRecord ReadRecord(DbDataReader row)
    {
        var host = row.GetString(0);
        try
        {
            var record = Record(row);
            _damaged.Clear(CertificateOf(host));
            return record;
        }
        catch (Exception e) when (IsConversion(e))
        {
            return Damaged(host, e);
        }
    }

    private CertificateRecord Damaged(string host, Exception e)
    {
        var reason = $"its row can't be read ({Printable.Text(e.Message, 200)})";
        _damaged.Note(CertificateOf(host), reason);
        return CertificateRecord.Damaged(host, reason);
    }

    private CertificateSummary ReadSummary(DbDataReader row)
    {
        try
        {
            return new CertificateSummary(row.GetString(0), Time(row, 1), Time(row, 2), Text(row, 3), Time(row, 4), row.GetInt64(5))
            {
                RenewAt = Time(row, 6),
                // There are few CAs, and the text is kept once per host.
                DirectoryUrl = Text(row, 7) is { } url ? string.Intern(url) : null,
            };
        }
        catch (Exception e) when (IsConversion(e))
        {
            Damaged(row.GetString(0), e);
            var due = row.IsDBNull(4) ? (DateTimeOffset?)null : NearestTime(row.GetInt64(4));
            return new CertificateSummary(row.GetString(0), null, null, null, due, row.GetInt64(5)) { IsDamaged = true };
        }
    }

    /// <returns><c>null</c>: it can't be read. A challenge is over within hours, so it isn't counted.</returns>
    private static StoredChallenge? ReadChallenge(DbDataReader row)
    {
        try
        {
            return new StoredChallenge(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), NearestTime(row.GetInt64(4)));
        }
        catch (Exception e) when (IsConversion(e))
        {
            return null;
        }
    }

    /// <param name="damaged">Gets its domain if it can't be read.</param>
    private StoredPolicy? ReadPolicy(DbDataReader row, DateTimeOffset? servedUntil, HashSet<string> damaged)
    {
        try
        {
            return Stored(row, servedUntil);
        }
        catch (Exception e) when (IsConversion(e))
        {
            return Unreadable(row.GetString(0), e, damaged);
        }
    }

    private StoredPolicy? Unreadable(string domain, Exception e, HashSet<string> damaged)
    {
        damaged.Add(domain);
        _damaged.Note(HistoryOf(domain), $"what it was served with can't be read ({Printable.Text(e.Message, 200)})");
        return null;
    }
}
