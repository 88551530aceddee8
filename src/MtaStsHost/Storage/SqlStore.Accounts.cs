using System.Data.Common;

namespace MtaStsHost.Storage;

/// <content>ACME accounts, and the orders that count against a CA's limit.</content>
internal sealed partial class SqlStore
{
    public Task<StoredAccount?> FindAccountAsync(string directoryUrl, string eabKeyId, CancellationToken cancellationToken) =>
        engine.ReadAsync(
            async session =>
            {
                try
                {
                    return (await session.QueryAsync(
                        "SELECT key_pem, url, contact FROM accounts WHERE directory_url = @0 AND eab_key_id = @1",
                        row => new StoredAccount(directoryUrl, eabKeyId, row.GetString(0), Text(row, 1), row.GetString(2)),
                        directoryUrl, eabKeyId)).FirstOrDefault();
                }
                catch (Exception e) when (IsConversion(e) || (e is DbException damage && engine.IsDamage(damage)))
                {
                    // Its key is lost, so another account takes its place.
                    _damaged.Note(AccountAt(directoryUrl),
                        $"it can't be read ({Printable.Text(e.Message, 200)}); another one is registered");
                    return null;
                }
            },
            cancellationToken);

    public Task SaveAccountAsync(StoredAccount account, CancellationToken cancellationToken) =>
        engine.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync(
                    """
                    INSERT INTO accounts (directory_url, eab_key_id, key_pem, url, contact) VALUES (@0, @1, @2, @3, @4)
                    ON CONFLICT (directory_url, eab_key_id) DO UPDATE SET
                        key_pem = excluded.key_pem, url = excluded.url, contact = excluded.contact
                    """,
                    account.DirectoryUrl, account.EabKeyId, account.KeyPem, account.Url, account.Contact);
                _damaged.Clear(AccountAt(account.DirectoryUrl));
                return true;
            },
            cancellationToken);

    public Task<DateTimeOffset?> CountOrderAsync(string directoryUrl, int limit, TimeSpan window, CancellationToken cancellationToken) =>
        engine.WriteAsync(
            async session =>
            {
                var now = Now;
                // Future ones were counted by a clock that was ahead.
                await session.ExecuteAsync("DELETE FROM orders WHERE directory_url = @0 AND (ordered_at <= @1 OR ordered_at > @2)",
                    directoryUrl, now - window, now);
                var count = await session.NumberAsync("SELECT COUNT(*) FROM orders WHERE directory_url = @0", directoryUrl) ?? 0;
                if (count < limit)
                {
                    await session.ExecuteAsync("INSERT INTO orders (directory_url, ordered_at) VALUES (@0, @1)", directoryUrl, now);
                    return (DateTimeOffset?)null;
                }

                // Free again once the window holds fewer than the limit.
                var leaving = await session.NumberAsync(
                    "SELECT ordered_at FROM orders WHERE directory_url = @0 ORDER BY ordered_at LIMIT 1 OFFSET @1",
                        directoryUrl, count - limit);
                return DateTimeOffset.FromUnixTimeMilliseconds(leaving!.Value) + window;
            },
            cancellationToken);
}
