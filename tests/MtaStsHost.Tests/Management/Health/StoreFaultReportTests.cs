using System.Text.Json;
using MtaStsHost.Storage;
using MtaStsHost.Testing;
using MtaStsHost.Tests.Storage;

namespace MtaStsHost.Tests.Management.Health;

/// <summary>What happens to the store is in <c>/health</c>, the log and the metrics within ten seconds, and no longer once it is over.
/// </summary>
public sealed class StoreFaultReportTests : IAsyncDisposable
{
    private const string Host = "mta-sts.example.com";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private AppFixture? _app;

    private string Store => _app!.Folder["data/mtastshost.db"];

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Row_OnADamagedPage_IsReportedUntilABackupIsRestored()
    {
        await StartAsync();
        await RowAsync(row => row is not null);
        var (path, backup) = (Store, _app!.Folder["data/backup.db"]);
        _app = await _app.RestartAsync(() =>
        {
            DamagedStore.Execute(path,
                $"""
                UPDATE certificates SET chain_pem = '{DamagedStore.Marked('B')}', key_pem = 'key', issuer = 'CA',
                    not_before = 1, not_after = 2, obtained_at = 1, directory_url = '', account_url = '',
                    due_at = 9000000000000, renew_at = 9000000000000
                """);
            DamagedStore.Execute(path, $"VACUUM INTO '{backup}'");
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(backup, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            DamagedStore.OverwritePage(path, 'B');
        });

        await ReportsAsync((1, true), "1");
        await _app.Log.LineAsync($"Damaged in the store: the certificate of {Host}: ");
        File.Move(backup, path, overwrite: true);

        await ReportsAsync((0, false), "0");
        await _app.Log.LineAsync("The store's file was deleted or replaced");
    }

    [Fact]
    public async Task File_Deleted_IsReportedAndReplaced()
    {
        await StartAsync();
        await RowAsync(row => row is not null);
        foreach (var file in (string[])["", "-wal", "-shm"]) File.Delete(Store + file);

        await _app!.Log.LineAsync("The store's file was deleted or replaced");
        await RowAsync(row => row is not null); // the host is in the queue of the new one
        await Eventually.IsTrueAsync(async () => (await _app.Service<IPolicyHistory>()
            .ReadInForceAsync(TestContext.Current.CancellationToken)).InForce.Count == 1, "what is served is in the new one", s_limit);
        await ReportsAsync((0, false), "0");
    }

    private async Task StartAsync() => _app = await AppFixture.StartAsync(
        $$"""
        { {{Json.HttpsEndpoints}}, "MtaSts": { "Domains": { "example.com": {{Json.Good}} } },
            "Acme": { "AcceptTermsOfService": true, "DirectoryUrl": "https://127.0.0.1:1/", "Preflight": false } }
        """);

    private async Task RowAsync(Func<CertificateRecord?, bool> condition) => await Eventually.IsTrueAsync(
        async () => condition(await _app!.Service<IStore>().FindAsync(Host, TestContext.Current.CancellationToken)), "the row", s_limit);

    private async Task ReportsAsync((int Damaged, bool HasError) expected, string metric) => await Eventually.IsTrueAsync(
        async () =>
        {
            using var json = JsonDocument.Parse(await _app!.GetTextAsync(_app.Management, "/health"));
            var storage = json.RootElement.GetProperty("storage");
            return (storage.GetProperty("damagedRows").GetInt32(), storage.GetProperty("lastError").ValueKind == JsonValueKind.String)
                == expected && (await _app.MetricsAsync())["mtastshost_store_damaged_rows"] == metric;
        },
        $"{expected}", s_limit);
}
