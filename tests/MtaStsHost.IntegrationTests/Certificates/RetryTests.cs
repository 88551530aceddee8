using System.Globalization;
using System.Text.Json.Nodes;
using MtaStsHost.Testing;

namespace MtaStsHost.IntegrationTests.Certificates;

/// <summary>Names that fail are tried again when their schedule says so and not before, whatever happens to the host meanwhile.</summary>
public sealed class RetryTests
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_host_that_is_restarted_again_and_again_asks_no_sooner_for_a_name_that_failed()
    {
        await using var ca = await PebbleInstallation.CreateAsync();
        await ca.Pebble.FailDnsAsync("mta-sts.never.example");
        var (failures, domains) = (0.0, new List<string> { "never.example" });
        JsonNode? first = null;
        for (var start = 0; start < 6; start++)
        {
            // A new name each time: once it has its certificate, the queue has been read.
            domains.Add($"d{start}.example");
            ca.Configure(domains);
            await using var host = await ca.StartAsync();
            await ca.WaitForStateAsync($"d{start}.example", "valid", TimeSpan.FromSeconds(60));
            await ca.WaitForStateAsync("never.example", "failed");
            failures += await FailuresAsync(ca, "validation");
            first ??= (await ca.ListedAsync("never.example"))!;
            if (start % 2 == 0) await host.SignalAsync("TERM");
            else await host.SignalAsync("KILL");
            await host.WaitForExitAsync();
        }

        // By the schedule at most three in the first hour, the first of them at once.
        var now = (await ca.ListedAsync("never.example"))!;
        var attempts = TimeProvider.System.GetUtcNow() < Time(first!) ? 1 : 2;
        Assert.InRange(failures, 1, attempts);
        Assert.True(Time(now) - Time(first!) < s_hour && Time(now) > TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(1));
        Assert.Contains("did not validate tls-alpn-01", (string?)now["lastError"], StringComparison.Ordinal);

        static DateTimeOffset Time(JsonNode listed) => DateTimeOffset.Parse((string)listed["nextAttempt"]!, CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task With_preflight_on_the_CA_is_not_asked_for_a_name_without_an_address()
    {
        const ushort A = 1, Aaaa = 28;
        using var dns = new FakeDnsServer();
        await using var ca = await PebbleInstallation.CreateAsync();
        var preflight = new JsonObject { ["Preflight"] = true };
        var resolver = new JsonObject { ["Dns"] = new JsonObject { ["Resolvers"] = new JsonArray(dns.EndPoint.ToString()) } };
        ca.Configure(["one.example"], preflight, resolver);
        await using var host = await ca.StartAsync();
        await ca.WaitForStateAsync("one.example", "failed");

        Assert.Contains("mta-sts.one.example has no address in DNS", (string?)(await ca.CertificateAsync("one.example"))["lastError"],
            StringComparison.Ordinal);
        Assert.Equal(0, await ca.MetricAsync("mtastshost_acme_orders_total"));

        dns.Answer("mta-sts.one.example", A, [127, 0, 0, 1]);
        dns.Answer("mta-sts.one.example", Aaaa);
        // A change of the settings looks again at once, and not in a minute.
        preflight["MaxConcurrentOrders"] = 2;
        ca.Configure(["one.example"], preflight, resolver);
        await ca.WaitForStateAsync("one.example", "valid");
    }

    private static async Task<double> FailuresAsync(PebbleInstallation ca, string type) =>
        await ca.MetricAsync($"mtastshost_acme_failures_total{{type=\"{type}\"}}");
}
