using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Certificates;

/// <summary>The host is killed without warning, again and again, while it orders.</summary>
public sealed class KillTests
{
    /// <summary>The build without the native compiler takes a second to start, so fewer have to do there.</summary>
    private static readonly (int Kills, int Earliest, int Latest) s_run = HostBinary.IsNative ? (200, 20, 350) : (40, 300, 1500);

    private const int Names = 60;

    [Fact]
    public async Task Killed_200_times_at_random_it_loses_no_account_and_no_certificate_and_goes_on_from_there()
    {
        await using var ca = await PebbleInstallation.CreateAsync();
        var domains = Enumerable.Range(0, Names).Select(number => $"d{number}.example").ToList();
        ca.Configure(domains, new JsonObject { ["MaxConcurrentOrders"] = 4 });
        var random = new Random(8461);
        string? account = null;
        var seen = new Dictionary<string, DateTimeOffset>();

        for (var kill = 0; kill < s_run.Kills; kill++)
        {
            await using (HostProcess.Start(ca.Host.Command,
                new HostStart { Arguments = ca.Host.HttpsArguments, WorkingDirectory = ca.Host.Folder.Path }))
            {
                // From before the store is open to the middle of several orders; disposing of the process is kill -9.
                // On a slow machine, no order comes to its end that soon: later and later, until the first one has.
                var latest = s_run.Latest + (seen.Count == 0 ? 25 * kill : 0);
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(s_run.Earliest, latest)),
                    TimeProvider.System, TestContext.Current.CancellationToken);
            }

            if (!File.Exists(ca.Host.Folder["data/store.db"])) continue;
            using var store = Open(ca.Host.Folder["data/store.db"]);
            account = SameAccount(account, store);
            NothingLost(seen, store);
            // So that there is always something to order: existing certificates are renewed.
            Execute(
                store, "UPDATE certificates SET renewal_requested = 1, urgency = 0, due_at = 1 WHERE chain_pem IS NOT NULL AND order_url "
                + "IS NULL AND abs(random()) % 4 = 0");
            // A host that was killed leaves its leases, which run out within a minute; the test has no minute for each.
            Execute(store, "DELETE FROM leases");
        }

        Assert.NotNull(account);
        Assert.NotEmpty(seen);
        await using var host = await ca.StartAsync();
        await Eventually.IsTrueAsync(
            async () => (await ca.HealthAsync())["domains"]!.AsArray().All(one => (string?)one!["certificate"]!["state"] == "valid")
                && await ca.MetricAsync("mtastshost_acme_under_way") == 0,
            "every host has a certificate",
            TimeSpan.FromSeconds(180));
        using var last = Open(ca.Host.Folder["data/store.db"]);
        Assert.Equal("ok", Read(last, "PRAGMA integrity_check").Single()[0]);
        SameAccount(account, last);
        NothingLost(seen, last);
        Assert.Equal(Names, Read(last, "SELECT host FROM certificates WHERE chain_pem IS NOT NULL").Count);
        Assert.All(domains.Where((_, number) => number % 10 == 0),
            domain => Assert.Equal(200, ca.GetPolicyAsync(domain).GetAwaiter().GetResult().Status));
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>One account, and once the CA has named it, always that one.</summary>
    private static string? SameAccount(string? before, SqliteConnection store)
    {
        if (!HasTables(store)) return before;
        var urls = Read(store, "SELECT url FROM accounts").Select(row => row[0]).ToList();
        Assert.True(urls.Count <= 1);
        if (before is not null) Assert.Equal(before, Assert.Single(urls));
        return urls.SingleOrDefault();
    }

    /// <summary>A certificate that was in the store once is there, or a newer one.</summary>
    private static void NothingLost(Dictionary<string, DateTimeOffset> seen, SqliteConnection store)
    {
        if (!HasTables(store)) return;
        var now = Read(store, "SELECT host, obtained_at FROM certificates WHERE chain_pem IS NOT NULL AND key_pem IS NOT NULL")
            .ToDictionary(row => row[0]!,
                row => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(row[1]!, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.All(seen, old => Assert.True(now.TryGetValue(old.Key, out var at) && at >= old.Value, old.Key));
        foreach (var (host, at) in now) seen[host] = at;
    }

    private static bool HasTables(SqliteConnection store) =>
        Read(store, "SELECT name FROM sqlite_master WHERE name = 'accounts'").Count > 0;

    private static void Execute(SqliteConnection store, string sql)
    {
        if (!HasTables(store)) return;
        using var command = store.CreateCommand();
#pragma warning disable CA2100 // A constant of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static List<string?[]> Read(SqliteConnection store, string sql)
    {
        using var command = store.CreateCommand();
#pragma warning disable CA2100 // A constant of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<string?[]>();
        while (reader.Read()) rows.Add([.. Enumerable.Range(0, reader.FieldCount)
            .Select(column => reader.IsDBNull(column) ? null : reader.GetString(column))]);
        return rows;
    }
}
